"""What is done about test rows whose text also stands in train or validation.

data: {leakage: refuse}   # or drop: leave those test rows out; or allow: keep them and say so
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from harness.data.checks import find_leaks, leaking_texts
from harness.data.items import Item
from harness.data.saying import quoted
from harness.data.taskdata import Finding, Group, SplitName
from harness.errors import DataError

_SHOWN = 3


class Settled(NamedTuple):
    """The test split as it will be used.

    Attributes:
        test: Its rows.
        leaks: What leaked before any row was dropped.
        dropped: How many rows were.
    """

    test: tuple[Item, ...]
    leaks: Finding
    dropped: int


def settle(splits: Mapping[SplitName, Sequence[Item]], leakage: Literal["refuse", "drop", "allow"]) -> Settled:
    """Does with leaking test rows what the suite says.

    Raises:
        DataError: There are some and the suite says `refuse`; shows the first and the two ways out.
    """
    leaks = find_leaks(splits)
    test = tuple(splits["test"])
    if not leaks.rows or leakage == "allow":
        return Settled(test, leaks, 0)
    if leakage == "refuse":
        shown = "".join(f"\n    {_said(group)}" for group in leaks.examples[:_SHOWN])
        raise DataError(
            f"{leaks.rows:,} of {len(test):,} test rows also stand in train or validation, up to case, blanks and "
            f"Unicode form, so that remembering them would count as knowing:{shown}\n"
            "  `leakage: drop` leaves these test rows out, `leakage: allow` keeps them",
            where="leakage",
        )
    learnt = leaking_texts(splits)
    kept = tuple(item for item in test if item.normal not in learnt)
    return Settled(kept, leaks, len(test) - len(kept))


def _said(group: Group) -> str:
    places = ", ".join(f"{copy.split}: {copy.place}" for copy in group.copies)
    return f"{quoted(group.text)} ({places})"
