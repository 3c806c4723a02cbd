"""How often a field's value is missing, said to be none, or made up.

missing[due]    the target has a value, the answer leaves the key out         of the rows whose target has one
null[due]       the target has a value, the answer says null or an empty one  of the same rows
invented[due]   the target has no value, the answer has one                   of the rows whose target has none

Smaller is better, so none of them is a metric; a limit may name them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from harness.scoring.fieldcounts import RowCounts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATES = ("missing", "null", "invented")


class Events(NamedTuple):
    """Of one rate: whether it happened, and whether it could have; (rows, fields) each."""

    happened: NDArray[np.bool_]
    could: NDArray[np.bool_]


def events(rows: Sequence[RowCounts], rate: str) -> Events:
    """Where a rate's event happened.

    Args:
        rows: Judged answers; at least one.
        rate: One of `RATES`.
    """
    import numpy as np

    wanted, given, told_none = (
        np.array(side, dtype=bool)
        for side in zip(*((row.wanted, row.given, row.told_none) for row in rows), strict=True)
    )
    if rate == "invented":
        return Events(given & ~wanted, ~wanted)
    return Events(wanted & ~given & (told_none if rate == "null" else ~told_none), wanted)
