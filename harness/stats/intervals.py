"""Intervals that have a formula.

    wilson(successes=275, n=300)            -> Interval(low=0.880, high=0.943)
    percentile_interval(seconds, q=0.95)    -> Percentile(value=0.061, low=0.055, high=None)   # under 72 answers

All are two-sided at `level`, half of the risk on each side. A wrong argument is a programmer's mistake, so it
raises ValueError.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

LEVEL = 0.95


class Interval(NamedTuple):
    """Where the true figure lies, at the level asked for."""

    low: float
    high: float


class Percentile(NamedTuple):
    """A percentile of latency, in the unit of what was measured.

    Attributes:
        value: The point estimate.
        low: Lower bound; 0 where the sample gives none, since nothing takes less than no time.
        high: Upper bound; None where the sample is too small to give one: then do not print the value either.
    """

    value: float
    low: float
    high: float | None


def wilson(successes: int, n: int, level: float = LEVEL) -> Interval:
    """Wilson's score interval of a proportion.

    Source: Wilson, 1927, "Probable inference, the law of succession, and statistical inference". Nearer its
    claim than the textbook interval for few rows and for proportions near 0 or 1, where it stays within 0 and
    1. Of no rows it is all of 0 to 1.

    Args:
        successes: How many of `n` were right.
        n: How many there were.
        level: Confidence, such as 0.95.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"successes must be 0 to n, not {successes!r} of n={n!r}")
    z = normal_quantile(level)
    if n == 0:
        return Interval(0.0, 1.0)
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    # At the ends the formula gives 0 and 1 but for rounding.
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == n else centre + half
    return Interval(low, high)


def with_failures(successes: int, answered: int, failed: int, level: float = LEVEL) -> Interval:
    """Wilson's interval of a proportion, widened by what the failures could have been.

    Source: Horowitz and Manski, 2000, "Nonparametric analysis of randomized experiments with missing covariate
    and outcome data", whose worst-case bounds these are, at the outer ends of Wilson's. The low bound counts
    every failure as wrong, the high bound counts every failure as right, which needs no assumption about why
    rows failed.

    Args:
        successes: How many of the answered rows were right.
        answered: How many rows were answered.
        failed: How many were not.
        level: Confidence.
    """
    if failed < 0 or not 0 <= successes <= answered:
        raise ValueError(f"no such counts: {successes!r} right of {answered!r} answered, {failed!r} failed")
    n = answered + failed
    return Interval(wilson(successes, n, level).low, wilson(successes + failed, n, level).high)


def across_parts(values: Sequence[float], intervals: Sequence[Interval]) -> Interval:
    """Interval of the mean of figures of rows apart, such as each label's recall, from their own intervals.

    Source: Zou and Donner, 2008, "Construction of confidence limits about effect measures: a general approach"
    (MOVER), which adds the distances from a value to its limits as variances are added.

    Args:
        values: The figures.
        intervals: Of each, all at one level.
    """
    value, n = sum(values) / len(values), len(values)
    down = sum((each - interval.low) ** 2 for each, interval in zip(values, intervals, strict=True)) ** 0.5
    up = sum((interval.high - each) ** 2 for each, interval in zip(values, intervals, strict=True)) ** 0.5
    return Interval(value - down / n, value + up / n)


def percentile_interval(seconds: Sequence[float], q: float, level: float = LEVEL) -> Percentile:
    """A percentile with an interval whose bounds are two of the measured values.

    Source: Hahn and Meeker, 1991, "Statistical Intervals: A Guide for Practitioners", chapter 5. It
    holds for any distribution of latencies: how many of n values lie under the true percentile is binomial.
    Each bound is missed with a probability of at most half of 1 - level. The upper one exists only where the
    largest value is above the percentile that surely, 1 - q**n >= (1 + level) / 2: at 0.95 from 72 values on
    for p95, from 368 on for p99.

    Args:
        seconds: What was measured, in any order.
        q: Which percentile, between 0 and 1: 0.95 for p95. The estimate interpolates (Hyndman and Fan's type 7).
        level: Confidence.
    """
    import numpy as np
    from scipy.stats import binom

    if not 0 < q < 1:
        raise ValueError(f"q must be between 0 and 1, not {q!r}")
    if len(seconds) == 0:
        raise ValueError("there is no percentile of no values")
    tail = tail_of(level)
    ordered = np.sort(np.asarray(seconds, dtype=np.float64))
    n = len(ordered)
    # at_most[i]: the chance that at most i of the n values lie under the true percentile
    at_most = binom.cdf(np.arange(n), n, q)
    below = int(np.searchsorted(at_most, tail, side="right"))  # the low bound's rank, from 1; 0 for none
    above = int(np.searchsorted(at_most, 1 - tail, side="left"))  # the high bound's rank, from 0; n for none
    return Percentile(
        value=float(np.quantile(ordered, q)),
        low=float(ordered[below - 1]) if below else 0.0,
        high=float(ordered[above]) if above < n else None,
    )


def tail_of(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, such as 0.95, not {level!r}")
    return (1 - level) / 2


def normal_quantile(level: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(1 - tail_of(level))
