"""How foreign words are told: cut where they are long, or not at all where the reader wants no texts."""

from __future__ import annotations

from harness.report import silent

CUT = 2000


def kind(what: str, *, texts: bool) -> str:
    """A failure's; a strategy's own may say anything."""
    return cut(what, 60) if texts else silent.kind(what)


def cut(text: str, most: int = CUT) -> str:
    """A foreign text, no longer than `most` characters, and says so."""
    clean = text.replace("\r\n", "\n").replace("\t", "    ")
    return clean if len(clean) <= most else f"{clean[:most]}… [cut: {len(clean) - most:,} more characters]"
