"""How each strategy is told from the others in every picture: colour, shape and dashes, never colour alone.

    features   ★ blue, solid       the recommended one, and no other
    lora       ● vermillion        the others in the order of the table
    majority   ■ grey, dotted      yardsticks

The colours are Okabe and Ito's (2008), some darkened on light and lightened on dark paper until they have 3 to 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from harness.report.html.svg import join, tag

if TYPE_CHECKING:
    from markupsafe import Markup

    from harness.comparison import TaskComparison

_COLOURS = 6  # beside that of the recommended one
_SHAPES = ("circle", "square", "up", "diamond", "down", "cross")


class Mark(NamedTuple):
    """A strategy's.

    Attributes:
        name: The strategy.
        colour: Class of the style sheet: `star`, `c1` to `c6`, or `grey`.
        shape: `star`, `circle`, …
        dash: Class of the style sheet for lines: `d0` (solid) to `d3`.
    """

    name: str
    colour: str
    shape: str
    dash: str

    @property
    def star(self) -> bool:
        return self.shape == "star"

    @property
    def short(self) -> str:
        """The name beside its mark in a picture, cut where it is very long."""
        return self.name if len(self.name) <= 28 else self.name[:27] + "…"

    @property
    def label(self) -> str:
        """The same where the mark is not beside it."""
        return f"★ {self.short}" if self.star else self.short

    @property
    def words(self) -> str:
        """The same with what the star means."""
        return f"{self.short}, recommended" if self.star else self.short


def marks(task: TaskComparison) -> Mapping[str, Mark]:
    found: dict[str, Mark] = {}
    others = yardsticks = 0
    for each in task.strategies:
        if each.name == task.recommendation.strategy:
            found[each.name] = Mark(each.name, "star", "star", "d0")
        elif each.yardstick:
            found[each.name] = Mark(each.name, "grey", _SHAPES[(1 + yardsticks) % len(_SHAPES)], "d3")
            yardsticks += 1
        else:
            # The shape moves on by one more each time that the colours are through.
            shape = _SHAPES[(others + others // _COLOURS) % len(_SHAPES)]
            dash = f"d{(others // _COLOURS) % 3}"
            found[each.name] = Mark(each.name, f"c{others % _COLOURS + 1}", shape, dash)
            others += 1
    return found


def key(marks: Iterable[Mark]) -> list[tuple[Markup, Mark]]:
    """Each mark beside its name, as a figure's key."""
    return [(swatch(mark), mark._replace(name=mark.words)) for mark in marks]


def symbol(mark: Mark, x: float, y: float, size: float = 5.5, *, hollow: bool = False) -> Markup:
    """The mark drawn around a point, `size` pixels from its middle to its edge."""
    look = f"mark {mark.colour}{' hollow' if hollow else ''}"
    if mark.shape == "circle":
        return tag("circle", cx=x, cy=y, r=size * 0.9, class_=look)
    if mark.shape == "square":
        side = size * 1.7
        return tag("rect", x=x - side / 2, y=y - side / 2, width=side, height=side, class_=look)
    corners = " ".join(f"{x + size * dx:.1f},{y + size * dy:.1f}" for dx, dy in _corners(mark.shape))
    return tag("polygon", points=corners, class_=look)


def _corners(shape: str) -> list[tuple[float, float]]:
    if shape == "star":
        turns = [(1.75 if i % 2 == 0 else 0.75, math.pi * i / 5 - math.pi / 2) for i in range(10)]
        return [(r * math.cos(a), r * math.sin(a)) for r, a in turns]
    if shape == "diamond":
        return [(0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)]
    if shape == "cross":
        a, b = 1.15, 0.4
        right = [(b, -b), (a, -b), (a, b), (b, b), (b, a), (-b, a), (-b, b), (-a, b), (-a, -b), (-b, -b)]
        return [*right, (-b, -a), (b, -a)]
    up = [(0, -1.25), (1.15, 0.85), (-1.15, 0.85)]
    return up if shape == "up" else [(dx, -dy) for dx, dy in up]


def swatch(mark: Mark, *, line: bool = False) -> Markup:
    """The mark beside a name, for a key; words say the name, so it is hidden from screen readers."""
    parts = [tag("line", x1=0, y1=8, x2=26, y2=8, class_=f"line {mark.colour} {mark.dash}")] if line else []
    width = 26 if line else 16
    return tag(
        "svg",
        join([*parts, symbol(mark, width / 2, 8, 4.5)]),
        viewBox=f"0 0 {width} 16",
        width=width,
        height=16,
        aria_hidden="true",
        class_="swatch",
    )
