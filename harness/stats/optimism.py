"""The best of several figures on the same rows is too high: by how much.

ten strategies that are equally good, 0.80, on 100 rows     the best of them shows 0.84
best_of(...)    -> Best(index=3, value=0.84, corrected=0.81, low=0.72, high=0.90)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.stats.crossed import DRAWS, crossed_interval, stacked
from harness.stats.intervals import LEVEL
from harness.stats.seeds import wobble

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
    seeds: Sequence[Sequence[int]] | None = None,
    level: float = LEVEL,
    seed: int = 0,
    resamples: int = DRAWS,
) -> Best:
    """The best strategy's figure, corrected for having been picked on the rows that it is told of.

    Source: Efron and Tibshirani, 1993, "An Introduction to the Bootstrap", chapter 17, for optimism by
    bootstrap: in each draw of the rows the best is picked anew, and how far its figure there stands above its
    figure on all rows is averaged. It takes off most of the optimism of equals and little from a clear winner;
    docs/statistics.md has what it leaves, and why shrinking the figures first was not kept. The interval is
    `crossed_interval` of the one picked, its low end lowered by the optimism: its high end stays, for the
    correction itself is uncertain. One strategy has nothing to be corrected.

    Args:
        trials_by_strategy: Of each strategy each seed's parts, (groups, ...), as in `Sums`; higher is better.
        times: How many rows each group has, (groups,).
        figure: From sums, (draws, ...), to figures, (draws,).
        seeds: Of each strategy each trial's seed, where some are repeats of one; None for a seed each.
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
    of_each = seeds if seeds is not None else [range(count) for count in counts]
    found = crossed_interval(
        trials_by_strategy[best],
        times,
        figure,
        seeds=of_each[best],
        level=level,
        seed=seed,
        resamples=resamples,
    )
    value, optimism = float(values[best]), 0.0
    if len(counts) > 1:
        drawn = side.of_draws(resamples, seed)
        scales = np.array([wobble(each[owner == k], of_each[k]).scale for k in range(len(counts))])
        luck = np.random.default_rng([seed, 1]).standard_normal((resamples, len(counts))) * scales
        there = drawn @ mean + luck
        chosen = there.argmax(axis=1)
        optimism = max(0.0, float((there[np.arange(resamples), chosen] - values[chosen]).mean()))
    return Best(best, value, value - optimism, found.low - optimism, found.high)
