"""The difference of two shares of right answers on the same rows.

    mcnemar(a_only=17, b_only=10, n=300, margin=0.02)
    -> Difference(value=0.023, low=-0.011, high=0.060, p_value=0.25, p_tied=0.55)

17 rows speak for a and 10 for b; the other 273 say nothing of which is better.
"""

from __future__ import annotations

from typing import NamedTuple

from harness.stats.intervals import LEVEL, Interval, normal_quantile


class Difference(NamedTuple):
    """Strategy a minus strategy b.

    Attributes:
        value: The estimate.
        low: Lower end of the interval.
        high: Upper end.
        p_value: Two-sided, of no difference.
        p_tied: Of a difference as large as the margin, either way: small where the two are tied.
    """

    value: float
    low: float
    high: float
    p_value: float
    p_tied: float


def mcnemar(a_only: int, b_only: int, n: int, margin: float, level: float = LEVEL) -> Difference:
    """McNemar's exact test of two paired shares, their difference's interval and the test of a tie.

    Sources: McNemar, 1947, for the test, here exact: a_only is binomial with 1/2 among the rows on which one is
    right. Tango, 1998, "Equivalence test and confidence interval for the difference in proportions for the
    paired-sample design", for the interval and for `p_tied`, the larger p of his two one-sided score tests,
    with a continuity correction of half a row: without it they are too sure where few rows are discordant.
    Where none is, `p_tied` is (1 - margin)**n, the chance of seeing none. The test of no difference is exact
    and so a little cautious: the interval may leave 0 out where p_value is just above 0.05.

    Args:
        a_only: Rows on which a is right and b is wrong.
        b_only: Rows on which b is right and a is wrong.
        n: All rows.
        margin: The difference that matters, such as 0.02.
        level: Confidence of the interval.
    """
    from scipy.stats import binomtest

    if a_only < 0 or b_only < 0 or a_only + b_only > n:
        raise ValueError(f"no such counts: {a_only!r} and {b_only!r} discordant rows of n={n!r}")
    if n == 0:
        raise ValueError("there is no difference of no rows")
    check_margin(margin)
    discordant = a_only + b_only
    p_value = float(binomtest(a_only, discordant).pvalue) if discordant else 1.0
    low, high = _tango(a_only, b_only, n, level)
    return Difference((a_only - b_only) / n, low, high, p_value, _tied(a_only, b_only, n, margin))


def check_margin(margin: float) -> None:
    if not margin > 0:
        raise ValueError(f"margin must be above 0, such as 0.02, not {margin!r}")


def _tied(a_only: int, b_only: int, n: int, margin: float) -> float:
    from statistics import NormalDist

    if margin >= 1:
        return 0.0
    if a_only + b_only == 0:
        return float((1 - margin) ** n)
    above = _score(a_only, b_only, n, -margin, -0.5)
    below = -_score(a_only, b_only, n, margin, 0.5)
    return 1 - NormalDist().cdf(min(above, below))


def _tango(a_only: int, b_only: int, n: int, level: float) -> Interval:
    from scipy.optimize import brentq

    z = normal_quantile(level)
    value = (a_only - b_only) / n
    edge = 1 - 1e-12
    low, high = -1.0, 1.0
    if b_only < n:
        low = float(brentq(lambda d: _score(a_only, b_only, n, d) - z, -edge, value, xtol=1e-10))
    if a_only < n:
        high = float(brentq(lambda d: _score(a_only, b_only, n, d) + z, value, edge, xtol=1e-10))
    return Interval(low, high)


def _score(a_only: int, b_only: int, n: int, difference: float, correction: float = 0.0) -> float:
    """Tango's z of the hypothesis that a minus b is `difference`, the rest at its likeliest under it."""
    linear = -a_only - b_only + (2 * n - a_only + b_only) * difference
    constant = -b_only * difference * (1 - difference)
    share = ((linear * linear - 8 * n * constant) ** 0.5 - linear) / (4 * n)  # of rows that only b gets right
    variance = n * (2 * share + difference * (1 - difference))
    away = a_only - b_only - n * difference + correction
    if variance <= 0:
        return 0.0 if away == 0 else float("inf") if away > 0 else float("-inf")
    return float(away / variance**0.5)
