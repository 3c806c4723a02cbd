"""A provider's answers, taken for what they hold and never for what they should hold."""

from __future__ import annotations

import hashlib
import math
from datetime import UTC, datetime
from typing import Any

_MARK = 16  # hexadecimal digits: short enough for a suffix of 18 characters (Mistral)
_LONGEST = 18  # digits of a count: Python refuses to read some thousands of them


def mark(key: str) -> str:
    """What stands for a run's key in names that are short or take few letters."""
    return "h" + hashlib.sha256(key.encode()).hexdigest()[:_MARK]


def rows(value: object) -> list[dict[str, Any]]:
    """The objects of a list; empty where it is none."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def table(value: object) -> dict[str, Any]:
    """An object; empty where it is none."""
    return value if isinstance(value, dict) else {}


def text(value: object) -> str | None:
    """A text that says something."""
    return value if isinstance(value, str) and value.strip() else None


def texts(value: object) -> tuple[str, ...]:
    return tuple(found for found in value if isinstance(found, str)) if isinstance(value, list) else ()


def whole(value: object) -> int | None:
    """A count; some providers write one as text."""
    if isinstance(value, str) and value.isdecimal() and len(value) <= _LONGEST:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def figure(value: object) -> float | None:
    """A finite number, from a number or from text."""
    try:
        number = float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def moment(value: object) -> datetime | None:
    """A time, from seconds since 1970 or from ISO 8601."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return datetime.fromtimestamp(value, UTC)
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found
