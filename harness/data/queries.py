"""New rows without targets, for a strategy that is already fitted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from harness.data.columns import require, text_of
from harness.data.sources import read_rows
from harness.errors import DataError
from harness.records import Query
from harness.source import Source
from harness.suite import Columns


class NewRow(NamedTuple):
    """A row as its file has it, and as a strategy sees it.

    Attributes:
        fields: Column to value.
        query: None where the row has no text.
    """

    fields: Mapping[str, str]
    query: Query | None


def read_queries(
    path: str, columns: Columns, folder: Path, sources: Mapping[str, Source], options: Mapping[str, str]
) -> Iterator[NewRow]:
    """Reads rows as the task's were read, but for the target; ids count the rows of this file.

    Args:
        path: As a task's data path, relative to `folder`.
        columns: The task's.
        folder: Where a relative path starts from.
        sources: What plugins registered, by name.
        options: `format`, `encoding` and `delimiter`, where they are given.

    Raises:
        DataError: The file cannot be read, or lacks a column of the text; metadata that it lacks is empty.
    """
    text = text_of(columns)
    rows = read_rows(path, folder, sources, options)
    wanted = [("columns.text", name) for name in text.columns]
    for number, row in enumerate(rows):
        if number == 0:
            try:
                require(wanted, row.fields, rows.name)
            except DataError as error:  # its place in the suite is not what is wrong here
                raise DataError(error.message, where=path) from None
        rendered = text.render(row.fields)
        metadata = {name: row.fields.get(name, "") for name in columns.metadata}
        query = Query(id=f"row-{number + 1}", text=rendered, metadata=metadata) if rendered.strip() else None
        yield NewRow(row.fields, query)
