"""Whether groups of rows do equally well: tests that which group a row is in makes no difference.

group    right  wrong
phone       52     22
mail       194     32      -> chi-squared, p = 0.003; by permutation where a cell expects fewer than 5

Any other figure: rows change groups at random, and the spread of the groups' figures is compared with its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from harness.models import Scorer
from harness.scoring.rowsums import KnowsSums, mean_of_rows, row_sums
from harness.scoring.tally import Pair

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from harness.scoring.rowsums import Figure

    Floats = NDArray[np.float64]

FEW = 5  # expected in a cell: below that no chi-squared
DRAWS = 4999
_AT_ONCE = 2_000_000  # numbers


class Sameness(NamedTuple):
    """A test of all groups at once.

    Attributes:
        p_value: That they are the same, before any correction.
        how: Which test.
    """

    p_value: float
    how: str


def same(scorer: Scorer, figure: str, trials: Sequence[Sequence[Pair]], groups: Sequence[int]) -> Sameness:
    """Tests whether a figure is the same in all groups.

    Source of the chi-squared test: Pearson, 1900; of the permutation test: Fisher, 1935, "The Design of
    Experiments". Rows are what is permuted, each with the answers of all seeds, so that several seeds are no more
    rows. A plugin's figure that is neither a mean over rows nor known by sums is tested by its rows' own scores.

    Args:
        scorer: Who gives the figure.
        figure: Its name.
        trials: Targets and answers of each row, for each seed in the same order of rows.
        groups: Number of the group of each row, from 0.
    """
    import numpy as np

    known = isinstance(scorer, KnowsSums)
    sums = row_sums(scorer, figure, trials) if known else mean_of_rows(scorer, figure, trials)
    place = np.asarray(groups, dtype=np.int64)
    if not sums.is_mean:
        return Sameness(_permuted([np.asarray(part) for part in sums.parts], place, sums.figure), "permutation")
    scores = np.mean(sums.scores, axis=0)
    if np.isin(scores, (0.0, 1.0)).all():
        return _right_or_wrong(scores, place)
    parts = np.column_stack([scores, np.ones_like(scores)])
    return Sameness(_permuted([parts], place, lambda s: s[..., 0] / s[..., 1]), "permutation")


def _right_or_wrong(scores: Floats, place: NDArray[np.int64]) -> Sameness:
    import numpy as np
    from scipy.stats import chi2

    rows = np.bincount(place)
    right = np.asarray(np.bincount(place, weights=scores), dtype=np.float64)
    n, total = len(scores), int(scores.sum())
    if total in (0, n):
        return Sameness(1.0, "chi-squared")
    share = total / n

    def statistic(right: Floats) -> Floats:
        found: Floats = ((right - rows * share) ** 2 / (rows * share * (1 - share))).sum(axis=-1)
        return found

    seen = float(statistic(right))
    if min(share, 1 - share) * rows.min() >= FEW:
        return Sameness(float(chi2.sf(seen, len(rows) - 1)), "chi-squared")
    # How many right rows fall into each group when rows change places at random.
    drawn = np.random.default_rng(0).multivariate_hypergeometric(rows, total, size=DRAWS)
    return Sameness(_p(statistic(np.asarray(drawn, dtype=np.float64)), seen), "permutation")


def _permuted(parts: Sequence[Floats], place: NDArray[np.int64], figure: Figure) -> float:
    import numpy as np

    rng = np.random.default_rng(0)
    order = np.argsort(place, kind="stable")
    rows = np.bincount(place)
    starts = np.concatenate([[0], np.cumsum(rows)[:-1]])
    flat = np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1)
    shape = parts[0].shape[1:]

    def spread(orders: NDArray[np.int64]) -> Floats:
        sums = np.add.reduceat(flat[orders], starts, axis=1).reshape(len(orders), len(rows), len(parts), *shape)
        each = np.asarray(figure(sums.reshape(-1, *shape))).reshape(len(orders), len(rows), len(parts))
        means = each.mean(axis=2)
        middle = (means * rows).sum(axis=1, keepdims=True) / rows.sum()
        found: Floats = ((means - middle) ** 2 * rows).sum(axis=1)
        return found

    seen = float(spread(order[None])[0])
    size = max(1, _AT_ONCE // flat.size)
    drawn = []
    for start in range(0, DRAWS, size):
        count = min(size, DRAWS - start)
        drawn.append(spread(rng.permuted(np.tile(np.arange(len(flat)), (count, 1)), axis=1)))
    return _p(np.concatenate(drawn), seen)


def _p(drawn: Floats, seen: float) -> float:
    """The share of draws at least as far out, the seen one among them."""
    return float((1 + (drawn >= seen * (1 - 1e-9)).sum()) / (1 + len(drawn)))
