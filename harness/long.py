"""What is seen of a text that is longer than a limit of tokens: its head, head and tail, or all of it in chunks.

    limit 12 tokens      the room was fine. breakfast came late. but the view, and the staff, were superb.
    head                 the room was fine. breakfast came late.
    middle               the room […] and the staff, were superb.
    chunks               the room was fine. breakfast came late. / late. but the view, and the staff, / …

Tokens are always counted by the model's own tokenizer: what is kept was measured, never guessed. Cuts fall between
words, and between characters where a script has no blanks. Nothing of the harness is imported: exports copy this
file.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from harness.records import Long

Cut = Literal["head", "middle", "chunks"]
Count = Callable[[str], int]  # tokens of a text, with all that stands round it

MARK = " […] "  # where the middle was
HEAD_SHARE = 0.25  # of what `middle` keeps; Sun et al. (2019) kept 128 tokens of the head and 382 of the tail
OVERLAP = 0.1  # of a chunk's characters, that the next one begins with
_SPECIAL = 8  # tokens that a tokenizer may put round a text
_LOOKS = 6  # by interpolation; then by halving
_LONGEST_WORD = 64  # characters; what is longer is no word, and is cut anywhere

# Scripts that put no blanks between words: Thai to Myanmar, Khmer, kana and Han with their punctuation.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
_BREAK = re.compile(rf"(?<=\s)(?=\S)|(?<=[{_UNSPACED}])|(?=[{_UNSPACED}])|(?<=\S{{{_LONGEST_WORD}}})(?=\S)")
_SENTENCE = re.compile(r"[.!?…]['\"\u2019\u201d)\]]*\s+|[\u3002\uff01\uff1f]\s*|\n+\s*")


class Piece(NamedTuple):
    """A part of a text that a model sees at once; `tokens` with all that stands round it."""

    text: str
    tokens: int


def cut_of(long: Long | None) -> Cut | None:
    """What a task has done with a text that is too long; None where nothing is cut."""
    return None if long is None or long == "fail" else long


def surely_fits(text: str, limit: int) -> bool:
    """Whether a text is so short that its tokens need not be counted: none has less than a byte.

    >>> surely_fits("fine", 256)
    True
    """
    return len(text) + _SPECIAL <= limit and len(text.encode(errors="replace")) + _SPECIAL <= limit


def pieces(text: str, how: Cut, limit: int, count: Count) -> tuple[Piece, ...]:
    """What of a text is seen: one piece or, for `chunks`, several that cover it.

    Args:
        text: The text; one within the limit comes back whole.
        how: What is done with a longer one.
        limit: The most tokens of a piece.
        count: Counts them.

    Returns:
        Pieces within the limit, in order; none where not even a character fits.
    """
    whole = count(text)
    if whole <= limit:
        return (Piece(text, whole),)
    around = count("")
    if around >= limit:
        return ()
    likely = len(text) * (limit - around) // max(1, whole - around)
    measured = _Measured(text, limit, count, around, max(1, likely))
    if how == "chunks":
        return tuple(_chunks(measured))
    kept = _middle(measured) if how == "middle" else None
    if kept is None:
        head = _from(measured, 0, breaks(text))
        kept = head.text if head else None
    return () if kept is None else (Piece(kept, count(kept)),)


class _Measured(NamedTuple):
    """A text that is to be cut.

    Attributes:
        text: The text.
        limit: The most tokens.
        count: Counts them.
        around: Tokens of what stands round it.
        likely: About so many of its characters fit.
    """

    text: str
    limit: int
    count: Count
    around: int
    likely: int


class _Stretch(NamedTuple):
    text: str
    start: int  # where it stands in the whole text
    end: int


def _from(of: _Measured, start: int, ends: Sequence[int]) -> _Stretch | None:
    """The longest stretch from a place on that fits; inside a word only where that alone is too long."""
    text = of.text
    first = bisect_left(ends, start + 1)
    guess = bisect_left(ends, start + of.likely) - first
    kept = _most(of, len(ends) - first, guess, lambda n: text[start : ends[first + n - 1]].rstrip())
    if kept:
        end = ends[first + kept - 1]
        return _Stretch(text[start:end].rstrip(), start, end)
    inside = [i for i in range(start + 1, ends[first] + 1) if _whole_before(text, i)]
    kept = _most(of, len(inside), of.likely, lambda n: text[start : inside[n - 1]])
    return _Stretch(text[start : inside[kept - 1]], start, inside[kept - 1]) if kept else None


def _middle(of: _Measured) -> str | None:
    """A quarter of the words from the start and three quarters from the end; None where they do not fit."""
    text, ends = of.text, breaks(of.text)

    def joined(words: int) -> str:
        begin = max(1, round(words * HEAD_SHARE))
        tail = text[ends[len(ends) - 1 - (words - begin)] :]
        return text[: ends[begin - 1]].rstrip() + MARK + tail.lstrip()

    kept = _most(of, len(ends) - 2, bisect_left(ends, of.likely) - 2, lambda n: joined(n + 1))
    return joined(kept + 1) if kept else None


def _chunks(of: _Measured) -> list[Piece]:
    ends = breaks(of.text)
    stops = [match.end() for match in _SENTENCE.finditer(of.text)]
    found = _greedy(of, 0, ends, stops)
    if len(found) > 1:
        last = found[-2:]
        both = sum(of.count(each.text) - of.around for each in last)
        # A last chunk of three words would weigh as much as a whole one: it shares with the one before.
        half = of.around + both // 2 + (of.limit - of.around) // 8
        even = of._replace(limit=min(of.limit, half), likely=of.likely // 2)
        again = _greedy(even, last[0].start, ends, stops)
        found = [*found[:-2], *(again if len(again) == 2 else last)]
    return [Piece(each.text, of.count(each.text)) for each in found]


def _greedy(of: _Measured, start: int, ends: Sequence[int], stops: Sequence[int]) -> list[_Stretch]:
    """Chunks one after the other, each as long as it may be, ending with a sentence where one ends late in it."""
    found: list[_Stretch] = []
    while start < len(of.text):
        stretch = _from(of, start, ends)
        if stretch is None:
            return []
        end = stretch.end
        if end < len(of.text):
            stop = bisect_left(stops, end + 1) - 1
            if stop >= 0 and stops[stop] > start + (end - start) * 2 // 3:
                end = stops[stop]
        text = of.text[start:end].strip()
        if text:
            found.append(_Stretch(text, start, end))
        if end == len(of.text):
            break
        back = ends[bisect_left(ends, end - int((end - start) * OVERLAP))]
        start = min(end, back) if back > start else end
    return found


def breaks(text: str) -> list[int]:
    """Places where a text may be cut, its end last: before words, and round characters of scripts without blanks.

    >>> breaks("fine room")
    [5, 9]
    """
    found = [m.start() for m in _BREAK.finditer(text) if 0 < m.start() < len(text)]
    return [*(i for i in found if _whole_before(text, i)), len(text)]


def _whole_before(text: str, place: int) -> bool:
    """Whether no character is torn apart there: an accent or a joiner belongs to what is before it."""
    if place >= len(text):
        return True
    after = text[place]
    joins = text[place - 1] == "\u200d" or after == "\u200d"
    return not joins and not unicodedata.category(after).startswith("M")


def _most(of: _Measured, most: int, guess: int, text: Callable[[int], str]) -> int:
    """The largest of 1 to `most` whose text fits, or one that leaves hardly a token unused; 0 where none fits.

    Sought from a guess on by interpolation, since each look costs a pass of the tokenizer.
    """
    low, low_tokens = 0, of.around  # fits
    high, high_tokens = most + 1, 0  # does not, or is not there
    probe, looks = guess, 0
    while high - low > 1:
        probe = min(max(probe, low + 1), high - 1)
        tokens, looks = of.count(text(probe)), looks + 1
        if tokens <= of.limit:
            low, low_tokens = probe, tokens
            if of.limit - tokens <= of.limit // 64:
                break
        else:
            high, high_tokens = probe, tokens
        if looks > _LOOKS:
            probe = (low + high) // 2
        elif high_tokens:
            probe = low + (high - low) * (of.limit - low_tokens) // max(1, high_tokens - low_tokens)
        else:
            probe = low + max(1, low * (of.limit - low_tokens) // max(1, low_tokens - of.around))
    return low
