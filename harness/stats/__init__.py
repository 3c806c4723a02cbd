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
from harness.stats.intervals import LEVEL, Interval, Percentile, percentile_interval, wilson, with_failures

__all__ = [
    "LEVEL",
    "Interval",
    "Percentile",
    "Sums",
    "bootstrap",
    "bootstrap_confusion",
    "bootstrap_rows",
    "bootstrap_sums",
    "bounded_sums",
    "mean_interval",
    "percentile_interval",
    "wilson",
    "with_failures",
]
