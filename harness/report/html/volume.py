"""What each strategy costs a month at any traffic, on logarithmic axes, with the traffic where two cost the same.

A line is prepare + machines + answers x price; it has a step where one machine more is needed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.deciding.records import BreakEven, CostLine
from harness.report.html.frame import Axis, Plot, frame
from harness.report.html.marks import Mark, symbol
from harness.report.html.scale import Scale, spread
from harness.report.html.svg import path, picture, tag
from harness.report.html.wording import dollar_tick, short

if TYPE_CHECKING:
    from markupsafe import Markup

_STEPS = 120
_LEAST = 0.01  # dollars a month: less is drawn as this


@dataclass(frozen=True)
class Volume:
    """What is drawn.

    Attributes:
        name: Unique on the page.
        title: What it shows.
        description: For those who do not see it.
        lines: Of one basis.
        break_evens: Of the same.
        marks: By strategy.
        traffic: The user's answers a month; None where it is not known.
    """

    name: str
    title: str
    description: str
    lines: Sequence[CostLine]
    break_evens: Sequence[BreakEven]
    marks: Mapping[str, Mark]
    traffic: float | None


def monthly(line: CostLine, answers: float) -> float:
    """Dollars a month at so many answers."""
    replicas = line.replicas
    if line.capacity_per_month:
        replicas = max(replicas, math.ceil(answers / line.capacity_per_month))
    return line.prepare_per_month + line.serving_per_month * replicas + line.per_answer * answers


def volume(it: Volume, *, narrow: bool = False) -> Markup:
    """The picture; the narrow one leaves the names to a key."""
    plot = Plot.narrow(380) if narrow else Plot(height=420, right=170)
    x = _across(it, plot)
    across = [x.low * (x.high / x.low) ** (i / _STEPS) for i in range(_STEPS + 1)]
    y = _up(it.lines, across, plot)
    parts: list[str] = [frame(plot, Axis(x, "answers a month", short), Axis(y, "dollars a month", dollar_tick))]
    if it.traffic:
        at = x.at(it.traffic)
        parts.append(tag("line", x1=at, x2=at, y1=plot.top, y2=plot.y1, class_="traffic"))
        words = f"your traffic: {short(it.traffic)}"
        end = at > (plot.left + plot.x1) / 2
        where = {"x": at - 6 if end else at + 6, "text_anchor": "end" if end else "start"}
        parts.append(tag("text", words, y=plot.top + 12, class_="tick", **where))
    for line in sorted(it.lines, key=lambda each: it.marks[each.strategy].star):
        mark = it.marks[line.strategy]
        points = [(x.at(v), y.at(monthly(line, v))) for v in _with_steps(line, across)]
        parts.append(tag("path", d=path(points), class_=f"line {mark.colour} {mark.dash}"))
    parts += _crossings(it, x, y)
    parts += _ends(it, x, y) if narrow else _names(it, x, y, plot)
    name = f"{it.name}-narrow" if narrow else it.name
    return picture(name, it.title, it.description, (plot.width, plot.height), parts)


def _with_steps(line: CostLine, across: Sequence[float]) -> list[float]:
    """Where it has a step, a place on either side, so that the step is drawn upright."""
    if not line.capacity_per_month or not line.serving_per_month:
        return list(across)
    capacity = line.capacity_per_month
    first = max(line.replicas, math.ceil(across[0] / capacity))
    ends = [k * capacity for k in range(first, first + 60) if k * capacity < across[-1]]
    return sorted([*across, *ends, *(end * 1.000001 for end in ends)])


def _across(it: Volume, plot: Plot) -> Scale:
    """Three powers of ten around the traffic, or what has break-evens between a hundred and a hundred million."""
    met = [b.answers_per_month for b in it.break_evens if 100 <= b.answers_per_month <= 1e8]
    near = [it.traffic / 100, it.traffic * 100] if it.traffic else [1e3, 1e6]
    low = 10.0 ** math.floor(math.log10(min([*met, *near])))
    high = 10.0 ** math.ceil(math.log10(max([*met, *near])))
    return Scale(max(low, 1.0), high, plot.left, plot.x1, log=True)


def _up(lines: Sequence[CostLine], across: Sequence[float], plot: Plot) -> Scale:
    found = [max(monthly(line, v), _LEAST) for line in lines for v in (across[0], across[-1])]
    low = max(10.0 ** math.floor(math.log10(min(found))), _LEAST)
    high = 10.0 ** math.ceil(math.log10(max(found)))
    return Scale(low, high if high > low else 10 * low, plot.y1, plot.top, log=True)


def _crossings(it: Volume, x: Scale, y: Scale) -> list[str]:
    """Where lines meet: those where the cheapest of all changes have their number beside them."""
    by_name = {line.strategy: line for line in it.lines}
    parts: list[str] = []
    for each in it.break_evens:
        # Where both are under the least that is drawn they only seem to meet on the axis.
        line = by_name.get(each.below)
        if line is None or not x.low <= each.answers_per_month <= x.high:
            continue
        dollars = monthly(line, each.answers_per_month)
        if dollars < y.low:
            continue
        at = x.at(each.answers_per_month), y.at(dollars)
        cheapest = min(monthly(other, each.answers_per_month) for other in it.lines)
        weighty = dollars <= cheapest * 1.02 or any(it.marks[n].star for n in (each.below, each.above))
        parts.append(tag("circle", cx=at[0], cy=at[1], r=4.5 if weighty else 2.5, class_="crossing"))
        if weighty:
            words = short(each.answers_per_month)
            parts.append(tag("text", words, x=at[0], y=at[1] - 9, text_anchor="middle", class_="crossing-name"))
    return parts


def _ends(it: Volume, x: Scale, y: Scale) -> list[str]:
    """Each line's mark at its end: in a picture without names dashes alone are hard to tell apart."""
    return [symbol(it.marks[line.strategy], x.end, y.at(monthly(line, x.high)), 4.0) for line in it.lines]


def _names(it: Volume, x: Scale, y: Scale, plot: Plot) -> list[str]:
    ends = [y.at(monthly(line, x.high)) for line in it.lines]
    places = spread(ends, 16, plot.top + 4, plot.y1)
    parts: list[str] = []
    for line, end, place in zip(it.lines, ends, places, strict=True):
        mark = it.marks[line.strategy]
        leader = path([(plot.x1, end), (plot.x1 + 10, place)])
        parts.append(tag("path", d=leader, class_=f"leader {mark.colour}"))
        parts.append(symbol(mark, plot.x1 + 16, place, 4.0))
        look = f"name{' chosen' if mark.star else ''}"
        parts.append(tag("text", mark.short, x=plot.x1 + 26, y=place + 4, class_=look))
    return parts
