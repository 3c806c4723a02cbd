"""Formulas against scipy's own and against the coverage that they claim."""

from __future__ import annotations

import random

import numpy as np
import pytest
from scipy.stats import binom, binomtest, quantile_test

from harness.stats import Interval, percentile_interval, wilson, with_failures


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
@pytest.mark.parametrize(
    ("successes", "n"), [(0, 1), (1, 1), (0, 40), (3, 7), (40, 40), (275, 300), (99_990, 100_000)]
)
def test_wilson_is_scipys(successes: int, n: int, level: float) -> None:
    theirs = binomtest(successes, n).proportion_ci(confidence_level=level, method="wilson")
    assert pytest.approx((theirs.low, theirs.high), abs=1e-12) == tuple(wilson(successes, n, level))


def test_wilson_gives_the_interval_of_the_worked_example() -> None:
    found = wilson(275, 300)
    assert ("0.880", "0.943") == (f"{found.low:.3f}", f"{found.high:.3f}")


def test_wilson_of_all_and_none_ends_at_exactly_one_and_zero() -> None:
    assert (1.0, 0.0) == (wilson(37, 37).high, wilson(0, 37).low)


def test_wilson_of_no_rows_knows_nothing() -> None:
    assert Interval(0.0, 1.0) == wilson(0, 0)


@pytest.mark.parametrize("n", [20, 60, 300])
def test_wilson_covers_as_often_as_it_claims(n: int) -> None:
    """Averaged over the true share; exact sums, no simulation. The textbook interval gives 0.87 at n = 20."""
    bounds = [wilson(k, n) for k in range(n + 1)]
    shares = np.linspace(0.02, 0.98, 97)
    covered = [
        sum(binom.pmf(k, n, share) for k, b in enumerate(bounds) if b.low <= share <= b.high) for share in shares
    ]
    assert pytest.approx(0.95, abs=0.008) == np.mean(covered)


@pytest.mark.parametrize(("successes", "n"), [(-1, 10), (11, 10), (0, -1)])
def test_wilson_refuses_impossible_counts(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match="successes must be 0 to n"):
        wilson(successes, n)


@pytest.mark.parametrize("level", [0.0, 1.0, 95])
def test_a_level_is_between_zero_and_one(level: float) -> None:
    with pytest.raises(ValueError, match="level must be between 0 and 1"):
        wilson(1, 2, level)


def test_failures_are_wrong_for_the_low_bound_and_right_for_the_high_one() -> None:
    assert Interval(wilson(80, 100).low, wilson(90, 100).high) == with_failures(80, answered=90, failed=10)


def test_no_failures_give_wilsons_interval() -> None:
    assert wilson(80, 90) == with_failures(80, answered=90, failed=0)


def test_if_all_failed_nothing_is_known() -> None:
    found = with_failures(0, answered=0, failed=50)
    assert (0.0, 1.0) == tuple(found)


def test_more_right_than_answered_is_refused() -> None:
    with pytest.raises(ValueError, match="no such counts: 91 right of 90 answered"):
        with_failures(91, answered=90, failed=10)


@pytest.mark.parametrize(("q", "first"), [(0.5, 6), (0.95, 72), (0.99, 368)])
def test_a_percentile_has_an_upper_bound_from_so_many_answers_on(q: float, first: int) -> None:
    assert percentile_interval(range(first - 1), q).high is None
    assert first - 1 == percentile_interval(range(first), q).high  # the largest of them


def test_a_percentile_without_a_lower_bound_is_bounded_by_zero() -> None:
    assert 0.0 == percentile_interval([3.0, 4.0, 5.0, 6.0, 7.0], 0.5).low


def test_a_percentile_interval_is_scipys() -> None:
    """The ranks of both ends, over sample sizes and percentiles."""
    rng = random.Random(0)
    for _ in range(60):
        n, q = rng.randint(5, 400), rng.choice([0.1, 0.5, 0.9, 0.95, 0.99])
        values = [rng.lognormvariate(0, 1) for _ in range(n)]
        theirs = quantile_test(values, q=0, p=q).confidence_interval(0.95)
        found = percentile_interval(values, q)
        low, high = found.low or float("nan"), float("nan") if found.high is None else found.high
        np.testing.assert_array_equal([theirs.low, theirs.high], [low, high], err_msg=f"n={n} q={q}")


def test_a_percentile_interval_covers_as_often_as_it_claims() -> None:
    """Order statistics are conservative, by less than one rank at each end."""
    rng = np.random.default_rng(0)
    true = -np.log(1 - 0.9)  # of the exponential distribution
    found = [percentile_interval(rng.exponential(size=150).tolist(), 0.9) for _ in range(2000)]
    covered = np.mean([f.low <= true <= (f.high if f.high is not None else np.inf) for f in found])
    assert 0.95 <= covered <= 0.975


def test_a_percentile_interpolates_between_values() -> None:
    assert 2.5 == percentile_interval([4.0, 1.0, 3.0, 2.0], 0.5).value


def test_a_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no percentile of no values"):
        percentile_interval([], 0.5)


def test_a_percentile_is_given_as_a_share() -> None:
    with pytest.raises(ValueError, match="q must be between 0 and 1, not 95"):
        percentile_interval([1.0], 95)
