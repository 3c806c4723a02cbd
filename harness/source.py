"""Where rows come from: the interface that file formats and third-party sources share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

from harness.records import Record


class RawRow(Record):
    """A row as the file has it, before any column is mapped.

    Attributes:
        number: Its place in the file, for messages only: never an id. A CSV's line, a JSON list's item.
        fields: Column to value, all as text; a value that is not text (a JSON list) is its JSON.
    """

    number: int
    fields: Mapping[str, str]


class Source(Protocol):
    """Reads one kind of place. Rows stream: a file larger than memory is not held whole.

    With `privacy: local` one is refused that does not say that it stays on this machine: by an attribute `local`
    that is true, or where it depends on the location by a method `reaches`; see `KnowsReach`.
    """

    def read(self, location: str, folder: Path, options: Mapping[str, str]) -> Iterator[RawRow]:
        """Yields the rows.

        Args:
            location: What stands behind `NAME:` in the suite's `path`.
            folder: The suite's, which a relative path starts from.
            options: `encoding`, `delimiter`, `format` where the suite gives them.

        Raises:
            DataError: Where it cannot be read; names the file, the place in it and what to do.
        """
        ...


@runtime_checkable
class KnowsReach(Protocol):
    """A source that is on this machine for some locations and beyond it for others."""

    def reaches(self, location: str, folder: Path) -> str | None:
        """The host or hub name beyond this machine that reading would contact; None for none.

        Args:
            location: What stands behind `NAME:` in the suite's `path`.
            folder: The suite's, which a relative path starts from.
        """
        ...
