"""Several files read as one, in the order of their names.

tickets/*.csv   ->   tickets/2025.csv line 2, …, tickets/2026.csv line 2, …
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from harness.data.saying import few
from harness.errors import DataError
from harness.source import RawRow

# Name, unit of its numbers, and how its rows are read.
_File = tuple[str, str, Callable[[], Iterator[RawRow]]]


@dataclass(frozen=True)
class SeveralFiles:
    """The rows of several files, numbered on from file to file.

    Attributes:
        files: In the order that they are read.
        loose: Those whose rows name their own columns, and may lack some.
    """

    files: tuple[_File, ...]
    loose: frozenset[str]
    _starts: list[int] = field(default_factory=list)

    def read(self) -> Iterator[RawRow]:
        """Yields all rows.

        Raises:
            DataError: A file has other columns than the first one.
        """
        self._starts.clear()
        first: tuple[str, list[str]] | None = None
        last = 0
        for name, _, rows in self.files:
            start = last
            self._starts.append(start)
            columns: list[str] | None = None
            for row in rows():
                if columns is None and name not in self.loose:
                    columns = list(row.fields)
                    first = first or (name, columns)
                    _agree(name, columns, *first)
                last = start + row.number
                yield RawRow.model_construct(number=last, fields=row.fields)

    def place(self, number: int) -> str:
        """Where a row stands, such as ``tickets/2026.csv line 4``; only rows that were read have one."""
        # A file without rows starts where the next one does, and the last of these has the row.
        index = max(0, bisect_right(self._starts, number - 1) - 1)
        name, unit, _ = self.files[index]
        return f"{name} {unit} {number - self._starts[index]}"


def _agree(name: str, columns: list[str], first: str, wanted: list[str]) -> None:
    lacks = [each for each in wanted if each not in columns]
    more = [each for each in columns if each not in wanted]
    if not lacks and not more:
        return
    said = [f"lacks {few(map(repr, lacks))}"] if lacks else []
    said += [f"has {few(map(repr, more))} besides"] if more else []
    raise DataError(
        f"the columns of {name} are not those of {first}: it {' and '.join(said)}. Files that one path names must "
        "have the same columns, in any order"
    )
