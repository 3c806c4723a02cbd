"""A training curve in a terminal: a line for each figure that it has.

train loss       █▆▅▄▃▂▂▁  2.000 -> 0.222, 9 steps
validation loss  █▃▁       0.833 -> 0.278, lowest 0.278 at step 9
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

_MARKS = "▁▂▃▄▅▆▇█"
_WIDTH = 40
_FIGURES = {
    "train_loss": "train loss",
    "valid_loss": "validation loss",
    "train_accuracy": "train accuracy",
    "valid_accuracy": "validation accuracy",
}


def curve_lines(points: object) -> Iterator[str]:
    """The lines of what a step keeps as its `curve`; none where that is no such thing."""
    rows = [point for point in points if isinstance(point, Mapping)] if isinstance(points, list) else []
    wide = max(map(len, _FIGURES.values()))
    for field, name in _FIGURES.items():
        known = [(row.get("step"), row[field]) for row in rows if isinstance(row.get(field), int | float)]
        if len(known) < 2:
            continue
        values = [float(value) for _, value in known]
        told = f"{values[0]:.3f} -> {values[-1]:.3f}, {len(values)} steps"
        if field == "valid_loss":
            lowest = min(range(len(values)), key=values.__getitem__)
            told += f", lowest {values[lowest]:.3f} at step {known[lowest][0]}"
        yield f"{name:{wide}}  {sparkline(values)}  {told}"


def sparkline(values: Sequence[float], width: int = _WIDTH) -> str:
    """Heights as characters; of many values, the mean of each stretch.

    >>> sparkline([0.0, 0.5, 1.0])
    '▁▅█'
    """
    count = min(width, len(values))
    edges = [round(i * len(values) / count) for i in range(count + 1)]
    heights = [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
    low, high = min(heights), max(heights)
    span = (high - low) or 1.0
    return "".join(_MARKS[round((height - low) / span * (len(_MARKS) - 1))] for height in heights)
