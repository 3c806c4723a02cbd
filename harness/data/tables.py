"""Rows beside the tasks: the passages of a handbook, preference pairs, bare text.

tables: {handbook: {path: handbook.jsonl, id: section}}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from harness.data.columns import require
from harness.data.ids import column_ids, content_ids
from harness.data.sources import options_of, read_rows
from harness.data.within import in_field
from harness.records import Example, Row
from harness.source import Source
from harness.suite import TableSpec
from harness.turns import key_of, same_question


def load_table(spec: TableSpec, folder: Path, sources: Mapping[str, Source]) -> tuple[Row, ...]:
    """Reads all rows of a table, in the file's order.

    Args:
        spec: What the suite says of it.
        folder: The suite's.
        sources: What plugins registered, by name.

    Raises:
        DataError: It cannot be read, or its ids are blank or repeated; `where` is the field of `spec`.
    """
    with in_field("path"):
        rows = read_rows(spec.path, folder, sources, options_of(spec))
        raw = list(rows)
    fields = [dict(row.fields) for row in raw]
    if spec.id is None:
        ids = content_ids(fields, [""] * len(fields))
    else:
        require([("id", spec.id)], dict.fromkeys(name for each in fields for name in each), rows.name)
        ids = column_ids(
            [each.get(spec.id, "") for each in fields], [rows.place(r.number) for r in raw], where="id"
        )
    return tuple(Row(id=each, fields=of) for each, of in zip(ids, fields, strict=True))


def with_test_texts(rows: Iterable[Row], test: Iterable[Example]) -> list[str]:
    """The ids of rows that hold a test row's text in one of their fields, up to case, blanks and Unicode form."""
    asked = {key_of(example.query) for example in test}
    return [row.id for row in rows if any(same_question(value) in asked for value in row.fields.values())]
