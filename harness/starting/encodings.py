r"""Which encoding a file's bytes are in.

b"Gr\xc3\xbc\xc3\x9fe"   utf-8: they decode, and few other bytes would
b"Gr\xfc\xdfe"           cp1252: they do not, and as Windows' own they are what western languages write
b"G\0r\0\xfc\0"   utf-16-le: a zero in every other byte, though no mark says so
anything else            what charset-normalizer says
"""

from __future__ import annotations

import codecs
import re

# What western European texts have beside ASCII: letters, typographic quotes and dashes, signs.
_WESTERN = frozenset(
    "äöüßÄÖÜáàâãåéèêëíìîïóòôõøúùûñçæœý"
    "ÁÀÂÃÅÉÈÊËÍÌÎÏÓÒÔÕØÚÙÛÑÇÆŒ\u2019\u2018“”„\u201a\u2013—…•€£°§«»¡¿©®™²³½\u00b4·\u00d7ºª \u2030"
)
# Three of them in a row are no western word, but a word of another alphabet misread.
_RUN = re.compile(r"[À-ÖØ-öø-ÿ]{3}")
_ENOUGH = 0.95  # of the bytes that are not ASCII
_BROKEN = 0.2  # broken sequences to sound ones, up to which a text is UTF-8 all the same
_ZEROS = 0.8  # of one byte of each pair, and at most the rest of the other
_SAMPLE = 200_000  # bytes that charset-normalizer is shown
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(content: bytes) -> str:
    """The encoding of a text, as Python names it; utf-8 for what is ASCII alone.

    Args:
        content: Its bytes, or their beginning.
    """
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name
    wide = _wide(content)
    if wide is not None:
        return wide
    decoded = codecs.getincrementaldecoder("utf-8")(errors="replace").decode(content)
    broken = decoded.count("\ufffd")
    if not broken and b"\0" not in content[:4096]:
        return "utf-8"
    sound = sum(1 for character in decoded if character > "\x7f") - broken
    if broken <= _BROKEN * sound:
        return "utf-8"
    if _is_western(content):
        return "cp1252"
    return _told(content)


def _wide(content: bytes) -> str | None:
    """UTF-16 without its mark: western texts, and the layout of any table, have a zero in every other byte."""
    start = content[:4096]
    pairs = len(start) // 2
    first, second = start[0 : 2 * pairs : 2].count(0), start[1 : 2 * pairs : 2].count(0)
    if max(first, second) < _ZEROS * pairs or min(first, second) > (1 - _ZEROS) * pairs or not pairs:
        return None
    return "utf-16-le" if second > first else "utf-16-be"


def _is_western(content: bytes) -> bool:
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        return False
    other = [character for character in text if character > "\x7f"]
    usual = sum(character in _WESTERN for character in other)
    runs = sum(len(run) for run in _RUN.findall(text))
    return usual - runs >= _ENOUGH * len(other)


def _told(content: bytes) -> str:
    from charset_normalizer import from_bytes

    lines = [line for line in content.splitlines(keepends=True) if not line.isascii()]
    sample = content[:_SAMPLE] if b"\0" in content[:4096] else b"".join(lines)[:_SAMPLE]
    best = from_bytes(sample).best()
    return best.encoding if best is not None else "cp1252"
