"""The plot area of a picture: grid, ticks and axis names around it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from harness.report.html.scale import Scale
from harness.report.html.svg import join, tag

if TYPE_CHECKING:
    from markupsafe import Markup

_LETTER = 7.1  # pixels of a letter of 12 pixels, on average


class Plot(NamedTuple):
    """Pixels: the whole picture, and what the plot area leaves free at its sides."""

    width: float = 760.0
    height: float = 400.0
    left: float = 62.0
    right: float = 24.0
    top: float = 16.0
    bottom: float = 52.0

    @classmethod
    def narrow(cls, height: float = 340.0) -> Plot:
        """For a phone: as wide as its page, with names in a key below and not at the right."""
        return cls(width=360.0, height=height, left=52.0, right=14.0)

    @property
    def x1(self) -> float:
        return self.width - self.right

    @property
    def y1(self) -> float:
        return self.height - self.bottom


class Axis(NamedTuple):
    """What stands beside an axis.

    Attributes:
        scale: Where its numbers are.
        name: What they are.
        written: How they are written.
        at: The numbers named; round ones without it.
    """

    scale: Scale
    name: str
    written: Callable[[float], str]
    at: Sequence[float] | None = None

    @property
    def ticks(self) -> Sequence[float]:
        return self.scale.ticks() if self.at is None else self.at


def frame(plot: Plot, x: Axis, y: Axis | None) -> Markup:
    """Grid, ticks and names; without `y` only those of the horizontal axis."""
    parts: list[str] = []
    end = -math.inf
    for value in x.ticks:
        at, written = x.scale.at(value), x.written(value)
        parts.append(tag("line", x1=at, x2=at, y1=plot.top, y2=plot.y1, class_="grid"))
        # A number that would run into the one before it is left out; its line stays.
        half = word_width(written) / 2
        if at - half < end:
            continue
        end = at + half + 4
        parts.append(tag("text", written, x=at, y=plot.y1 + 18, text_anchor="middle", class_="tick"))
    if y is not None:
        for value in y.ticks:
            at = y.scale.at(value)
            parts.append(tag("line", x1=plot.left, x2=plot.x1, y1=at, y2=at, class_="grid"))
            parts.append(
                tag("text", y.written(value), x=plot.left - 8, y=at + 4, text_anchor="end", class_="tick")
            )
        middle = (plot.top + plot.y1) / 2
        turn = f"rotate(-90 14 {middle:.0f})"
        parts.append(tag("text", y.name, x=14, y=middle, transform=turn, text_anchor="middle", class_="axis-name"))
    parts.append(tag("line", x1=plot.left, x2=plot.x1, y1=plot.y1, y2=plot.y1, class_="axis"))
    middle = (plot.left + plot.x1) / 2
    parts.append(tag("text", x.name, x=middle, y=plot.height - 8, text_anchor="middle", class_="axis-name"))
    return join(parts)


def shade(x: tuple[float, float], y: tuple[float, float]) -> Markup:
    """What a limit rules out, between two pixels each way."""
    return tag(
        "rect",
        x=min(x),
        y=min(y),
        width=max(abs(x[1] - x[0]), 0.0),
        height=max(abs(y[1] - y[0]), 0.0),
        class_="ruled-out",
    )


def word_width(text: str) -> float:
    return _LETTER * len(text)


class Box(NamedTuple):
    """A rectangle in pixels."""

    x0: float
    y0: float
    x1: float
    y1: float

    def meets(self, other: Box) -> bool:
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1


def label_places(
    points: Sequence[tuple[float, float, str]], within: Box, taken: Sequence[Box] = ()
) -> list[tuple[float, float]]:
    """Where each point's label starts, so that none covers another, nor a mark, as far as there is room.

    Args:
        points: Pixel and label; the weightiest first.
        within: Where labels may be.
        taken: What they must not cover.

    Returns:
        The left end of each label's baseline.
    """
    marks = [Box(x - 9, y - 9, x + 9, y + 9) for x, y, _ in points]
    placed: list[Box] = []
    found: list[tuple[float, float]] = []
    for i, (x, y, label) in enumerate(points):
        width = word_width(label)
        starts = [(x + dx, y + dy) for dy in (4, -10, 18, -24, 32, -38, 46) for dx in (13, -13 - width)]
        starts += [(x - width / 2, y + dy) for dy in (-14, 24, -30, 40, 56)]
        boxes = [Box(left, base - 11, left + width, base + 4) for left, base in starts]
        others = [*marks[:i], *marks[i + 1 :], *placed, *taken]
        free = [
            (b.meets(marks[i]) + sum(b.meets(o) for o in others) + 3 * _outside(b, within), k)
            for k, b in enumerate(boxes)
        ]
        best = min(free)[1]
        placed.append(boxes[best])
        found.append(starts[best])
    return found


def _outside(box: Box, within: Box) -> bool:
    return box.x0 < within.x0 or box.x1 > within.x1 or box.y0 < within.y0 or box.y1 > within.y1
