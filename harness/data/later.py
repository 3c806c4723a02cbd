"""Which rows are the latest.

test: 0.2              the latest fifth of the rows; the boundary moves on when the file grows
test: 300              the latest 300, likewise
test: "2026-09-01"     all from that moment on: what was test stays test, and train never sees it
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from harness.data.items import Item
from harness.data.saying import counted
from harness.data.times import moments, pinned
from harness.errors import DataError, SuiteError
from harness.suite import Splits


class Late(NamedTuple):
    """Rows by time.

    Attributes:
        test: Indices of the latest.
        rest: Those of the others.
        remark: From when on, for the reader, and how to keep it.
    """

    test: list[int]
    rest: list[int]
    remark: str


def cut(items: Sequence[Item], splits: Splits) -> Late:
    """Cuts off the latest rows; rows of one moment stay on one side, the one that comes nearer to what is asked.

    Raises:
        SuiteError: The size of test is none.
        DataError: A date cannot be read, or nothing lies on one of the sides.
    """
    column = splits.time or ""
    when = moments([item.time for item in items], [item.place for item in items], column)
    if isinstance(splits.test, str):
        begins = pinned(splits.test)
        if begins is None:
            raise SuiteError(f"{splits.test!r} is no moment such as '2026-09-01'", where="splits.test")
    else:
        begins = _boundary(sorted(when), _wanted(splits.test, len(items)), column)
    test = [i for i, moment in enumerate(when) if moment >= begins]
    rest = [i for i, moment in enumerate(when) if moment < begins]
    if not test or not rest:
        span = f"; its rows go from {moment_said(min(when))} to {moment_said(max(when))}" if when else ""
        side = "before" if test else "from"
        on = "" if test else " on"
        raise DataError(f"no row lies {side} {moment_said(begins)}{on} by {column!r}{span}", where="splits.test")
    said = f"Test is the rows from {moment_said(begins)} on by {column!r} ({counted(len(test))})."
    if not isinstance(splits.test, str):
        said += (
            " As the file grows this moment moves on, and what was test becomes train: to keep it, say "
            f'`test: "{moment_said(begins)}"`.'
        )
    return Late(test, rest, said)


def moment_said(moment: datetime) -> str:
    """As `test:` takes it: a day where it is midnight in UTC, else to the second or finer, with its zone.

    >>> from datetime import UTC, datetime
    >>> moment_said(datetime(2026, 9, 1, tzinfo=UTC)), moment_said(datetime(2026, 9, 1, 14, 5, tzinfo=UTC))
    ('2026-09-01', '2026-09-01T14:05:00+00:00')
    """
    midnight = not (moment.hour or moment.minute or moment.second or moment.microsecond)
    return moment.date().isoformat() if midnight and not moment.utcoffset() else moment.isoformat()


def _wanted(share: int | float | str, rows: int) -> int:
    if isinstance(share, float) and not 0 < share < 1:
        raise SuiteError(f"a fraction lies between 0 and 1, {share} does not", where="splits.test")
    if isinstance(share, int) and share < 1:
        raise SuiteError(f"test needs at least one row, not {share}", where="splits.test")
    wanted = share if isinstance(share, int) else max(1, round(float(share) * rows))
    if wanted >= rows:
        raise DataError(f"test asks for the latest {wanted:,} rows and there are {rows:,}", where="splits.test")
    return wanted


def _boundary(ordered: Sequence[datetime], wanted: int, column: str) -> datetime:
    """The first moment of test."""
    at = ordered[len(ordered) - wanted]
    before = sum(moment < at for moment in ordered)
    after = sum(moment > at for moment in ordered)
    with_ties, without = len(ordered) - before, after
    if not before and not after:
        raise DataError(f"all rows have the same moment by {column!r}: there is no latest", where="splits.time")
    if not before or (after and wanted - without < with_ties - wanted):
        return min(moment for moment in ordered if moment > at)
    return at
