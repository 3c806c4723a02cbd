"""Whether a strategy is as often right as it is sure: the reliability diagram (on the diagonal: it is)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness import numbers
from harness.diagnosing.records import Calibration
from harness.report.html.frame import Axis, Plot, frame
from harness.report.html.marks import Mark, symbol
from harness.report.html.scale import Scale
from harness.report.html.svg import path, picture, tag
from harness.report.html.wording import tick

if TYPE_CHECKING:
    from markupsafe import Markup


def reliability(name: str, mark: Mark, found: Calibration) -> Markup:
    plot = Plot(width=300, height=270, left=48, right=12, top=12, bottom=46)
    # Confidence of a label task is never low; the axis begins where something is.
    least = min([b.confidence for b in found.bins] + [b.accuracy.low or 0.0 for b in found.bins], default=0.0)
    low = max(0.0, int(least * 5) / 5)
    x = Scale(low, 1.0, plot.left + 4, plot.x1 - 4)
    y = Scale(low, 1.0, plot.y1, plot.top)
    parts: list[str] = [frame(plot, Axis(x, "how sure", tick), Axis(y, "how often right", tick))]
    parts.append(tag("path", d=path([(x.at(low), y.at(low)), (x.at(1.0), y.at(1.0))]), class_="diagonal"))
    for each in found.bins:
        at = x.at(each.confidence)
        if each.accuracy.low is not None and each.accuracy.high is not None:
            ends = y.at(each.accuracy.low), y.at(each.accuracy.high)
            parts.append(tag("line", x1=at, x2=at, y1=ends[0], y2=ends[1], class_=f"span thin {mark.colour}"))
    line = [(x.at(b.confidence), y.at(b.accuracy.value)) for b in found.bins]
    parts.append(tag("path", d=path(line), class_=f"line {mark.colour}"))
    parts += [symbol(mark, px, py, 4.0) for px, py in line]
    told = "; ".join(
        f"sure {numbers.proportion(b.confidence)}, right {numbers.proportion(b.accuracy.value)}"
        for b in found.bins
    )
    return picture(name, f"Reliability of {mark.name}", told, (plot.width, plot.height), parts)
