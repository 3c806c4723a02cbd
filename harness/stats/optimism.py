"""The best of several figures on the same rows is too high: by how much.

ten strategies that are equally good, 0.80, on 100 rows     the best of them shows 0.84
best_of(...)    -> Best(index=3, value=0.84, corrected=0.80, low=0.73, high=0.86)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.stats.crossed import DRAWS, crossed_interval, stacked, wobble
from harness.stats.intervals import LEVEL, tail_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from harness.stats.bootstrap import Figure, Floats


@dataclass(frozen=True)
class Best:
    """The strategy with the best figure.

    Attributes:
        index: Which one.
        value: Its figure on these rows, the mean over its seeds.
        corrected: What to expect of it on new rows.
        low: Lower end of the interval of that.
        high: Upper end.
    """

    index: int
    value: float
    corrected: float
    low: float
    high: float


def best_of(
    trials_by_strategy: Sequence[Sequence[Floats]],
    times: NDArray[np.int64],
    figure: Figure,
    *,
    level: float = LEVEL,
    seed: int = 0,
    resamples: int = DRAWS,
) -> Best:
    """The best strategy's figure, corrected for having been picked on the rows that it is told of.

    Source: Efron and Tibshirani, 1993, "An Introduction to the Bootstrap", chapter 17, for optimism by
    bootstrap: in each draw of the rows the best is picked anew, and how far its figure there stands above its
    true one is averaged. In the plain method the figures seen are the true ones; those spread by luck as well,
    so that ties look broken and too little is taken off. Here they are drawn together first, until they spread
    as far as true figures must (the spread seen less the spread that the draws have; positive-part empirical
    Bayes, Efron and Morris, 1973). docs/statistics.md has what both leave. One strategy has nothing to be
    corrected: its figure and `crossed_interval`.

    Args:
        trials_by_strategy: Of each strategy each seed's parts, (groups, ...), as in `Sums`; higher is better.
        times: How many rows each group has, (groups,).
        figure: From sums, (draws, ...), to figures, (draws,).
        level: Confidence.
        seed: Of the draws.
        resamples: How many sets are drawn.
    """
    import numpy as np

    side = stacked([trial for trials in trials_by_strategy for trial in trials], times, figure)
    counts = np.array([len(trials) for trials in trials_by_strategy])
    if not counts.all():
        raise ValueError(f"strategy {int(np.argmin(counts))} has no trials")
    owner = np.repeat(np.arange(len(counts)), counts)
    mean = (owner[:, None] == np.arange(len(counts))) / counts  # (trials, strategies)
    each = side.of_all()
    values = each @ mean
    best = int(np.argmax(values))
    if len(counts) == 1:
        found = crossed_interval(trials_by_strategy[0], times, figure, level=level, seed=seed, resamples=resamples)
        return Best(0, float(values[0]), float(values[0]), found.low, found.high)
    noise = side.of_draws(resamples, seed) @ mean - values
    scales = np.array([wobble(each[owner == k]).scale for k in range(len(counts))])
    noise += np.random.default_rng([seed, 1]).standard_normal(noise.shape) * scales
    luck = _luck_of_the_best(values, noise)
    tail = tail_of(level)
    low, high = values[best] - np.quantile(luck, [1 - tail, tail])
    return Best(best, float(values[best]), float(values[best] - luck.mean()), float(low), float(high))


def _luck_of_the_best(values: Floats, noise: Floats) -> Floats:
    """How far the figure of the best stands above its true one, (draws,), when `noise` is what luck does."""
    import numpy as np

    by_luck = float(noise.var(axis=1, ddof=1).mean())
    seen = float(values.var(ddof=1))
    kept = max(0.0, 1 - by_luck / seen) ** 0.5 if seen > 0 else 0.0
    true = values.mean() + kept * (values - values.mean())
    chosen = np.argmax(true + noise, axis=1)
    luck: Floats = noise[np.arange(len(noise)), chosen]
    return luck
