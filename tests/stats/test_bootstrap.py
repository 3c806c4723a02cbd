"""Resampled intervals against scipy's BCa, against known ones and against the coverage that they claim."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from harness.scoring import tally
from harness.stats import (
    Interval,
    Sums,
    bootstrap,
    bootstrap_confusion,
    bootstrap_rows,
    bootstrap_sums,
    bounded_sums,
    mean_interval,
    wilson,
)


def skewed(n: int, seed: int) -> list[float]:
    """Scores such as token F1: most near 1, some far below."""
    scores: list[float] = np.random.default_rng(seed).beta(4, 0.6, size=n).tolist()
    return scores


@pytest.mark.parametrize("n", [15, 80])
def test_bca_is_scipys(n: int) -> None:
    scores = skewed(n, seed=3)
    theirs = scipy.stats.bootstrap(
        (scores,), np.mean, method="BCa", n_resamples=60_000, rng=np.random.default_rng(0)
    ).confidence_interval
    plain = scipy.stats.bootstrap(
        (scores,), np.mean, method="percentile", n_resamples=60_000, rng=np.random.default_rng(0)
    ).confidence_interval
    found = bootstrap(scores, resamples=60_000)
    noise = 0.02 * (theirs.high - theirs.low)
    assert pytest.approx((theirs.low, theirs.high), abs=noise) == tuple(found)
    assert pytest.approx((plain.low, plain.high), abs=noise) != tuple(found)  # so it is the correction that agrees


def test_bca_of_a_mean_covers_nearly_as_often_as_it_claims() -> None:
    true = 4 / 4.6
    covered = [i.low <= true <= i.high for i in (bootstrap(skewed(60, seed), seed=seed) for seed in range(500))]
    assert 0.92 <= np.mean(covered) <= 0.97


def test_the_same_seed_gives_the_same_interval_and_another_seed_another() -> None:
    scores = skewed(50, seed=1)
    assert bootstrap(scores, seed=5) == bootstrap(scores, seed=5)
    assert bootstrap(scores, seed=5) != bootstrap(scores, seed=6)


def test_the_order_of_rows_does_not_matter() -> None:
    scores = skewed(50, seed=1)
    assert bootstrap(scores) == bootstrap(scores[::-1])


def test_values_that_are_all_the_same_have_no_width() -> None:
    assert Interval(0.3, 0.3) == bootstrap([0.3] * 20)


def test_no_values_are_refused() -> None:
    with pytest.raises(ValueError, match="no mean of no values"):
        bootstrap([])


def test_scores_of_zero_and_one_have_wilsons_interval() -> None:
    assert wilson(7, 9) == mean_interval([1.0] * 7 + [0.0] * 2)


def test_scores_that_are_all_one_are_not_certain() -> None:
    assert wilson(9, 9) == mean_interval([1.0] * 9)


def test_other_scores_have_the_bootstraps_interval() -> None:
    scores = skewed(30, seed=2)
    assert bootstrap(scores) == mean_interval(scores)


def test_the_interval_of_accuracy_by_cells_is_nearly_wilsons() -> None:
    counts = [[140, 10], [15, 135]]
    assert pytest.approx(tuple(wilson(275, 300)), abs=0.006) == tuple(bootstrap_confusion(counts, tally.accuracy))


def test_cells_are_drawn_like_rows() -> None:
    """The same bounds as from drawing rows one by one, but for the noise of the draws and BCa's shift."""
    counts = np.array([[80, 15, 5], [10, 60, 10], [2, 3, 15]])
    rows = [(t, a) for t in range(3) for a in range(3) for _ in range(counts[t, a])]

    def macro_f1(chosen: list[int]) -> float:
        table = np.zeros((3, 3))
        for i in chosen:
            table[rows[i]] += 1
        return float(np.mean(2 * table.diagonal() / (table.sum(axis=0) + table.sum(axis=1))))

    slow = bootstrap_rows(len(rows), lambda chosen: macro_f1(list(chosen)))
    fast = bootstrap_confusion(counts, tally.macro_f1)
    assert pytest.approx(tuple(slow), abs=0.012) == tuple(fast)


def test_macro_f1_by_cells_covers_nearly_as_often_as_it_claims() -> None:
    chances = np.array([[0.44, 0.06, 0.02], [0.05, 0.25, 0.03], [0.02, 0.03, 0.10]])
    true = float(np.mean(2 * chances.diagonal() / (chances.sum(axis=0) + chances.sum(axis=1))))
    rng = np.random.default_rng(0)
    covered = []
    for seed in range(500):
        counts = rng.multinomial(250, chances.ravel()).reshape(3, 3)
        found = bootstrap_confusion(counts, tally.macro_f1, resamples=1000, seed=seed)
        covered.append(found.low <= true <= found.high)
    assert 0.92 <= np.mean(covered) <= 0.97


def test_a_hundred_times_the_rows_give_a_tenth_of_the_width() -> None:
    counts = np.array([[40, 8], [6, 46]])
    few, many = (bootstrap_confusion(counts * times, tally.macro_f1) for times in (1, 100))
    assert pytest.approx(10, rel=0.08) == (few.high - few.low) / (many.high - many.low)


def test_rows_without_an_answer_count_as_wrong() -> None:
    answered = bootstrap_confusion([[40, 10, 0], [10, 40, 0]], tally.accuracy)
    unanswered = bootstrap_confusion([[40, 0, 10], [0, 40, 10]], tally.accuracy)
    assert pytest.approx(tuple(answered), abs=0.015) == tuple(unanswered)


@pytest.mark.parametrize("figure", [tally.macro_f1, tally.balanced_accuracy, tally.mcc])
def test_a_perfect_set_is_less_certain_where_a_label_is_rare(figure: tally.Figure) -> None:
    rare = bootstrap_confusion([[990, 0], [0, 10]], figure)
    common = bootstrap_confusion([[500, 0], [0, 500]], figure)
    assert (1.0, 1.0) == (rare.high, common.high)
    assert 0.5 < rare.low < 0.9 < common.low < 1.0


def test_balanced_accuracy_of_a_perfect_set_averages_wilsons_bounds() -> None:
    expected = (wilson(990, 990).low + wilson(10, 10).low) / 2
    assert pytest.approx(expected) == bootstrap_confusion([[990, 0], [0, 10]], tally.balanced_accuracy).low


def test_a_perfect_set_of_one_label_has_wilsons_bound() -> None:
    assert pytest.approx(tuple(wilson(30, 30))) == tuple(bootstrap_confusion([[30]], tally.accuracy))


def test_sums_that_are_perfect_or_void_have_wilsons_bound() -> None:
    times = np.array([30])
    perfect = Sums(np.array([[2.0, 2.0]]), times, lambda s: s[..., 0] / s[..., 1])
    void = Sums(np.array([[0.0, 2.0]]), times, lambda s: s[..., 0] / s[..., 1])
    assert (wilson(30, 30), wilson(0, 30)) == (bounded_sums(perfect), bounded_sums(void))


def test_a_ratio_of_sums_is_drawn_together() -> None:
    """Hits of tokens over tokens: the ratio has no row of its own."""
    rng = np.random.default_rng(0)
    tokens = rng.integers(1, 20, size=200)
    hits = rng.binomial(tokens, 0.7)
    sums = Sums(
        np.column_stack([hits, tokens]).astype(float), np.ones(200, dtype=np.int64), lambda s: s[:, 0] / s[:, 1]
    )
    found = bootstrap_sums(sums)
    errors = hits - tokens * hits.sum() / tokens.sum()
    half = 1.96 * np.sqrt((errors**2).sum()) / tokens.sum()  # the linearised standard error
    assert pytest.approx(2 * half, rel=0.1) == found.high - found.low
    assert found.low < hits.sum() / tokens.sum() < found.high
