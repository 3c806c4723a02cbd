"""How messages about data say counts and texts."""

from __future__ import annotations

from collections.abc import Iterable

_TEXT = 60  # characters
_NAMES = 5


def counted(count: int, noun: str = "row") -> str:
    """Such as ``1 row`` or ``2,000 rows``."""
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"


def quoted(text: str) -> str:
    """A text in quotes, cut where it is long."""
    return repr(text if len(text) <= _TEXT else text[: _TEXT - 1] + "…")


def few(names: Iterable[str]) -> str:
    """The first names, and how many more there are."""
    listed = list(names)
    more = f" and {len(listed) - _NAMES} more" if len(listed) > _NAMES else ""
    return ", ".join(listed[:_NAMES]) + more
