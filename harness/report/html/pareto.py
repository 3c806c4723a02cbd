"""The task's metric against money or seconds, every strategy a cross of its intervals.

accuracy
1.0 |      ★ features
    |  ● tf-idf    ◆ lora          what the user's limits rule out is shaded
0.5 |________________________ $ a month
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from harness.comparing.records import Estimate
from harness.report.html.frame import Axis, Box, Plot, frame, label_places, shade
from harness.report.html.marks import Mark, symbol
from harness.report.html.scale import Scale, decades, linear
from harness.report.html.svg import path, picture, tag
from harness.report.html.wording import tick

if TYPE_CHECKING:
    from markupsafe import Markup


@dataclass(frozen=True)
class Point:
    """A strategy.

    Attributes:
        mark: Its mark.
        x: Money or seconds.
        y: The metric.
        best: Whether no other one beats it in everything; the others are drawn hollow.
    """

    mark: Mark
    x: Estimate
    y: Estimate
    best: bool


@dataclass(frozen=True)
class Scatter:
    """What is drawn.

    Attributes:
        name: Unique on the page.
        title: What it shows.
        description: For those who do not see it.
        points: The strategies.
        x_name: Of the horizontal axis.
        y_name: The metric.
        written: How numbers of the horizontal axis are written.
        most: The user's limit on the horizontal axis.
        least: The user's limit on the metric.
    """

    name: str
    title: str
    description: str
    points: Sequence[Point]
    x_name: str
    y_name: str
    written: Callable[[float], str]
    most: float | None = None
    least: float | None = None


def scatter(it: Scatter, *, narrow: bool = False) -> Markup:
    """The picture; the narrow one names the recommended strategy alone, a key the others."""
    plot = Plot.narrow() if narrow else Plot()
    x, y = _scales(it, plot)
    parts: list[str] = []
    if it.least is not None and it.least > y.low:
        parts.append(shade((plot.left, plot.x1), (y.at(it.least), plot.y1)))
    if it.most is not None and it.most < x.high:
        parts.append(shade((x.at(it.most), plot.x1), (plot.top, plot.y1)))
    parts.append(frame(plot, Axis(x, it.x_name, it.written), Axis(y, it.y_name, tick)))
    parts += _limits(it, plot, x, y)
    steps = _front(it.points, x, y, plot)
    if len(steps) > 1:
        parts.append(tag("path", d=path(steps), class_="front"))
    parts += [_cross(point, x, y) for point in it.points]
    parts += [symbol(p.mark, x.at(p.x.value), y.at(p.y.value), hollow=not p.best) for p in it.points]
    parts += _labels([p for p in it.points if p.mark.star] if narrow else it.points, x, y, plot)
    name = f"{it.name}-narrow" if narrow else it.name
    return picture(name, it.title, it.description, (plot.width, plot.height), parts)


def _scales(it: Scatter, plot: Plot) -> tuple[Scale, Scale]:
    values = [v for p in it.points for v in (p.x.low, p.x.value, p.x.high) if v is not None]
    positive = [v for v in values if v > 0]
    # A wide range needs ratios; what costs nothing then stands at the left edge.
    if positive and max(positive) > 20 * min(positive):
        x = decades(positive, plot.left + 12, plot.x1)
    else:
        x = linear([0.0, *values], plot.left + 12, plot.x1, least=0.0, most=max([*values, 1e-9]) * 1.15)
    metric = [v for p in it.points for v in (p.y.low, p.y.value, p.y.high) if v is not None]
    if it.least is not None:
        metric.append(it.least)
    return x, linear(metric, plot.y1, plot.top, least=min([0.0, *metric]), most=max([1.0, *metric]))


def _limits(it: Scatter, plot: Plot, x: Scale, y: Scale) -> list[str]:
    parts: list[str] = []
    if it.least is not None and it.least > y.low:
        at = y.at(it.least)
        parts.append(tag("line", x1=plot.left, x2=plot.x1, y1=at, y2=at, class_="limit"))
        words = f"your limit: at least {tick(it.least)}"
        parts.append(tag("text", words, x=plot.left + 6, y=at - 6, class_="limit-name"))
    if it.most is not None and it.most < x.high:
        at = x.at(it.most)
        parts.append(tag("line", x1=at, x2=at, y1=plot.top, y2=plot.y1, class_="limit"))
        words = f"your limit: at most {it.written(it.most)}"
        # A limit near an end has its words on the side with room.
        end = at > plot.width / 2
        where = {"x": at - 5 if end else at + 5, "text_anchor": "end" if end else "start"}
        parts.append(tag("text", words, y=plot.y1 - 8, class_="limit-name", **where))
    return parts


def _front(points: Sequence[Point], x: Scale, y: Scale, plot: Plot) -> list[tuple[float, float]]:
    """The best to be had at each place of the horizontal axis, as steps."""
    steps: list[tuple[float, float]] = []
    best = -float("inf")
    for point in sorted(points, key=lambda p: (p.x.value, -p.y.value)):
        if point.y.value > best:
            left, level = x.at(point.x.value), y.at(point.y.value)
            steps += [(left, steps[-1][1]), (left, level)] if steps else [(left, level)]
            best = point.y.value
    return [*steps, (plot.x1, steps[-1][1])] if steps else []


def _cross(point: Point, x: Scale, y: Scale) -> Markup:
    across, up = point.x, point.y
    parts: list[str] = []
    if up.low is not None and up.high is not None:
        at = x.at(across.value)
        parts.append(tag("line", x1=at, x2=at, y1=y.at(up.low), y2=y.at(up.high)))
    if across.low is not None and across.high is not None:
        at = y.at(up.value)
        parts.append(tag("line", x1=x.at(across.low), x2=x.at(across.high), y1=at, y2=at))
    return tag("g", *parts, class_=f"cross {point.mark.colour}")


def _labels(points: Sequence[Point], x: Scale, y: Scale, plot: Plot) -> list[str]:
    order = sorted(points, key=lambda p: (not p.mark.star, not p.best, -p.y.value))
    at = [(x.at(p.x.value), y.at(p.y.value), p.mark.words) for p in order]
    bars = [
        Box(px - 2, y.at(p.y.high), px + 2, y.at(p.y.low))
        for p, (px, _, _) in zip(order, at, strict=True)
        if p.y.low is not None and p.y.high is not None
    ]
    steps = _front(points, x, y, plot)
    bars += [
        Box(min(a[0], b[0]), min(a[1], b[1]) - 1, max(a[0], b[0]), max(a[1], b[1]) + 1) for a, b in pairwise(steps)
    ]
    starts = label_places(at, Box(plot.left, plot.top, plot.x1 + plot.right, plot.y1), bars)
    return [
        tag("text", p.mark.words, x=left, y=base, class_=f"name{' chosen' if p.mark.star else ''}")
        for p, (left, base) in zip(order, starts, strict=True)
    ]
