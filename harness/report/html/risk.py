"""What answering only the surest rows gains: the share of wrong answers against the share of rows answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.diagnosing.records import RiskPoint, Selective
from harness.report.html.frame import Axis, Plot, frame, shade
from harness.report.html.marks import Mark, symbol
from harness.report.html.scale import Scale, linear, spread
from harness.report.html.svg import path, picture, tag
from harness.report.html.wording import percent, tick

if TYPE_CHECKING:
    from markupsafe import Markup

MOST = 40  # points of a curve; evenly drawn


def risk(name: str, rows: Sequence[tuple[Mark, Selective]], *, narrow: bool = False) -> Markup:
    """The picture; the narrow one leaves the names to a key."""
    plot = Plot.narrow(300) if narrow else Plot(height=340, right=170)
    name = f"{name}-narrow" if narrow else name
    curves = [(mark, each, thinned(each.points)) for mark, each in rows]
    values = [p.risk.value for _, _, points in curves for p in points]
    ceiling = next((each.ceiling for _, each in rows if each.ceiling is not None), None)
    if ceiling is not None:
        values.append(ceiling * 1.5)
    x = Scale(0.0, 1.0, plot.left + 4, plot.x1)
    y = linear([0.0, *values], plot.y1, plot.top, least=0.0, most=1.0)
    parts: list[str] = []
    if ceiling is not None and ceiling < y.high:
        parts.append(shade((plot.left, plot.x1), (plot.top, y.at(ceiling))))
    parts.append(frame(plot, Axis(x, "share of rows answered", percent), Axis(y, "share of wrong answers", tick)))
    if ceiling is not None:
        parts.append(tag("line", x1=plot.left, x2=plot.x1, y1=y.at(ceiling), y2=y.at(ceiling), class_="limit"))
        words = f"your ceiling: {tick(ceiling)}"
        parts.append(tag("text", words, x=plot.left + 10, y=y.at(ceiling) - 6, class_="limit-name"))
    for mark, _, points in curves:
        if mark.star or len(curves) == 1:
            parts.append(_band(mark, points, x, y))
    for mark, each, points in sorted(curves, key=lambda c: c[0].star):
        line = [(x.at(p.coverage), y.at(p.risk.value)) for p in points]
        parts.append(tag("path", d=path(line), class_=f"line {mark.colour} {mark.dash}"))
        if each.coverage is not None and each.risk is not None:
            parts.append(symbol(mark, x.at(each.coverage.value), y.at(each.risk.value), 5.5))
    parts += _ends(curves, x, y) if narrow else _names(curves, y, plot)
    told = "; ".join(
        f"{mark.name}: {percent(points[-1].risk.value)} wrong, {percent(points[0].risk.value)} of the surest"
        for mark, _, points in curves
        if points
    )
    return picture(name, "Wrong answers against rows answered", told, (plot.width, plot.height), parts)


def thinned(points: Sequence[RiskPoint]) -> list[RiskPoint]:
    ordered = sorted(points, key=lambda p: p.coverage)
    if len(ordered) <= MOST:
        return ordered
    last = len(ordered) - 1
    return [ordered[round(i * last / (MOST - 1))] for i in range(MOST)]


def _band(mark: Mark, points: Sequence[RiskPoint], x: Scale, y: Scale) -> Markup:
    bounded = [p for p in points if p.risk.low is not None and p.risk.high is not None]
    above = [(x.at(p.coverage), y.at(p.risk.high or 0.0)) for p in bounded]
    below = [(x.at(p.coverage), y.at(p.risk.low or 0.0)) for p in reversed(bounded)]
    return tag("path", d=path([*above, *below]) + ("Z" if bounded else ""), class_=f"band {mark.colour}")


def _ends(curves: Sequence[tuple[Mark, Selective, list[RiskPoint]]], x: Scale, y: Scale) -> list[str]:
    return [
        symbol(mark, x.at(points[-1].coverage), y.at(points[-1].risk.value), 4.0)
        for mark, _, points in curves
        if points
    ]


def _names(curves: Sequence[tuple[Mark, Selective, list[RiskPoint]]], y: Scale, plot: Plot) -> list[str]:
    shown = [(mark, points) for mark, _, points in curves if points]
    ends = [y.at(points[-1].risk.value) for _, points in shown]
    parts: list[str] = []
    for (mark, _), end, place in zip(shown, ends, spread(ends, 16, plot.top, plot.y1), strict=True):
        leader = path([(plot.x1, end), (plot.x1 + 10, place)])
        parts.append(tag("path", d=leader, class_=f"leader {mark.colour}"))
        look = f"name{' chosen' if mark.star else ''}"
        parts.append(tag("text", mark.label, x=plot.x1 + 14, y=place + 4, class_=look))
    return parts
