"""Examples that are conversations already: chat JSONL, or a list or table of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.data.decoding import Opened, Tally
from harness.data.places import locate
from harness.data.saying import counted
from harness.data.sources import Rows
from harness.preparation.gathered import Gathered
from harness.starting.table import Table
from harness.trainingfiles.reading import ReadBack, add, is_chat, read_texts

_LOOKED_AT = 20  # lines that may be broken before the first whole one


def holds_chat(path: str, *, whole: bool = False) -> bool:
    """Whether a file of JSON lines holds conversations, some of its first lines perhaps broken.

    Args:
        path: The file.
        whole: Whether a prompt and a completion, which may as well be two columns, are none.
    """
    with_lines = Path(path).suffixes[-2:]
    if not any(each.lower() in (".jsonl", ".ndjson") for each in with_lines):
        return False
    for _, text in zip(range(_LOOKED_AT), _texts(path, "utf-8"), strict=False):
        try:
            item: object = json.loads(text)
        except (ValueError, RecursionError):
            continue
        return is_chat(item) and not (whole and isinstance(item, dict) and "completion" in item)
    return False


def gather_lines(path: str, encoding: str = "utf-8") -> Gathered:
    """Examples of a file of JSON lines; a line that cannot be read is found, and the rest is read."""
    name = locate(path, Path(), ()).name
    return _gathered(read_texts(_texts(path, encoding), name), name)


def gather_rows(rows: Rows) -> Gathered:
    """Examples of any other file, each of whose rows is one."""
    read = ReadBack([], [])
    for row in rows:
        add(
            read,
            {name: _value(cell) for name, cell in row.fields.items() if cell},
            rows.place(row.number),
            row.number,
        )
    return _gathered(read, rows.name)


def is_chat_table(table: Table) -> bool:
    """Whether a file's columns are those of conversations, and not merely called so."""
    first: Mapping[str, str] = table.rows[0] if table.rows else {}
    item = {name: _value(cell) for name, cell in first.items() if cell}
    return is_chat(item) and (not isinstance(item.get("messages", []), str))


def _gathered(read: ReadBack, name: str) -> Gathered:
    count = len(read.lines) + len(read.findings)
    return Gathered(read.lines, None, read.findings, (f"{name}: {counted(count, 'example')}, taken as they are.",))


def _texts(path: str, encoding: str) -> Iterator[str]:
    file, tally = locate(path, Path(), ()), Tally()
    for text in Opened(file, file.name, encoding, None, tally).lines():
        yield tally.shown(text)


def _value(cell: str) -> object:
    """A cell of a table, whose lists and objects are written as JSON."""
    if cell[:1] in ("[", "{"):
        try:
            found: object = json.loads(cell)
        except (ValueError, RecursionError):
            return cell
        return found
    return cell
