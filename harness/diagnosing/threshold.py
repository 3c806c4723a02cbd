"""From which confidence on answers may stand, so that few enough of them are wrong: chosen on validation.

surest rows   wrong   at most, 95 % sure
93            1       0.050     <- tested first, at a ceiling of 0.05
103           1       0.045     <- the threshold: its least confidence
113           3       0.068     <- too many: the search ends
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

RISK = 0.05  # that the ceiling is broken although a threshold was chosen
STEPS = 20
_LEAST_SHARE = 0.1  # of the rows; what the few surest ones are like cannot be told
_MOST_ROWS = 1_000_000


class Levels(NamedTuple):
    """Answering only what is at least so sure, the surest first.

    Attributes:
        threshold: The least confidence answered, (levels,), falling.
        answered: Rows at least as sure, (levels,).
        wrong: Those of them that are wrong, (levels,).
    """

    threshold: Floats
    answered: Ints
    wrong: Ints


def levels(confidence: Floats, right: Floats) -> Levels:
    """Every level there is: one for each confidence told; rows that told none are in no level."""
    import numpy as np

    there = ~np.isnan(confidence)
    values, place = np.unique(-confidence[there], return_inverse=True)
    answered = np.cumsum(np.bincount(place, minlength=len(values)))
    wrong = np.cumsum(np.bincount(place, weights=1 - right[there], minlength=len(values)))
    return Levels(-values, answered.astype(np.int64), np.rint(wrong).astype(np.int64))


def holding(found: Levels, ceiling: float) -> float | None:
    """The lowest threshold at which the true share of wrong answers is under the ceiling, 95 % sure.

    Fixed-sequence testing (Angelopoulos et al., 2021, "Learn then test"): coverages are tested from small to
    large, each with the exact binomial test that underlies Clopper and Pearson's bound, until one fails. Their
    order does not depend on what is right, so the chance that the one chosen breaks the ceiling is at most 5 %,
    whatever the number tested. The first is the least number of rows that passes with one wrong among them, or
    with none where there are not as many. In simulations it finds a threshold about twice as often as the binary
    search with Bonferroni's correction of Geifman and El-Yaniv (2017, "Selective classification for deep neural
    networks"), which promises the same.

    Args:
        found: Of validation.
        ceiling: The largest share of wrong answers, between 0 and 1.

    Returns:
        None where not even the first passes.
    """
    import numpy as np

    rows = int(found.answered[-1]) if len(found.answered) else 0
    start = next((n for n in (least_rows(ceiling, 1), least_rows(ceiling, 0)) if n <= rows), None)
    if start is None:
        return None
    step = max(1, rows // STEPS)
    tested = np.unique(np.searchsorted(found.answered, [*range(start, rows, step), rows]))
    failed = ~passes(found.wrong[tested], found.answered[tested], ceiling)
    kept = int(failed.argmax()) if failed.any() else len(tested)
    return float(found.threshold[tested[kept - 1]]) if kept else None


def passes(wrong: Ints, answered: Ints, ceiling: float) -> NDArray[np.bool_]:
    """Whether so few wrong ones would be rare, at most 1 in 20, if the true share were the ceiling."""
    from scipy.special import bdtr

    found: NDArray[np.bool_] = bdtr(wrong, answered, ceiling) <= RISK
    return found


def least_rows(ceiling: float, wrong: int) -> int:
    """The fewest rows that pass with so many wrong among them."""
    import numpy as np

    low, high = wrong + 1, 2
    while not passes(np.array(wrong), np.array(high), ceiling):
        low, high = high, high * 2
    while low < high:
        middle = (low + high) // 2
        if passes(np.array(wrong), np.array(middle), ceiling):
            high = middle
        else:
            low = middle + 1
    return high


def rows_needed(found: Levels, rows: int, ceiling: float) -> int | None:
    """About how many validation rows would allow a threshold, if more were like these; None where none would.

    Args:
        found: Of validation.
        rows: Validation rows, failures included.
        ceiling: The largest share of wrong answers.
    """
    import numpy as np

    wide = np.flatnonzero(found.answered >= max(1, math.ceil(rows * _LEAST_SHARE)))
    if not len(wide):
        return None
    kept = wide[np.unique(np.linspace(0, len(wide) - 1, STEPS).astype(int))]
    share = found.wrong[kept] / found.answered[kept]
    many = np.unique(np.geomspace(10, _MOST_ROWS, 400).astype(np.int64))
    fine = passes(np.rint(share[:, None] * many).astype(np.int64), many[None, :], ceiling)
    # Counts are whole, so that a few rows may pass where some more do not: from where on all pass.
    from_there = np.flip(np.logical_and.accumulate(np.flip(fine, axis=1), axis=1), axis=1)
    possible = from_there.any(axis=1)
    if not possible.any():
        return None
    answered = many[from_there.argmax(axis=1)]
    return math.ceil(float((answered / found.answered[kept] * rows)[possible].min()))
