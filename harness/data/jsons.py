"""Rows of a JSON or JSONL file: one object each.

[{"text": "Great flight!", "label": "positive", "tags": ["air", "praise"]}]
number 1:  text "Great flight!"  label "positive"  tags '["air", "praise"]'
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from harness.data.decoding import Opened
from harness.errors import DataError
from harness.source import RawRow


def read_json(file: Opened) -> Iterator[RawRow]:
    """Reads a list of objects, or ``{"data": [...]}``. JSON as a whole is held in memory; JSONL is not.

    Raises:
        DataError: It is not JSON, or not such a list; says the line.
    """
    text = file.text()
    if not text.strip():
        raise DataError(f"{file.name} is empty")
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        more = isinstance(error, json.JSONDecodeError) and error.msg == "Extra data"
        hint = ". If each line is an object of its own, say `format: jsonl`" if more else ""
        raise DataError(f"{file.name} line {line} is not JSON: {error}{hint}") from error
    if isinstance(found, dict) and "data" in found:
        found = found["data"]
    if not isinstance(found, list):
        has = f"an object with {', '.join(map(repr, found))}" if isinstance(found, dict) else f"{found!r:.80}"
        raise DataError(f'{file.name} holds {has}, not a list of objects or {{"data": [...]}}')
    for number, item in enumerate(found, start=1):
        yield _row(file, number, item, f"item {number}")


def read_jsonl(file: Opened) -> Iterator[RawRow]:
    """Reads an object from each line that is not blank.

    Raises:
        DataError: A line is not a JSON object; says which.
    """
    for number, line in enumerate(file.lines(), start=1):
        if not line.strip():
            continue
        try:
            item: object = json.loads(line)
        except (ValueError, RecursionError) as error:
            hint = ": say `format: json` if it is one JSON list" if number == 1 and line.strip() == "[" else ""
            raise DataError(f"{file.name} line {number} is not JSON: {error}{hint}") from error
        yield _row(file, number, item, f"line {number}")


def as_text(file: Opened, value: object) -> str:
    """A JSON value as a row's text: null is empty, what is not text is its JSON."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return file.tally.shown(text)


def _row(file: Opened, number: int, item: object, place: str) -> RawRow:
    if not isinstance(item, dict):
        raise DataError(
            f'{file.name} {place} is {item!r:.80}, not an object such as {{"text": "...", "target": "..."}}'
        )
    return RawRow.model_construct(number=number, fields={str(k): as_text(file, v) for k, v in item.items()})
