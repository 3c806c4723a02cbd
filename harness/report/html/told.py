"""How foreign words are told: cut where they are long, or not at all where the reader wants no texts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.report.silent import kind as silent_kind

CUT = 2000


@dataclass(frozen=True)
class Told:
    """What may be told.

    Attributes:
        texts: Whether the page may hold texts; what else is left out then is left out of what was found already.
    """

    texts: bool

    def kind(self, what: str) -> str:
        """A failure's; a strategy's own may say anything."""
        return cut(what, 60) if self.texts else silent_kind(what)

    def warnings(self, found: Iterable[str]) -> list[str]:
        """Foreign ones may be of any length."""
        return [cut(one, 600) for one in found]


def cut(text: str, most: int = CUT) -> str:
    """A foreign text, no longer than `most` characters, and says so."""
    clean = text.replace("\r\n", "\n").replace("\t", "    ")
    return clean if len(clean) <= most else f"{clean[:most]}… [cut: {len(clean) - most:,} more characters]"
