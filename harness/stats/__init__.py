"""How sure a figure is: pure functions of numbers; numpy and scipy are loaded when one is called."""

from __future__ import annotations

from harness.stats.bootstrap import (
    Sums,
    bootstrap,
    bootstrap_confusion,
    bootstrap_rows,
    bootstrap_sums,
    bounded_sums,
    mean_interval,
)
from harness.stats.crossed import DRAWS, Paired, crossed_difference, crossed_interval, paired_bootstrap
from harness.stats.groups import Gap, independent_difference, mean_gap
from harness.stats.intervals import (
    LEVEL,
    Interval,
    Percentile,
    across_parts,
    percentile_interval,
    wilson,
    with_failures,
)
from harness.stats.labels import LabelIntervals, label_intervals
from harness.stats.multiple import holm
from harness.stats.optimism import Best, best_of
from harness.stats.paired import Difference, mcnemar
from harness.stats.power import rows_needed_mean, rows_needed_proportions, rows_needed_unchanged
from harness.stats.seeds import across_seeds, of_seeds, wobble

__all__ = [
    "DRAWS",
    "LEVEL",
    "Best",
    "Difference",
    "Gap",
    "Interval",
    "LabelIntervals",
    "Paired",
    "Percentile",
    "Sums",
    "across_parts",
    "across_seeds",
    "best_of",
    "bootstrap",
    "bootstrap_confusion",
    "bootstrap_rows",
    "bootstrap_sums",
    "bounded_sums",
    "crossed_difference",
    "crossed_interval",
    "holm",
    "independent_difference",
    "label_intervals",
    "mcnemar",
    "mean_gap",
    "mean_interval",
    "of_seeds",
    "paired_bootstrap",
    "percentile_interval",
    "rows_needed_mean",
    "rows_needed_proportions",
    "rows_needed_unchanged",
    "wilson",
    "with_failures",
    "wobble",
]
