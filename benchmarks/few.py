"""Simulates figures that rest on few rows, repeats of a seed, and rows that several seeds time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.claims import Row, inside, rate
from harness import stats
from harness.comparing.figures import percentile
from harness.scoring.label import LabelScorer
from harness.scoring.tally import Pair, balanced_accuracy


def rare_labels() -> Iterator[Row]:
    """A rare label is found nine times in ten, the other one 95 times in a hundred."""
    rng, scorer = np.random.default_rng(11), LabelScorer()
    for rare in (5, 10, 20):
        of_label, balanced, drawn = [], [], []
        for _ in range(400):
            late, other = int(rng.binomial(rare, 0.9)), int(rng.binomial(190, 0.95))
            pairs = _given(late, rare - late, 190 - other, other)
            of_label.append(inside(scorer.interval("recall[late]", pairs), 0.9))
            balanced.append(inside(scorer.interval("balanced_accuracy", pairs), 0.925))
            counts = [[late, rare - late], [190 - other, other]]
            drawn.append(inside(stats.bootstrap_confusion(counts, balanced_accuracy, resamples=400), 0.925))
        case = f"a label of {rare} in {190 + rare} rows"
        yield Row("a label's recall", case, "Wilson 1927", "covers 0.95", rate(of_label))
        yield Row("balanced accuracy", case, "Zou and Donner 2008", "covers 0.95", rate(balanced))
        yield Row("not done: balanced accuracy by bootstrap", case, "-", "covers 0.95", rate(drawn))


def repeats() -> Iterator[Row]:
    """400 rows; each seed moves the accuracy by 0.04, and each of its repeats answers the same."""
    rng, n, each = np.random.default_rng(12), 400, 5
    for seeds in (2, 3):
        ours: list[bool] = []
        naive: list[bool] = []
        for seed in range(250):
            right = np.repeat(rng.random(n) < 0.8 + rng.normal(0, 0.04, (seeds, 1)), each, axis=0)
            kinds, times = np.unique(right, axis=1, return_counts=True)
            trials = [kind[:, None] / n for kind in kinds.astype(np.float64)]
            for found, labels in ((ours, [s for s in range(seeds) for _ in range(each)]), (naive, None)):
                interval = stats.crossed_interval(
                    trials, times, lambda s: s[..., 0], seeds=labels, resamples=300, seed=seed
                )
                found.append(inside(interval, 0.8))
        case = f"{seeds} seeds, {each} repeats each, sd of seeds 0.04"
        yield Row("`crossed_interval`", case, "Behrens-Fisher, fiducial", "covers at least 0.95", rate(ours))
        yield Row("not done: repeats as seeds", case, "-", "covers 0.95", rate(naive))


def timed_again() -> Iterator[Row]:
    """Lognormal latencies of 100 rows, most of each the row's own, timed under several seeds."""
    rng, rows, own = np.random.default_rng(13), 100, 0.995
    true = float(np.exp(1.6448536))
    for seeds in (1, 3, 5):
        ours, pooled = [], []
        for _ in range(1500):
            base = rng.standard_normal(rows)
            times = np.exp(own * base + (1 - own**2) ** 0.5 * rng.standard_normal((seeds, rows)))
            found = percentile(times.tolist(), 0.95)
            ours.append(found is not None and inside((found.low or 0.0, found.high or np.inf), true))
            naive = stats.percentile_interval(times.ravel().tolist(), 0.95)
            pooled.append(inside((naive.low, naive.high or np.inf), true))
        case = f"p95 of {rows} rows, timed under {seeds} seed{'s' if seeds > 1 else ''}"
        yield Row("latency", case, "Hahn and Meeker 1991", "covers at least 0.95", rate(ours))
        if seeds > 1:
            yield Row("not done: latencies of all seeds as one", case, "-", "covers 0.95", rate(pooled))


def _given(hits: int, missed: int, false: int, rest: int) -> list[Pair]:
    kinds = [("late", "late", hits), ("late", "other", missed), ("other", "late", false), ("other", "other", rest)]
    return [((target,), (answer,)) for target, answer, times in kinds for _ in range(times)]
