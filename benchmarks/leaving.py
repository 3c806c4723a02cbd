"""Simulates the threshold under which answers are left to people."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.claims import Row, rate
from harness.diagnosing import threshold

Floats = NDArray[np.float64]


def left_to_people() -> Iterator[Row]:
    """The confidence below which people answer: how often the true error above it breaks the ceiling."""
    rng = np.random.default_rng(8)
    for rows in (200, 500):
        for ceiling in (0.05, 0.10):
            broken, plain = [], []
            for _ in range(1500):
                sure = rng.beta(3, 1, rows)
                known = threshold.levels(sure, (rng.random(rows) < _right(sure)).astype(np.float64))
                chosen = threshold.holding(known, ceiling)
                broken.append(chosen is not None and _error_above(chosen) > ceiling)
                under = np.flatnonzero(known.wrong <= ceiling * known.answered)
                plain.append(bool(len(under)) and _error_above(float(known.threshold[under[-1]])) > ceiling)
            case = f"at most {ceiling:.0%} wrong, chosen on {rows} rows"
            yield Row("threshold", case, "Angelopoulos et al. 2021", "broken at most 0.05", rate(broken))
            yield Row("not done: the share seen", case, "-", "none", rate(plain))


def _right(sure: Floats) -> Floats:
    return 0.6 + 0.4 * sure**2


def _error_above(least: float) -> float:
    """The true error of all answers at least so sure, by a fine grid over their density, 3 x^2."""
    grid = np.linspace(least, 1, 2001)
    weight = 3 * grid**2
    return float(np.sum((1 - _right(grid)) * weight) / np.sum(weight))
