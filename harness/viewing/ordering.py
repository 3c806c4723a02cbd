"""The best strategies first, so that they are on the screen.

best_first(rows)    {"knn": 0, "lora": 1, "zero-shot": 2}
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from harness.running.rows import Row


def best_first(rows: Sequence[Row]) -> dict[str, int]:
    """Strategy to its place by the mean of its trials' figures; those without one last, in their own order."""
    figures: dict[str, list[float]] = {}
    for row in rows:
        figures.setdefault(row.strategy, []).extend([] if row.value is None else [row.value])
    order = sorted(figures, key=lambda name: (not figures[name], -fmean(figures[name] or [0.0])))
    return {name: place for place, name in enumerate(order)}
