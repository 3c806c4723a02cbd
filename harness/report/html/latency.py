"""How long one answer takes: every measured second a dot, the median and the 95th percentile with their intervals.

features   ∴∵:∴∵ |--I--|      |---I------|
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness import numbers
from harness.comparing.records import Estimate, Latency
from harness.report.html.frame import Axis, Plot, frame, shade, word_width
from harness.report.html.marks import Mark, symbol
from harness.report.html.scale import Scale, decades
from harness.report.html.svg import picture, tag
from harness.report.html.wording import second_tick

if TYPE_CHECKING:
    from markupsafe import Markup

_ROW = 46.0
_DOTS = 150  # of one strategy; evenly drawn of the sorted, so that the tails stay


def latency(
    name: str, rows: Sequence[tuple[Mark, Latency]], limits: dict[str, float], *, narrow: bool = False
) -> Markup:
    """The picture.

    Args:
        name: Unique on the page.
        rows: Strategies with their seconds.
        limits: The user's, by figure: p50_seconds, p95_seconds, p99_seconds.
        narrow: For a phone: each name above its row and not beside it, fewer dots.
    """
    row = _ROW + 14 if narrow else _ROW
    left = min(max(word_width(mark.label) for mark, _ in rows) + 24, 230.0)
    plot = Plot(height=row * len(rows) + 76, left=left, top=20)
    if narrow:
        name, plot = f"{name}-narrow", Plot(width=360, height=row * len(rows) + 76, left=12, right=16, top=20)
    known = [e for _, each in rows for e in (each.p50, each.p95) if e is not None]
    ends = [v for e in known for v in (e.low, e.value, e.high) if v is not None and v > 0]
    dots = [_drawn(each.seconds, _DOTS // 2 if narrow else _DOTS) for _, each in rows]
    x = decades([*ends, *(s for each in dots for s in each)], plot.left, plot.x1)
    parts: list[str] = []
    most = limits.get("p95_seconds")
    if most is not None and most < x.high:
        parts.append(shade((x.at(most), plot.x1), (plot.top, plot.y1)))
    parts.append(frame(plot, Axis(x, "seconds of one answer", second_tick), None))
    if most is not None and most < x.high:
        parts.append(tag("line", x1=x.at(most), x2=x.at(most), y1=plot.top, y2=plot.y1, class_="limit"))
        words = f"your limit on p95: {numbers.seconds(most)}"
        half = word_width(words) / 2
        at = min(max(x.at(most), half), plot.width - half)
        parts.append(tag("text", words, x=at, y=plot.top - 6, text_anchor="middle", class_="limit-name"))
    for i, ((mark, each), drawn) in enumerate(zip(rows, dots, strict=True)):
        middle = plot.top + row * (i + 0.5) + (7 if narrow else 0)
        look = f"name{' chosen' if mark.star else ''}"
        where = (
            {"x": x.start + 2, "y": middle - 22}
            if narrow
            else {"x": x.start - 12, "y": middle + 4, "text_anchor": "end"}
        )
        parts.append(tag("text", mark.label, class_=look, **where))
        parts += _row(mark, each, drawn, middle, x)
    title = "Seconds of one answer, by strategy"
    told = "; ".join(
        f"{mark.name}: median {numbers.seconds(each.p50.value)}" for mark, each in rows if each.p50 is not None
    )
    return picture(name, title, told, (plot.width, plot.height), parts)


def _drawn(seconds: Sequence[float], most: int) -> list[float]:
    if len(seconds) <= most:
        return list(seconds)
    last = len(seconds) - 1
    return [seconds[round(i * last / (most - 1))] for i in range(most)]


def _row(mark: Mark, found: Latency, drawn: Sequence[float], y: float, x: Scale) -> list[str]:
    parts: list[str] = []
    for i, second in enumerate(drawn):
        # Shaken up and down by a fixed pattern, for equal seconds would hide each other.
        shaken = y - 7 + 9 * ((i * 0.618034) % 1 - 0.5)
        parts.append(tag("circle", cx=x.at(second), cy=shaken, r=1.8, class_=f"dot {mark.colour}"))
    for each, below, hollow in ((found.p50, 8.0, False), (found.p95, 15.0, True)):
        if each is not None:
            parts += _percentile(each, mark, y + below, x, hollow)
    return parts


def _percentile(found: Estimate, mark: Mark, y: float, x: Scale, hollow: bool) -> list[str]:
    parts: list[str] = []
    if found.low is not None and found.high is not None:
        ends = x.at(found.low), x.at(found.high)
        parts.append(tag("line", x1=ends[0], x2=ends[1], y1=y, y2=y, class_=f"span {mark.colour}"))
    dot = mark._replace(shape="circle")
    parts.append(symbol(dot, x.at(found.value), y, 4.0, hollow=hollow))
    return parts
