"""Bootstrapped differences, with and without seeds: against formulas, and the error rates that they claim."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom, ttest_rel

from harness.scoring import tally
from harness.stats import (
    Paired,
    bootstrap_confusion,
    crossed_difference,
    crossed_interval,
    mcnemar,
    paired_bootstrap,
    wilson,
)

Floats = NDArray[np.float64]


def mean(sums: Floats) -> Floats:
    return sums[..., 0] / sums[..., 1]


def scores(values: Floats) -> Floats:
    return np.column_stack([values, np.ones(len(values))])


def cells(pattern: list[int], rows: int) -> Floats:
    """Right or wrong of each group as parts."""
    return np.array(pattern, dtype=np.float64)[:, None] / rows


def total(sums: Floats) -> Floats:
    return sums[..., 0]


def answered(targets: NDArray[np.int64], answers: NDArray[np.int64], labels: int) -> Floats:
    parts, row = np.zeros((len(targets), 3, labels)), np.arange(len(targets))
    parts[row, 0, targets] = targets == answers
    parts[row, 1, targets] = 1
    parts[row, 2, answers] = 1
    return parts


def within(rate: float, claimed: float, n: int) -> bool:
    """Whether a rate over n simulations could be the one claimed: within its central 99.9 %."""
    low, high = binom.interval(0.999, n, claimed)
    return bool(low <= round(rate * n) <= high)


def test_a_difference_of_many_rows_is_the_paired_t_tests() -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(0.60, 0.1, 400)
    b = a + rng.normal(-0.015, 0.1, 400)
    found = paired_bootstrap(
        Paired(scores(a), scores(b), np.ones(400, dtype=np.int64), mean), 0.02, resamples=8000
    )
    expected = ttest_rel(a, b)
    ends = expected.confidence_interval()
    assert pytest.approx(float(np.mean(a - b))) == found.value
    assert pytest.approx((ends.low, ends.high), abs=0.0006) == (found.low, found.high)
    assert pytest.approx(expected.pvalue, rel=0.25) == found.p_value


def test_a_surer_difference_has_a_p_that_no_number_of_draws_resolves() -> None:
    rng = np.random.default_rng(0)
    b = rng.normal(0.5, 0.1, 200)
    a = b + rng.normal(0.05, 0.1, 200)
    found = paired_bootstrap(Paired(scores(a), scores(b), np.ones(200, dtype=np.int64), mean), 0.02)
    assert pytest.approx(np.log10(ttest_rel(a, b).pvalue), abs=1) == np.log10(found.p_value)
    assert found.p_value < 1e-6


def test_right_and_wrong_come_out_near_mcnemar() -> None:
    times = np.array([1900, 40, 22, 38])
    found = paired_bootstrap(
        Paired(cells([1, 1, 0, 0], 2000), cells([1, 0, 1, 0], 2000), times, total), margin=0.02
    )
    expected = mcnemar(40, 22, 2000, margin=0.02)
    assert pytest.approx((expected.low, expected.high), abs=0.0006) == (found.low, found.high)
    assert pytest.approx(expected.p_value, abs=0.012) == found.p_value
    assert found.p_tied < 0.05


def test_the_same_answers_are_tied_only_if_there_are_enough_of_them() -> None:
    parts = cells([1, 0], 100)
    few, many = (paired_bootstrap(Paired(parts, parts, np.array([n, n]), total), 0.02) for n in (25, 250))
    assert pytest.approx((1.0, 0.98**50)) == (few.p_value, few.p_tied)
    assert pytest.approx(0.98**500) == many.p_tied
    assert many.high < 0.02 < few.high


def test_three_rows_are_never_a_difference() -> None:
    found = paired_bootstrap(Paired(cells([1, 1], 300), cells([1, 0], 300), np.array([297, 3]), total), 0.02)
    assert found.p_value >= 0.25


def test_the_sides_change_places() -> None:
    a, b, times = cells([1, 1, 0, 0], 100), cells([1, 0, 1, 0], 100), np.array([60, 25, 10, 5])
    one, other = (paired_bootstrap(Paired(*sides, times, total), 0.02) for sides in ((a, b), (b, a)))
    assert pytest.approx((one.value, one.low, one.high), abs=1e-6) == (-other.value, -other.high, -other.low)
    assert pytest.approx((one.p_value, one.p_tied)) == (other.p_value, other.p_tied)


def test_groups_of_like_rows_are_as_good_as_the_rows() -> None:
    times = np.array([60, 25, 10, 5])
    a, b = cells([1, 1, 0, 0], 100), cells([1, 0, 1, 0], 100)
    grouped = paired_bootstrap(Paired(a, b, times, total), 0.02)
    rows = np.repeat(np.arange(4), times)
    single = paired_bootstrap(Paired(a[rows], b[rows], np.ones(100, dtype=np.int64), total), 0.02)
    assert pytest.approx(tuple(grouped), abs=0.01) == tuple(single)


@pytest.mark.parametrize("n", [60, 200])
def test_equal_macro_f1_is_called_different_as_often_as_claimed(n: int) -> None:
    rng, simulations = np.random.default_rng(1), 200
    called, covered = [], []
    for seed in range(simulations):
        targets = rng.choice(3, n, p=[0.6, 0.25, 0.15])
        wrong = rng.random((2, n)) < 0.25
        a, b = ((targets + wrong[side] * rng.integers(1, 3, n)) % 3 for side in (0, 1))
        kinds, times = np.unique(np.column_stack([targets, a, b]), axis=0, return_counts=True)
        sides = (answered(kinds[:, 0], kinds[:, 1], 3), answered(kinds[:, 0], kinds[:, 2], 3))
        found = paired_bootstrap(Paired(*sides, times, tally.macro_f1), 0.02, seed=seed, resamples=600)
        called.append(found.p_value < 0.05)
        covered.append(found.low <= 0 <= found.high)
    assert within(float(np.mean(called)), 0.05, simulations)
    assert within(float(np.mean(covered)), 0.95, simulations)


@pytest.mark.parametrize("n", [50, 150])
def test_equal_means_of_skewed_scores_are_called_different_as_often_as_claimed(n: int) -> None:
    """a is perfect but for rare failures, b always mediocre, with the same mean: the plain t test is at 0.13."""
    rng, simulations = np.random.default_rng(2), 200
    times = np.ones(n, dtype=np.int64)
    called = []
    for seed in range(simulations):
        a = np.where(rng.random(n) < 0.1, 0.0, 1.0)
        b = rng.uniform(0.85, 0.95, n)
        found = paired_bootstrap(Paired(scores(a), scores(b), times, mean), 0.02, seed=seed, resamples=600)
        called.append(found.p_value < 0.05)
    assert within(float(np.mean(called)), 0.05, simulations)


def test_skewed_scores_a_margin_apart_are_called_tied_at_most_as_often_as_claimed() -> None:
    rng, simulations, n = np.random.default_rng(3), 150, 150
    times = np.ones(n, dtype=np.int64)
    called = []
    for seed in range(simulations):
        b = rng.beta(8, 2, n)
        a = np.where(
            rng.random(n) < 0.1, b + 0.2, b
        )  # a is better by the margin, all of it on a tenth of the rows
        pair = Paired(scores(a), scores(b), times, mean)
        called.append(paired_bootstrap(pair, 0.02, seed=seed, resamples=600).p_tied < 0.05)
    assert np.mean(called) <= binom.ppf(0.999, simulations, 0.05) / simulations


def test_one_trial_has_the_interval_of_its_rows() -> None:
    counts = np.array([[160, 20], [30, 140]])
    targets, answers = np.nonzero(counts)
    parts = answered(targets, answers, 2)
    found = crossed_interval([parts], counts[targets, answers], tally.macro_f1)
    assert pytest.approx(tuple(bootstrap_confusion(counts, tally.macro_f1)), abs=0.004) == tuple(found)


def test_a_difference_that_no_draw_varies_has_wilsons_bound_of_the_rows_that_differ() -> None:
    right, wrong = cells([1], 40), cells([0], 40)
    found = crossed_difference([right, right], [wrong], np.array([40]), total, 0.02)
    unseen = wilson(0, 40).high
    assert (1.0, 1 - unseen, 1 + unseen) == pytest.approx((found.value, found.low, found.high))


def test_one_row_is_no_division_by_nothing() -> None:
    found = crossed_difference([cells([1], 1)], [cells([0], 1)], np.array([1]), total, 0.02)
    assert 1.0 == found.p_value
    assert found.low < 1.0 - 0.5


def test_the_same_answers_under_three_seeds_are_no_surer_than_under_one() -> None:
    parts, times = cells([1, 0], 100), np.array([80, 20])
    one, three = (crossed_interval([parts] * seeds, times, total) for seeds in (1, 3))
    assert pytest.approx(tuple(one), abs=1e-9) == tuple(three)


def seeds_apart(rng: np.random.Generator, seeds: int, spread: float) -> tuple[list[Floats], NDArray[np.int64]]:
    """1,000 rows, 70 % easy; each seed moves the chance to be right by a normal amount."""
    rows = 1000
    easy = np.where(rng.random(rows) < 0.7, 0.8, 0.3)
    moved = rng.normal(0, spread, (seeds, 1))
    kinds, times = np.unique(rng.random((seeds, rows)) < easy + moved, axis=1, return_counts=True)
    return [kind[:, None] / rows for kind in kinds.astype(np.float64)], times


@pytest.mark.parametrize(("seeds", "spread"), [(2, 0.05), (3, 0.05), (5, 0.05)])
def test_an_interval_over_seeds_covers_as_often_as_it_claims(seeds: int, spread: float) -> None:
    rng, simulations = np.random.default_rng(4), 150
    covered = []
    for seed in range(simulations):
        trials, times = seeds_apart(rng, seeds, spread)
        found = crossed_interval(trials, times, total, seed=seed, resamples=300)
        covered.append(found.low <= 0.65 <= found.high)
    assert within(float(np.mean(covered)), 0.95, simulations)


def test_seeds_that_differ_by_chance_alone_widen_an_interval_more_than_they_must() -> None:
    rng, simulations = np.random.default_rng(4), 60
    covered = []
    for seed in range(simulations):
        trials, times = seeds_apart(rng, 3, 0.0)
        found = crossed_interval(trials, times, total, seed=seed, resamples=300)
        covered.append(found.low <= 0.65 <= found.high)
    assert np.mean(covered) >= 0.95


def test_equal_strategies_over_three_seeds_are_seldom_called_different() -> None:
    rng, simulations = np.random.default_rng(5), 50
    called = []
    for seed in range(simulations):
        trials, times = seeds_apart(rng, 6, 0.02)
        found = crossed_difference(trials[:3], trials[3:], times, total, 0.02, seed=seed, resamples=300)
        called.append(found.p_value < 0.05)
    assert np.mean(called) <= binom.ppf(0.999, simulations, 0.05) / simulations


def test_one_side_may_have_fewer_seeds() -> None:
    trials, times = seeds_apart(np.random.default_rng(6), 4, 0.02)
    found = crossed_difference(trials[:3], trials[3:], times, total, 0.02)
    values = [float(times @ trial[:, 0]) for trial in trials]
    assert pytest.approx(np.mean(values[:3]) - values[3]) == found.value
    assert found.low < found.value < found.high


def test_trials_that_do_not_stand_on_the_same_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="do not stand on the same 2 groups"):
        crossed_interval([cells([1, 0], 2), cells([1], 2)], np.array([1, 1]), total)
    with pytest.raises(ValueError, match="no figure of no trials"):
        crossed_interval([], np.array([1]), total)
    with pytest.raises(ValueError, match="no figure of no rows"):
        crossed_interval([cells([1], 1)], np.array([0]), total)
    with pytest.raises(ValueError, match="at least one trial of each side"):
        crossed_difference([cells([1], 1)], [], np.array([1]), total, 0.02)
