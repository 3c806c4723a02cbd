"""What seeds add to how sure a figure is.

figures 0.91 0.93 0.90 0.92, seeds 0 0 1 1      two seeds, two repeats each
of_seeds(...) -> 0.92, 0.91                     wobble(...) -> scale 0.005, 1 degree of freedom
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.stats.confidence import NO_SPREAD, Wobble
from harness.stats.intervals import LEVEL, Interval, tail_of

if TYPE_CHECKING:
    from harness.stats.bootstrap import Floats


def wobble(figures: Floats, seeds: Sequence[int] | None = None) -> Wobble:
    """How the mean of a strategy's seeds varies, from each trial's figure (trials,).

    What single rows make of it by chance is in both this part and the rows'. It cannot be taken off: two seeds
    that fall together by luck would then seem never to vary.

    Args:
        figures: Of each trial, (trials,).
        seeds: Each trial's seed, (trials,): repeats of one seed say nothing more of how seeds vary, so their mean
            counts. None for a seed each.
    """
    import numpy as np

    each = figures if seeds is None else of_seeds(figures, seeds)
    if len(each) < 2 or np.ptp(each) < NO_SPREAD:
        return Wobble(0.0, max(len(each) - 1, 1))
    return Wobble(float(np.std(each, ddof=1)) / len(each) ** 0.5, len(each) - 1)


def of_seeds(figures: Floats, seeds: Sequence[int]) -> Floats:
    """The mean of each seed's repeats, (seeds,), from each trial's figure and its seed, (trials,)."""
    import numpy as np

    _, place = np.unique(np.asarray(seeds), return_inverse=True)
    found: Floats = np.bincount(place, weights=figures) / np.bincount(place)
    return found


def across_seeds(
    values: Sequence[float],
    intervals: Sequence[Interval],
    seeds: Sequence[int] | None = None,
    *,
    level: float = LEVEL,
) -> Interval:
    """Interval of the mean over seeds of a figure that has an interval of its own for each trial.

    Source: Zou and Donner, 2008, "Construction of confidence limits about effect measures: a general approach"
    (MOVER), which adds the distances from a value to its limits as variances are added. The rows are the same in
    every trial, so theirs do not shrink with more of them; the seeds' part is Student's t. For figures that rest
    on few rows, of which draws see too little.

    Args:
        values: Of each trial.
        intervals: Of each trial.
        seeds: Each trial's seed, where some are repeats of one; None for a seed each.
        level: Confidence.
    """
    import numpy as np
    from scipy.stats import t

    moved = wobble(np.asarray(values), seeds)
    away = moved.scale * float(t.ppf(1 - tail_of(level), moved.df))
    value, low, high = (float(np.mean(each)) for each in (values, *zip(*intervals, strict=True)))
    return Interval(value - float(np.hypot(value - low, away)), value + float(np.hypot(high - value, away)))
