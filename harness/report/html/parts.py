"""What sections are made of; the templates know how each is written.

Section("Latency", [Figure(...), Fold("The numbers", [Table(...)])])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from markupsafe import Markup

    from harness.records import Message
    from harness.report.html.marks import Mark


@dataclass(frozen=True)
class Cell:
    """One of a table.

    Attributes:
        text: What it says.
        sort: What it is sorted by; its text without it.
        number: Whether it is set as a number.
        picture: Drawn in it, before the text.
        look: Class of the style sheet.
        star: Whether it names the recommended strategy.
        small: Said below, in small type.
    """

    text: str = ""
    sort: float | None = None
    number: bool = False
    picture: Markup | None = None
    look: str = ""
    star: bool = False
    small: str = ""


def number(text: str, sort: float | None = None, small: str = "", look: str = "") -> Cell:
    return Cell(text, sort=sort, number=True, small=small, look=look)


def dash() -> Cell:
    return Cell("-", sort=None, number=True, look="none")


@dataclass(frozen=True)
class Head:
    """A column's."""

    text: str
    number: bool = False
    hint: str = ""


@dataclass(frozen=True)
class Table:
    kind: ClassVar[str] = "table"
    caption: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    sortable: bool = True
    look: str = ""


@dataclass(frozen=True)
class Figure:
    """A picture with a key, and its numbers behind it.

    Attributes:
        name: Unique on the page.
        title: What it shows.
        drawn: The picture.
        caption: How to read it, with n and what the intervals are.
        table: Its numbers.
        key: Marks to name in words; empty where the picture does.
        wide: Whether it takes the whole width.
        narrow: The same drawn for a phone, with the key below; the key then stands beside that alone.
    """

    kind: ClassVar[str] = "figure"
    name: str
    title: str
    drawn: Markup
    caption: str
    table: Table | None = None
    key: Sequence[tuple[Markup, Mark]] = ()
    wide: bool = True
    narrow: Markup | None = None


@dataclass(frozen=True)
class Figures:
    """Small pictures beside each other, their numbers in one table."""

    kind: ClassVar[str] = "figures"
    figures: Sequence[Figure]
    table: Table | None = None


@dataclass(frozen=True)
class Prose:
    kind: ClassVar[str] = "prose"
    text: str
    look: str = ""


@dataclass(frozen=True)
class Heading:
    kind: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True)
class Listing:
    kind: ClassVar[str] = "listing"
    title: str
    items: Sequence[str]
    look: str = ""


@dataclass(frozen=True)
class Terms:
    """Words and what they are here."""

    kind: ClassVar[str] = "terms"
    items: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Fold:
    kind: ClassVar[str] = "fold"
    summary: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Tile:
    """A number to be seen first."""

    name: str
    value: str
    small: str


@dataclass(frozen=True)
class Verdict:
    """The sentence to pass on.

    Attributes:
        outcome: The recommendation's.
        badge: Such as `Recommended: features`.
        sentence: The one sentence.
        star: Whether a strategy is recommended.
        sure: How sure it is.
        tiles: Its weightiest numbers.
        second: The runner-up in a sentence.
    """

    kind: ClassVar[str] = "verdict"
    outcome: str
    badge: str
    sentence: str
    star: bool
    sure: str
    tiles: Sequence[Tile]
    second: str = ""


@dataclass(frozen=True)
class Given:
    """One answer to a row, and who gave it.

    Attributes:
        answer: As given; empty where texts are left out.
        verdict: right, wrong, failed, or a score in words.
        look: Class of the style sheet.
        who: Strategies, with how sure each was where it tells.
        star: Whether the recommended one is among them.
    """

    answer: str
    verdict: str
    look: str
    who: Sequence[str]
    star: bool = False


@dataclass(frozen=True)
class Example:
    """A row on which strategies disagree.

    Attributes:
        query_id: Which.
        text: Its text; None where texts are left out.
        turns: The turns before it.
        folded: Whether they are too much to be open at first.
        target: What it should be answered; None likewise.
        given: Each answer once.
        wrong: Names of the strategies that are wrong on it, for the filter.
    """

    query_id: str
    text: str | None
    target: str | None
    given: Sequence[Given]
    wrong: Sequence[str]
    turns: Sequence[Message] = ()
    folded: bool = False


@dataclass(frozen=True)
class Examples:
    kind: ClassVar[str] = "examples"
    name: str
    shown: Sequence[Example]
    strategies: Sequence[str]
    caption: str
    texts: bool


Block = Table | Figure | Figures | Prose | Heading | Listing | Terms | Fold | Verdict | Examples


@dataclass(frozen=True)
class Section:
    """A heading of its own, named in the contents.

    Attributes:
        name: Unique on the page.
        title: The heading.
        blocks: What stands under it.
    """

    name: str
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Chapter:
    """A task, or what holds for all tasks."""

    name: str
    title: str
    small: str
    sections: Sequence[Section]
