"""Learning curves for the terminal: strategies against the number of labelled rows.

labelled rows            16            64           140
features    0.69 .48 to .85 0.78 .68 to .87 0.79 .68 to .88
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from harness import numbers
from harness.diagnosing.records import Curve, CurvePoint

_AT_ONCE = 4  # sizes beside each other in 80 columns


def curve_table(curves: Sequence[Curve]) -> Iterator[RenderableType]:
    """A table for every few sizes, and what the figures are."""
    sizes = sorted({point.size for curve in curves for point in curve.points})
    for start in range(0, len(sizes), _AT_ONCE):
        shown = sizes[start : start + _AT_ONCE]
        grid = Table(box=None, pad_edge=False, padding=(0, 1), show_edge=False)
        grid.add_column("labelled rows", overflow="fold")
        for size in shown:
            grid.add_column(numbers.count(size), justify="right", no_wrap=True)
        for curve in curves:
            at = {point.size: point for point in curve.points}
            cells = [_cell(at[size]) if size in at else "-" for size in shown]
            grid.add_row(Text(numbers.plain(curve.strategy)), *cells)
        yield grid
    if curves:
        points = [point for curve in curves for point in curve.points]
        trials = max(point.trials for point in points)
        yield Text(
            f"{curves[0].metric} with its 95 % interval over {trials} seeds and {points[0].value.n} test rows",
            style="dim",
        )
        yield Text()


def _cell(point: CurvePoint) -> str:
    low, high = point.value.low, point.value.high
    ends = "" if low is None or high is None else f" {_short(low)}-{_short(high)}"
    return f"{point.value.value:.2f}{ends}"


def _short(value: float) -> str:
    return f"{value:.2f}".removeprefix("0")
