"""The same text about someone else: terms of one column replaced by those of another. Pure.

sets     [he, she], [his, her]
he->she  He lost his keys  ->  She lost her keys
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Swap:
    """Replaces whole words, keeping their case.

    Attributes:
        name: The first set's terms, such as ``he->she``.
        pattern: Finds any term.
        other: Term, in small letters and with single blanks, to what stands instead.
        terms: The same key to the term as the suite writes it.
    """

    name: str
    pattern: re.Pattern[str]
    other: Mapping[str, str]
    terms: Mapping[str, str]

    @classmethod
    def of(cls, sets: Sequence[Sequence[str]], column: int, instead: int) -> Swap:
        """From sets of terms that stand for each other; a term that stands in several goes by the first.

        Args:
            sets: As the suite gives them, each with as many terms.
            column: The place of what is replaced.
            instead: The place of what replaces it.
        """
        other: dict[str, str] = {}
        terms: dict[str, str] = {}
        for each in sets:
            if _key(each[column]) not in other:
                other[_key(each[column])] = each[instead]
                terms[_key(each[column])] = each[column]
        # The longest first: `his own` before `his`.
        words = [
            r"\s+".join(map(re.escape, term.split())) for term in sorted(terms.values(), key=len, reverse=True)
        ]
        pattern = re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)
        return cls(f"{sets[0][column]}->{sets[0][instead]}", pattern, other, terms)

    def holds(self, text: str) -> bool:
        """Whether a term stands in it."""
        return self.pattern.search(text) is not None

    def apply(self, text: str) -> str:
        """The text with every term replaced."""
        return self.pattern.sub(self._instead, text)

    def _instead(self, match: re.Match[str]) -> str:
        found = match.group()
        key = _key(found)
        if key not in self.other:  # a letter that is another one in small, such as a dotted capital I
            return found
        return cased(self.other[key], found, self.terms[key])


def cased(word: str, like: str, term: str) -> str:
    """A word in the case in which a term was found.

    Args:
        word: What stands instead, as the suite writes it.
        like: The term as it was found.
        term: The term as the suite writes it; found so, `word` stays as the suite writes it too.

    >>> [cased("she", found, "he") for found in ("he", "He", "HE")], cased("Turkish", "german", "German")
    (['she', 'She', 'SHE'], 'turkish')
    """
    if like == term:
        return word
    if like.isupper() and len(like) > 1:
        return word.upper()
    if like[:1].isupper():
        return word[:1].upper() + word[1:]
    return word.lower() if like.islower() else word


def _key(term: str) -> str:
    return " ".join(term.lower().split())
