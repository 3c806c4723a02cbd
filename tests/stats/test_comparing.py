"""Holm, power, gaps between groups, labels and the best of several: published values and simulated bias."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, chi2, chi2_contingency, fisher_exact, ttest_ind
from sklearn.metrics import f1_score
from statsmodels.stats.contingency_tables import mcnemar as mcnemar_test
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower
from statsmodels.stats.proportion import confint_proportions_2indep

from harness.stats import (
    Interval,
    best_of,
    crossed_interval,
    holm,
    independent_difference,
    label_intervals,
    mcnemar,
    mean_gap,
    rows_needed_mean,
    rows_needed_proportions,
    rows_needed_unchanged,
    wilson,
)


def test_holm_multiplies_the_smallest_most() -> None:
    """The steps of Holm, 1979, by hand: 4, 3, 2 and 1 times, never falling."""
    assert pytest.approx((0.03, 0.06, 0.06, 0.02)) == holm([0.01, 0.04, 0.03, 0.005])


def test_holm_is_statsmodels() -> None:
    for ps in np.random.default_rng(1).random((5, 12)) ** 3:
        assert pytest.approx(multipletests(ps, method="holm")[1].tolist()) == holm(ps.tolist())


def test_holm_of_nothing_is_nothing_and_what_is_no_p_is_refused() -> None:
    assert () == holm([])
    with pytest.raises(ValueError, match="between 0 and 1, not"):
        holm([0.5, 1.2])
    with pytest.raises(ValueError, match="not nan"):
        holm([float("nan")])


def test_holm_keeps_the_chance_of_any_false_call() -> None:
    ps = np.random.default_rng(0).random((1000, 15))
    false = float(np.mean([min(holm(each)) < 0.05 for each in ps.tolist()]))
    assert 0.03 <= false <= float(binom.ppf(0.999, 1000, 0.05)) / 1000


def test_about_1760_rows_settle_a_difference_of_two_points() -> None:
    assert 1764 == rows_needed_proportions(discordant_share=0.09, margin=0.02)


def test_that_many_rows_find_it_four_times_in_five() -> None:
    n = rows_needed_proportions(0.09, 0.02)
    drawn = np.random.default_rng(0).multinomial(n, [0.055, 0.035, 0.91], size=800)
    found = np.mean([
        mcnemar_test([[0, a], [b, 0]], exact=False, correction=False).pvalue < 0.05 for a, b, _ in drawn.tolist()
    ])  # fmt: skip
    assert pytest.approx(0.8, abs=0.045) == found


def test_fewer_discordant_rows_than_the_margin_count_as_the_margin() -> None:
    assert rows_needed_proportions(0.02, 0.02) == rows_needed_proportions(0.0, 0.02)


def test_rows_for_a_mean_are_statsmodels() -> None:
    expected = TTestPower().solve_power(effect_size=0.02 / 0.21, alpha=0.05, power=0.8)
    assert pytest.approx(expected, abs=3) == rows_needed_mean(0.21, 0.02)


def test_rows_without_a_difference_still_take_as_many_as_show_a_tie() -> None:
    n = rows_needed_mean(0.0, 0.02)
    assert 0.98**n <= 0.05 < 0.98 ** (n - 1)


def test_power_refuses_what_is_no_share() -> None:
    with pytest.raises(ValueError, match="discordant_share must be 0 to 1, not 9"):
        rows_needed_proportions(9, 0.02)
    with pytest.raises(ValueError, match="power must be between 0 and 1"):
        rows_needed_proportions(0.1, 0.02, power=80)
    with pytest.raises(ValueError, match="margin must be above 0"):
        rows_needed_mean(0.1, 0)


def test_newcombes_example() -> None:
    found = independent_difference(56, 70, 48, 80)
    assert ("0.2000", "0.0524", "0.3339") == tuple(f"{each:.4f}" for each in found[:3])


@pytest.mark.parametrize("counts", [(9, 10, 3, 10), (10, 10, 0, 20), (275, 300, 40, 50)])
def test_the_interval_of_a_gap_is_statsmodels(counts: tuple[int, int, int, int]) -> None:
    theirs = confint_proportions_2indep(*counts, method="newcomb", compare="diff")
    assert pytest.approx(theirs, abs=1e-9) == independent_difference(*counts)[1:3]


def test_a_gap_is_tested_by_chi_squared_and_where_rows_are_few_by_fisher() -> None:
    many, few = [[56, 14], [48, 32]], [[9, 1], [5, 5]]
    chi_squared = chi2_contingency(many, correction=False).statistic * 149 / 150
    assert pytest.approx(float(chi2.sf(chi_squared, 1))) == independent_difference(56, 70, 48, 80).p_value
    assert pytest.approx(fisher_exact(few).pvalue) == independent_difference(9, 10, 5, 10).p_value


@pytest.mark.parametrize(("n_a", "n_b"), [(20, 20), (12, 60), (50, 100)])
def test_groups_without_a_gap_are_called_different_at_most_as_often_as_claimed(n_a: int, n_b: int) -> None:
    """Summed exactly over all tables."""
    p = np.array(
        [[independent_difference(a, n_a, b, n_b).p_value for b in range(n_b + 1)] for a in range(n_a + 1)]
    )
    for share in (0.5, 0.7, 0.85, 0.95):
        chance = np.outer(binom.pmf(np.arange(n_a + 1), n_a, share), binom.pmf(np.arange(n_b + 1), n_b, share))
        assert chance[p < 0.05].sum() <= 0.056


def test_a_gap_of_means_is_welchs() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.beta(5, 2, 40), rng.beta(4, 2, 15)
    theirs = ttest_ind(a, b, equal_var=False)
    ends = theirs.confidence_interval()
    assert pytest.approx((ends.low, ends.high, theirs.pvalue)) == mean_gap(a.tolist(), b.tolist())[1:]


def test_a_gap_takes_rows() -> None:
    with pytest.raises(ValueError, match="a group without rows"):
        independent_difference(0, 0, 3, 5)
    with pytest.raises(ValueError, match="takes 2 rows of each group, not 1 and 2"):
        mean_gap([0.5], [0.5, 0.6])
    assert 1.0 == mean_gap([0.5, 0.5], [0.5, 0.5]).p_value
    assert 1.0 == independent_difference(5, 5, 7, 7).p_value


def test_a_labels_precision_and_recall_are_shares() -> None:
    found = label_intervals(hits=40, targets=50, answers=44)
    assert (wilson(40, 44), wilson(40, 50)) == (found.precision, found.recall)


def test_a_labels_f1_lies_in_its_interval_and_covers_as_often_as_claimed() -> None:
    rng, simulations = np.random.default_rng(0), 2000
    inside = []
    cells = rng.multinomial(120, [0.16, 0.04, 0.06, 0.74], size=simulations)  # hit, missed, false, neither
    true = 2 * 0.16 / (2 * 0.16 + 0.04 + 0.06)
    for hit, missed, false, _ in cells.tolist():
        f1 = label_intervals(hit, hit + missed, hit + false).f1
        inside.append(f1.low <= true <= f1.high)
    low, high = binom.interval(0.999, simulations, 0.95)
    assert low <= sum(inside) <= high
    example = f1_score([1] * 50 + [0] * 50, [1] * 40 + [0] * 10 + [1] * 4 + [0] * 46)
    f1 = label_intervals(40, 50, 44).f1
    assert f1.low < example < f1.high


def test_a_label_that_never_occurs_is_unknown() -> None:
    assert (Interval(0.0, 1.0),) * 3 == tuple(label_intervals(0, 0, 0))
    with pytest.raises(ValueError, match="no such counts: 3 hits"):
        label_intervals(3, 2, 5)


def right(
    sums: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return sums[..., 0]


@pytest.mark.parametrize(("shares", "left"), [([0.8] * 10, 0.45), ([0.9] + [0.7] * 9, 1.0)])
def test_most_of_the_optimism_of_the_best_is_taken_off(shares: list[float], left: float) -> None:
    rng, n = np.random.default_rng(0), 100
    before, after, covered = [], [], []
    for seed in range(150):
        rows = rng.random((n, len(shares))) < shares
        kinds, times = np.unique(rows, axis=0, return_counts=True)
        trials = [[kind[:, None] / n] for kind in kinds.T.astype(np.float64)]
        found = best_of(trials, times, right, seed=seed, resamples=400)
        before.append(found.value - shares[found.index])
        after.append(found.corrected - shares[found.index])
        covered.append(found.low <= shares[found.index] <= found.high)
    assert abs(float(np.mean(after))) <= max(left * float(np.mean(before)), 0.005)
    assert np.mean(covered) >= 0.92


def test_one_strategy_is_told_as_it_is() -> None:
    parts, times = np.array([[0.01], [0.0]]), np.array([80, 20])
    found = best_of([[parts]], times, right)
    assert pytest.approx((0, 0.8, 0.8)) == (found.index, found.value, found.corrected)
    assert crossed_interval([parts], times, right) == (found.low, found.high)


def test_a_strategy_without_trials_is_refused() -> None:
    with pytest.raises(ValueError, match="strategy 1 has no trials"):
        best_of([[np.array([[1.0]])], []], np.array([3]), right)


@pytest.mark.parametrize("margin", [0.0001, 0.02, 0.3])
def test_the_fewest_rows_where_nothing_changed_are_those_from_which_tangos_interval_lies_within(
    margin: float,
) -> None:
    n = rows_needed_unchanged(margin)
    assert mcnemar(0, 0, n, margin).low > -margin
    assert mcnemar(0, 0, n - 1, margin).low <= -margin


def test_the_best_of_strategies_whose_seeds_vary_owes_that_to_luck_too() -> None:
    # Every row of a trial is alike: drawing rows again shows nothing, only the seeds vary.
    trials = [[np.array([[0.8 + shift]]) for shift in (-0.06, 0.0, 0.06)] for _ in range(8)]
    found = best_of(trials, np.array([100]), lambda sums: sums[..., 0] / 100)
    error = 0.06 / 3**0.5
    assert error < found.value - found.corrected < 2 * error  # the best of eight normals: 1.42 of them
    same = best_of([[np.array([[0.8]])] * 3] * 8, np.array([100]), lambda sums: sums[..., 0] / 100)
    assert 0.0 == pytest.approx(same.value - same.corrected)
