"""Whether groups of rows do equally well: tests that which group a row is in makes no difference.

group    right  wrong
phone       52     22
mail       194     32      -> chi-squared, p = 0.003; by permutation where a cell expects fewer than 5

Any other figure: rows change groups at random, and the spread of the groups' figures is compared with that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from harness.models import Scorer
from harness.scoring.rowsums import KnowsSums, mean_of_rows, row_sums
from harness.scoring.tally import Pair
from harness.stats.bootstrap import blocks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from harness.scoring.rowsums import Figure

    Floats = NDArray[np.float64]

FEW = 5  # expected in a cell: below that no chi-squared
FIRST = 499  # draws; where they leave no doubt, no more are made
DRAWS = 4999
DOUBT = 0.1


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
        groups: Number of the group of each row, from 0, none left out.
    """
    import numpy as np

    known = isinstance(scorer, KnowsSums)
    sums = row_sums(scorer, figure, trials) if known else mean_of_rows(scorer, figure, trials)
    place = np.asarray(groups, dtype=np.int64)
    if not sums.is_mean:
        return _permuted(np.stack(sums.parts, axis=1), place, sums.figure)
    scores = np.mean(sums.scores, axis=0)
    if np.isin(scores, (0.0, 1.0)).all() and (found := _chi_squared(scores, place)) is not None:
        return found
    parts = np.stack([scores, np.ones_like(scores)], axis=1)[:, None]
    return _permuted(parts, place, lambda s: s[..., 0] / s[..., 1])


def _chi_squared(scores: Floats, place: NDArray[np.int64]) -> Sameness | None:
    """Of right and wrong by group; None where a cell expects too few rows."""
    import numpy as np
    from scipy.stats import chi2

    rows = np.bincount(place)
    share = float(scores.mean())
    if share in (0.0, 1.0):
        return Sameness(1.0, "chi-squared")
    if min(share, 1 - share) * rows.min() < FEW:
        return None
    away = np.bincount(place, weights=scores) - rows * share
    statistic = float((away**2 / (rows * share * (1 - share))).sum())
    return Sameness(float(chi2.sf(statistic, len(rows) - 1)), "chi-squared")


def _permuted(parts: Floats, place: NDArray[np.int64], figure: Figure) -> Sameness:
    """By the spread between groups of a figure of sums.

    Rows that add the same are drawn as one: how many of each sort fall into each group is a random table with the
    margins seen (Patefield, 1981, "An efficient method of generating random R x C tables"). A first few draws that
    leave no doubt are enough; otherwise new ones decide, so that looking twice does not count.

    Args:
        parts: What each row adds, (rows, trials, ...).
        place: Each row's group.
        figure: From sums, (draws, ...), to figures, (draws,).
    """
    import numpy as np
    from scipy.stats import random_table

    sorts, sort_of = np.unique(parts.reshape(len(parts), -1), axis=0, return_inverse=True)
    table = np.zeros((len(sorts), int(place.max()) + 1))
    np.add.at(table, (sort_of.reshape(-1), place), 1)
    rows = table.sum(axis=0)
    margins = random_table(table.sum(axis=1).astype(np.int64), rows.astype(np.int64))
    rng = np.random.default_rng(0)

    def spread(tables: Floats) -> Floats:
        sums = (tables.transpose(0, 2, 1).reshape(-1, len(sorts)) @ sorts).reshape(-1, *parts.shape[2:])
        means = np.asarray(figure(sums)).reshape(len(tables), len(rows), parts.shape[1]).mean(axis=2)
        middle = (means * rows).sum(axis=1, keepdims=True) / rows.sum()
        found: Floats = ((means - middle) ** 2 * rows).sum(axis=1)
        return found

    seen = float(spread(table[None])[0])
    for draws in (FIRST, DRAWS):
        above = 0
        for size in blocks(draws, table.size):
            drawn = margins.rvs(size=size, random_state=rng).reshape(size, *table.shape)
            above += int((spread(drawn) >= seen * (1 - 1e-9)).sum())
        p_value = (1 + above) / (1 + draws)
        if p_value > DOUBT:
            break
    return Sameness(p_value, "permutation")
