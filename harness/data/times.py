"""From a cell of a column of dates to a moment, and from moments to where test begins.

2026-09-01, 2026-09-01T10:00:00Z, 2026-09-01 10:00   ISO 8601; without a zone it is taken as UTC
1756720800, 1756720800000                            seconds or milliseconds since 1970
46266.5                                              days, as Excel counts them
31.08.2026, 8/31/2026                                day and month in an order that the column's other rows tell
03.04.2026 and nothing beyond 12 anywhere            refused: is it March or April?
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from harness.errors import DataError

_SLASHED = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_NUMBER = re.compile(r"\d+(\.\d+)?")
_EXCEL = datetime(1899, 12, 30, tzinfo=UTC)
_EXCEL_DAYS = (20_000, 80_000)  # 1954 to 2119
_SECONDS = (3e8, 5e9)  # 1979 to 2128
_SHOWN = 3


def moments(cells: Sequence[str], places: Sequence[str], column: str) -> list[datetime]:
    """The moments of a column, each with a zone.

    Args:
        cells: As the file has them.
        places: Where each row stands, for messages.
        column: Its name, for messages.

    Raises:
        DataError: Some are no date, or whether day or month comes first cannot be told; `where` is ``time``.
    """
    day_first = _day_first(cells, places, column)
    found = [_moment(cell.strip(), day_first=day_first) for cell in cells]
    wrong = [i for i, moment in enumerate(found) if moment is None]
    if wrong:
        shown = "; ".join(f"{places[i]}: {cells[i]!r:.60}" for i in wrong[:_SHOWN])
        raise DataError(
            f"{len(wrong):,} of {len(cells):,} rows have no date in the column {column!r} ({shown}). Write "
            f"dates as 2026-08-31 or 2026-08-31T14:05, or leave rows without one out with "
            f"`where: {{{column}: {{empty: false}}}}`",
            where="time",
        )
    return [moment for moment in found if moment is not None]


def pinned(text: str) -> datetime | None:
    """The moment of `test: "2026-09-01"`; None for a text that is no ISO date, such as a path."""
    return _iso(text.strip())


def _day_first(cells: Sequence[str], places: Sequence[str], column: str) -> bool:
    day: list[int] = []
    month: list[int] = []
    either: list[int] = []
    for index, cell in enumerate(cells):
        match = _SLASHED.fullmatch(cell.strip())
        if match is None:
            continue
        first, second = int(match[1]), int(match[3])
        (day if first > 12 else month if second > 12 else either if first != second else []).append(index)
    if day and month:
        raise DataError(
            f"the column {column!r} has dates with the day first ({places[day[0]]}: {cells[day[0]]!r}) and "
            f"with the month first ({places[month[0]]}: {cells[month[0]]!r}): write them as 2026-08-31",
            where="time",
        )
    if either and not day and not month:
        raise DataError(
            f"{places[either[0]]}: whether the day or the month comes first in {cells[either[0]]!r} cannot "
            f"be told, and no row of the column {column!r} has a number above 12 there: write dates as 2026-08-31",
            where="time",
        )
    return bool(day)


def _moment(cell: str, *, day_first: bool) -> datetime | None:
    if _NUMBER.fullmatch(cell):
        return _counted(cell)
    match = _SLASHED.fullmatch(cell)
    if match is None:
        return _iso(cell)
    first, second = int(match[1]), int(match[3])
    day, month = (first, second) if day_first else (second, first)
    hour, minute, second_of_it = (int(part or 0) for part in match.group(5, 6, 7))
    try:
        return datetime(int(match[4]), month, day, hour, minute, second_of_it, tzinfo=UTC)
    except ValueError:
        return None


def _iso(cell: str) -> datetime | None:
    if not re.match(r"\d{4}-?\d{2}-?\d{2}", cell):
        return None
    try:
        moment = datetime.fromisoformat(re.sub(r" ?UTC$", "+00:00", cell))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _counted(cell: str) -> datetime | None:
    if re.fullmatch(r"(19|20)\d{6}", cell):  # 20260831; as seconds it would be in 1970
        return _iso(cell)
    number = float(cell)
    if _EXCEL_DAYS[0] <= number < _EXCEL_DAYS[1]:
        return _EXCEL + timedelta(days=number)
    for scale in (1, 1e3, 1e6, 1e9):
        if _SECONDS[0] <= number / scale < _SECONDS[1]:
            return datetime.fromtimestamp(number / scale, tz=UTC)
    return None
