"""How often a field's value is missing, said to be none, or made up.

missing[due]    the target has a value, the answer leaves the key out        of the rows whose target has one
null[due]       the target has a value, the answer says null or an empty one  of the same rows
invented[due]   the target has no value, the answer has one                   of the rows whose target has none

Smaller is better, so none of them is a metric; a limit may name them.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.scoring.fieldcounts import RowCounts

RATES = ("missing", "null", "invented")


def happened(row: RowCounts, place: int, rate: str) -> bool | None:
    """Whether it happened to a field of a row; None where it could not have."""
    wanted, given, told_none = row.wanted[place], row.given[place], row.told_none[place]
    if (rate == "invented") == wanted:
        return None
    if rate == "invented":
        return given
    return not given and told_none == (rate == "null")


def events(rows: Sequence[RowCounts], place: int) -> dict[str, list[bool]]:
    """By rate, whether it happened in each row in which it could have."""
    return {rate: [told for row in rows if (told := happened(row, place, rate)) is not None] for rate in RATES}


def part(row: RowCounts, place: int, rate: str) -> tuple[float, float]:
    """What a row adds: how often it happened, how often it could have."""
    told = happened(row, place, rate)
    return float(bool(told)), float(told is not None)
