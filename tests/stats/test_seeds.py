"""What seeds and their repeats add to an interval."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from harness.stats import Interval, across_parts, across_seeds, crossed_interval, wilson, wobble


def test_repeats_of_a_seed_say_nothing_more_of_how_seeds_vary() -> None:
    figures = np.array([0.80, 0.80, 0.80, 0.90, 0.90, 0.90])
    apart, together = wobble(np.array([0.80, 0.90])), wobble(figures, [0, 0, 0, 1, 1, 1])
    assert pytest.approx(tuple(apart)) == tuple(together)
    assert (0.0, 1) == wobble(figures, [3] * 6)


@pytest.mark.parametrize("repeats", [1, 5])
def test_two_seeds_cover_as_often_with_repeats_as_without(repeats: int) -> None:
    rng, simulations, rows = np.random.default_rng(8), 120, 400
    covered = []
    for seed in range(simulations):
        hard, moved = rng.random(rows), 0.8 + rng.normal(0, 0.04, 2)
        right = np.repeat(hard < moved[:, None], repeats, axis=0)
        kinds, times = np.unique(right, axis=1, return_counts=True)
        found = crossed_interval(
            [kind[:, None] / rows for kind in kinds.astype(np.float64)],
            times,
            lambda sums: sums[..., 0],
            seeds=[0] * repeats + [1] * repeats,
            seed=seed,
            resamples=200,
        )
        covered.append(found.low <= 0.8 <= found.high)
    assert np.mean(covered) >= 0.93


def test_seeds_that_agree_are_no_surer_than_one() -> None:
    one = wilson(6, 6)
    assert pytest.approx(tuple(one)) == tuple(across_seeds([1.0] * 3, [one] * 3))


def test_distances_to_the_limits_add_as_variances() -> None:
    found = across_seeds([0.8, 0.9], [Interval(0.7, 0.88), Interval(0.82, 0.95)])
    away = t.ppf(0.975, 1) * 0.1 / 2**0.5 / 2**0.5
    assert 0.85 - np.hypot(0.09, away) == pytest.approx(found.low)
    assert 0.85 + np.hypot(0.065, away) == pytest.approx(found.high)


def test_a_mean_of_parts_is_as_unsure_as_they_are() -> None:
    found = across_parts([1.0, 0.5], [Interval(0.7, 1.0), Interval(0.46, 0.54)])
    assert 0.75 - np.hypot(0.3, 0.04) / 2 == pytest.approx(found.low)
    assert 0.75 + 0.04 / 2 == pytest.approx(found.high)
