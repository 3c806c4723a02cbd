"""What one simulation found, as rows of the table in docs/statistics.md.

| `mcnemar`, interval | equal, 10 % discordant, n = 100 | Tango 1998 | covers 0.95 | 0.956 (0.950 to 0.961) |
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import beta

from harness import stats


class Row(NamedTuple):
    routine: str
    case: str
    reference: str
    claimed: str
    measured: str


def rate(hits: list[bool]) -> str:
    """A share with its Clopper-Pearson interval: the simulation's own uncertainty."""
    n, k = len(hits), int(np.sum(hits))
    low = beta.ppf(0.025, k, n - k + 1) if k else 0.0
    high = beta.ppf(0.975, k + 1, n - k) if k < n else 1.0
    return f"{k / n:.3f} ({low:.3f} to {high:.3f})"


def average(values: list[float]) -> str:
    half = 1.96 * float(np.std(values)) / len(values) ** 0.5
    return f"{np.mean(values):+.4f} ({np.mean(values) - half:+.4f} to {np.mean(values) + half:+.4f})"


def inside(interval: tuple[float, ...], true: float) -> bool:
    return interval[0] - 1e-9 <= true <= interval[1] + 1e-9


def called(routine: str, case: str, reference: str, found: Sequence[stats.Difference | stats.Gap]) -> Row:
    return Row(routine, case, reference, "false at most 0.05", rate([f.p_value < 0.05 for f in found]))


def tied(routine: str, case: str, reference: str, found: Sequence[stats.Difference]) -> Row:
    return Row(f"{routine}, tied", case, reference, "false at most 0.05", rate([f.p_tied < 0.05 for f in found]))


def covered(
    routine: str, case: str, reference: str, found: Sequence[stats.Difference | stats.Gap], true: float
) -> Row:
    hits = [inside((f.low, f.high), true) for f in found]
    return Row(f"{routine}, interval", case, reference, "covers 0.95", rate(hits))
