"""Simulates figures and differences over several seeds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.claims import Row, called, covered, inside, rate, tied
from harness import stats

Floats = NDArray[np.float64]
MARGIN = 0.02
DRAWS = 600


def drawn_seeds(trials: list[Floats], times: NDArray[np.int64], seed: int) -> tuple[float, float]:
    """What is not done: the seeds drawn with replacement, as the rows are."""
    rng, n = np.random.default_rng(seed), int(times.sum())
    figures = rng.multinomial(n, times / n, size=DRAWS) @ np.column_stack([t[:, 0] for t in trials])
    picked = rng.integers(len(trials), size=figures.shape)
    low, high = np.quantile(np.take_along_axis(figures, picked, axis=1).mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def over_seeds() -> Iterator[Row]:
    """1,000 rows whose accuracy varies by 0.015; each seed moves it by `spread`."""
    rng, n = np.random.default_rng(4), 1000
    for seeds in (2, 3, 5):
        for spread in (0.0, 0.015, 0.05):
            ours, naive = [], []
            for seed in range(250):
                chance = np.where(rng.random(n) < 0.7, 0.8, 0.3) + rng.normal(0, spread, (seeds, 1))
                kinds, times = np.unique(rng.random((seeds, n)) < chance, axis=1, return_counts=True)
                trials = [kind[:, None] / n for kind in kinds.astype(np.float64)]
                ours.append(
                    inside(
                        stats.crossed_interval(trials, times, lambda s: s[..., 0], resamples=300, seed=seed), 0.65
                    )
                )
                naive.append(inside(drawn_seeds(trials, times, seed), 0.65))
            case = f"{seeds} seeds, sd of seeds {spread}, of rows 0.015"
            yield Row("`crossed_interval`", case, "Behrens-Fisher, fiducial", "covers at least 0.95", rate(ours))
            yield Row("not done: seeds drawn again", case, "-", "covers 0.95", rate(naive))


def pairs_over_seeds() -> Iterator[Row]:
    """Two strategies of several seeds each on the same 400 rows: equal ones, and ones the margin apart."""
    rng, n = np.random.default_rng(7), 400
    for seeds in (3, 5):
        equal: list[stats.Difference] = []
        apart: list[stats.Difference] = []
        for seed in range(200):
            hard = np.where(rng.random(n) < 0.7, 0.85, 0.4)
            for better, found in ((0.0, equal), (MARGIN, apart)):
                chance = hard + rng.normal(0, 0.01, (2, seeds, 1)) + np.array([better, 0.0])[:, None, None]
                right = (rng.random((2, seeds, n)) < chance).reshape(-1, n)
                kinds, times = np.unique(right, axis=1, return_counts=True)
                parts = [kind[:, None] / n for kind in kinds.astype(np.float64)]
                found.append(
                    stats.crossed_difference(
                        parts[:seeds], parts[seeds:], times, lambda s: s[..., 0], MARGIN, resamples=400, seed=seed
                    )
                )
        case = f"{seeds} seeds each, sd of seeds 0.01, n = {n}"
        reference = "Behrens-Fisher, fiducial"
        yield called("`crossed_difference`, test", f"equal, {case}", reference, equal)
        yield covered("`crossed_difference`", f"equal, {case}", reference, equal, 0.0)
        yield tied("`crossed_difference`", f"0.02 apart, {case}", "Schuirmann 1987", apart)
