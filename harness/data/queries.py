"""New rows without targets, for a strategy that is already fitted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from harness.data.columns import require, text_of
from harness.data.dialogue import Dialogue
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
        DataError: The file cannot be read, or lacks a column of the text or of its history; metadata that it
            lacks is empty.
    """
    text = text_of(columns)
    rows = read_rows(path, folder, sources, options)
    dialogue: Dialogue | None = None
    for number, row in enumerate(rows):
        if dialogue is None:
            dialogue = Dialogue.of(columns, text, row.fields)
            wanted = [each for each in dialogue.needed(()) if each[0] in ("columns.text", "columns.history")]
            try:
                require(wanted, row.fields, rows.name)
            except DataError as error:  # its place in the suite is not what is wrong here
                raise DataError(error.message, where=path) from None
        told = dialogue.told(row.fields, rows.place(row.number))
        metadata = {name: row.fields.get(name, "") for name in columns.metadata}
        query = None
        if told.text.strip():
            history = dialogue.before(told, ())
            query = Query(id=f"row-{number + 1}", text=told.text, history=history, metadata=metadata)
        yield NewRow(row.fields, query)
