"""Gaps between groups that share no rows, such as two slices.

independent_difference(56, 70, 48, 80)  -> Gap(value=0.2, low=0.052, high=0.334, p_value=0.009)
mean_gap([0.9, 0.4, ...], [0.7, ...])   -> Gap of the means
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from harness.stats.intervals import LEVEL, tail_of, wilson

_FEW = 5  # expected in a cell: below that the exact test


class Gap(NamedTuple):
    """Group a minus group b.

    Attributes:
        value: The estimate.
        low: Lower end of the interval.
        high: Upper end.
        p_value: Two-sided, of no gap.
    """

    value: float
    low: float
    high: float
    p_value: float


def independent_difference(successes_a: int, n_a: int, successes_b: int, n_b: int, level: float = LEVEL) -> Gap:
    """Gap of two shares of different rows.

    Sources: Newcombe, 1998, "Interval estimation for the difference between independent proportions", method
    10, from Wilson's intervals. The test is the N - 1 chi-squared (Campbell, 2007, "Chi-squared and
    Fisher-Irwin tests of two-by-two tables with small sample recommendations"), and Fisher's exact one where a
    cell expects fewer than 5.

    Args:
        successes_a: Right answers in group a.
        n_a: Its rows.
        successes_b: Right answers in group b.
        n_b: Its rows.
        level: Confidence.
    """
    low_a, high_a = wilson(successes_a, n_a, level)
    low_b, high_b = wilson(successes_b, n_b, level)
    if n_a == 0 or n_b == 0:
        raise ValueError(f"there is no gap to a group without rows: n_a={n_a!r}, n_b={n_b!r}")
    share_a, share_b = successes_a / n_a, successes_b / n_b
    value = share_a - share_b
    return Gap(
        value=value,
        low=value - ((share_a - low_a) ** 2 + (high_b - share_b) ** 2) ** 0.5,
        high=value + ((high_a - share_a) ** 2 + (share_b - low_b) ** 2) ** 0.5,
        p_value=_test(successes_a, n_a, successes_b, n_b),
    )


def mean_gap(scores_a: Sequence[float], scores_b: Sequence[float], level: float = LEVEL) -> Gap:
    """Gap of two means of different rows.

    Source: Welch, 1947, "The generalization of Student's problem when several different population variances are
    involved". It takes two rows of each group at least.

    Args:
        scores_a: One for each row of group a.
        scores_b: One for each row of group b.
        level: Confidence.
    """
    import numpy as np
    from scipy.stats import ttest_ind

    if min(len(scores_a), len(scores_b)) < 2:
        raise ValueError(f"Welch's test takes 2 rows of each group, not {len(scores_a)} and {len(scores_b)}")
    tail_of(level)
    a, b = np.asarray(scores_a, dtype=np.float64), np.asarray(scores_b, dtype=np.float64)
    value = float(a.mean() - b.mean())
    if np.ptp(a) == 0 and np.ptp(b) == 0:
        return Gap(value, value, value, 1.0 if abs(value) < 1e-12 else 0.0)
    found = ttest_ind(a, b, equal_var=False)
    ends = found.confidence_interval(level)
    return Gap(value, float(ends.low), float(ends.high), float(found.pvalue))


def _test(successes_a: int, n_a: int, successes_b: int, n_b: int) -> float:
    from math import erfc

    from scipy.stats import fisher_exact

    n = n_a + n_b
    right = successes_a + successes_b
    if right in (0, n):
        return 1.0
    if min(n_a, n_b) * min(right, n - right) < _FEW * n:
        table = [[successes_a, n_a - successes_a], [successes_b, n_b - successes_b]]
        return float(fisher_exact(table).pvalue)
    cross = successes_a * (n_b - successes_b) - successes_b * (n_a - successes_a)
    chi_squared = cross * cross * (n - 1) / (n_a * n_b * right * (n - right))
    return erfc((chi_squared / 2) ** 0.5)
