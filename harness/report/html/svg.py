"""SVG elements as escaped markup: numbers short, foreign words plain, no styles inside (the page bans them).

tag("circle", cx=10.04, cy=5, r=3, class_="mark c1")   <circle cx="10" cy="5" r="3" class="mark c1"></circle>
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from harness.numbers import plain

if TYPE_CHECKING:
    from markupsafe import Markup

Attribute = str | float | int | None


def tag(name: str, *children: str, **attributes: Attribute) -> Markup:
    """An element.

    Args:
        name: Of the element.
        children: Text, which is escaped, or markup.
        attributes: `class_` is class, `text_anchor` is text-anchor; None leaves one out.
    """
    from markupsafe import Markup, escape

    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_value(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(str(escape(plain(child) if type(child) is str else child)) for child in children)
    return Markup(f"<{name}{told}>{inner}</{name}>")


def join(parts: Iterable[str]) -> Markup:
    from markupsafe import Markup

    return Markup("").join(parts)


def path(points: Iterable[tuple[float, float]]) -> str:
    """The `d` of a line through points, in pixels."""
    return "".join(f"{'L' if i else 'M'}{_value(x)} {_value(y)}" for i, (x, y) in enumerate(points))


def picture(name: str, title: str, description: str, size: tuple[float, float], parts: Iterable[str]) -> Markup:
    """A whole picture, which a screen reader announces by its title and description.

    Args:
        name: Unique on the page.
        title: What it shows.
        description: What is to be seen in it.
        size: Width and height of its own units.
        parts: What is drawn.
    """
    return tag(
        "svg",
        tag("title", title, id=f"{name}-title"),
        tag("desc", description, id=f"{name}-desc"),
        *parts,
        viewBox=f"0 0 {_value(size[0])} {_value(size[1])}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        class_="chart",
    )


def _value(value: Attribute) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return plain(str(value))
