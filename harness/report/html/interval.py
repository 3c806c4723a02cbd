"""An interval as a small bar in a table's cell, all rows on one axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.comparing.records import Estimate
from harness.report.html.marks import Mark, symbol
from harness.report.html.scale import Scale, linear
from harness.report.html.svg import join, tag

if TYPE_CHECKING:
    from markupsafe import Markup

WIDTH, HEIGHT = 132.0, 22.0
_EDGE = 8.0


def axis(found: Sequence[Estimate | None], *, least: float = 0.0, most: float = 1.0) -> Scale:
    """What all bars of a column are drawn on."""
    values = [v for e in found if e is not None for v in (e.low, e.value, e.high) if v is not None]
    least, most = min([least, *values]), max([most, *values])
    return linear(values, _EDGE, WIDTH - _EDGE, least=least, most=most)


def bar(found: Estimate | None, scale: Scale, mark: Mark | None = None, limit: float | None = None) -> Markup:
    """The interval as a line, the value as the strategy's mark, a limit as a tick. The numbers stand beside it.

    Args:
        found: None for an empty cell.
        scale: The column's.
        mark: The strategy's; a plain dot without it.
        limit: The user's, where there is one on this figure.
    """
    parts: list[str] = [
        tag("line", x1=scale.start, x2=scale.end, y1=HEIGHT / 2, y2=HEIGHT / 2, class_="rail"),
    ]
    if limit is not None and scale.low <= limit <= scale.high:
        parts.append(tag("line", x1=scale.at(limit), x2=scale.at(limit), y1=2, y2=HEIGHT - 2, class_="limit"))
    if found is not None:
        dot = mark or Mark("", "ink", "circle", "d0")
        if found.low is not None and found.high is not None:
            ends = scale.at(found.low), scale.at(found.high)
            parts.append(tag("line", x1=ends[0], x2=ends[1], y1=11, y2=11, class_=f"span {dot.colour}"))
        parts.append(symbol(dot, scale.at(found.value), HEIGHT / 2, 4.0))
    return tag(
        "svg",
        join(parts),
        viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
        width=WIDTH,
        height=HEIGHT,
        aria_hidden="true",
        class_="bar",
    )
