"""What kind of thing each column holds, by its values alone.

ticket    4,000 filled, 4,000 different   id         T-100001
created   4,000 filled, 3,912 different   date       2026-01-02 08:14
channel   4,000 filled,     4 different   category   mail
body      4,000 filled, 3,871 different   text       Hello, I was charged …
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from harness.data.times import pinned
from harness.data.turning import SPEAKERS
from harness.starting.table import Table

What = Literal["empty", "constant", "object", "list", "turns", "date", "number", "id", "category", "text"]
_MOST = 0.95  # of the filled cells, for a kind that each cell shows by itself
_LOOKED = 2_000  # cells
_OTHER_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](\d{4}|\d{2})([ T,]+\d{1,2}:\d{2}(:\d{2})?)?( ?[AaPp][Mm])?")
_SPEAKER = re.compile(
    rf"^\W*({'|'.join(map(re.escape, SPEAKERS))})\s*\d*\s*:",
    re.IGNORECASE | re.MULTILINE,
)
_NUMBER = re.compile(r"[-+]?(\d+([.,]\d+)?|\.\d+)([eE][-+]?\d+)?")


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        name: As the file has it.
        what: What kind of thing it holds.
        filled: Cells that are not blank.
        counts: Filled value to its rows, the commonest first.
        words: In a filled cell, on average.
        iso: Of a date: whether every one is ISO, which needs no guess at what is the month.
    """

    name: str
    what: What
    filled: int
    counts: Counter[str]
    words: float
    iso: bool = False

    @property
    def different(self) -> int:
        return len(self.counts)

    @property
    def is_chat(self) -> bool:
        """Whether it holds messages as JSON, and not lines of who says what."""
        return self.what == "turns" and self.example.lstrip().startswith("[")

    @property
    def example(self) -> str:
        return next(iter(self.counts), "")


def columns_of(table: Table) -> dict[str, Column]:
    """Every column of a table, in its order."""
    return {name: _column(name, table.column(name)) for name in table.columns}


def is_date(value: str) -> bool:
    """Whether a cell is a date, perhaps with a time, however it is written."""
    return is_iso_date(value) or _OTHER_DATE.fullmatch(value.strip()) is not None


def is_iso_date(value: str) -> bool:
    """Whether a cell is an ISO date, perhaps with a time; bare digits are none."""
    return "-" in value and pinned(value) is not None


def _column(name: str, cells: Sequence[str]) -> Column:
    filled = [cell for cell in cells if cell.strip()]
    counts = Counter(dict(Counter(filled).most_common()))
    looked = filled[:_LOOKED]
    words = sum(len(cell.split()) for cell in looked) / max(1, len(looked))
    what = _what(looked, counts, len(filled), words)
    return Column(name, what, len(filled), counts, words, what == "date" and all(map(is_iso_date, looked)))


def _what(looked: Sequence[str], counts: Counter[str], filled: int, words: float) -> What:
    if not looked:
        return "empty"
    by_cell: tuple[tuple[What, Callable[[str], bool]], ...] = (
        ("object", _is_object),
        ("turns", _is_turns),
        ("list", _is_list),
        ("date", is_date),
    )
    for what, holds in by_cell:
        if sum(map(holds, looked)) >= _MOST * len(looked):
            return what
    if len(counts) == 1 and filled > 1:
        return "constant"
    once = len(counts) >= _MOST * filled
    longest = max(len(cell) for cell in looked)
    if once and words < 1.5 and longest <= 64 and filled > 2 and not _all_numbers_with_points(looked):
        return "id"
    if sum(_NUMBER.fullmatch(cell.strip()) is not None for cell in looked) >= _MOST * len(looked):
        return "number"
    if len(counts) <= max(2, filled / 2) and words < 6 and longest <= 100:
        return "category"
    return "text" if words >= 1.5 or longest > 64 else "category"


def _all_numbers_with_points(cells: Sequence[str]) -> bool:
    return all(_NUMBER.fullmatch(cell) and not cell.isdigit() for cell in cells)


def _is_object(cell: str) -> bool:
    return isinstance(_json(cell, "{"), dict)


def _is_list(cell: str) -> bool:
    return isinstance(_json(cell, "["), list)


def _is_turns(cell: str) -> bool:
    found = _json(cell, "[")
    if isinstance(found, list):
        return bool(found) and all(isinstance(turn, dict) and ({"role", "from"} & turn.keys()) for turn in found)
    return len({who.casefold() for who in _SPEAKER.findall(cell)}) > 1


def _json(cell: str, begins: str) -> object:
    if not cell.lstrip().startswith(begins):
        return None
    try:
        found: object = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    return found
