"""A JSON schema that all of a column's objects keep, and how each field is best compared.

{"order": "A-1", "amount": 12.5, "due": "2026-03-01"}   and   {"order": "A-2", "amount": 3, "due": null}
    order string, amount number, due string or null (a date); all three required
    amount compared as a number, due as a date
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.starting.columns import is_date

_MOST_CHOICES = 12
_LONG = 5  # words: a text of so many is not compared letter for letter


@dataclass(frozen=True)
class Extracted:
    """What is known of a column of objects.

    Attributes:
        schema: A JSON schema.
        match: Field to how it is compared, where that is not letter for letter.
    """

    schema: Mapping[str, object]
    match: Mapping[str, str]


def extracted_from(cells: Sequence[str]) -> Extracted:
    """Infers a schema from JSON objects."""
    objects = [found for cell in cells if cell.strip() and isinstance(found := json.loads(cell), dict)]
    values: dict[str, list[object]] = {}
    for each in objects:
        for name, value in each.items():
            values.setdefault(name, []).append(value)
    properties = {name: _schema(of) for name, of in values.items()}
    required = [name for name, of in values.items() if len(of) == len(objects)]
    match = {name: how for name, of in values.items() if (how := _match(of))}
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return Extracted(schema, match)


def _schema(values: Sequence[object]) -> dict[str, object]:
    types = sorted({_type(value) for value in values})
    if "number" in types and "integer" in types:
        types.remove("integer")
    schema: dict[str, object] = {"type": types[0] if len(types) == 1 else types}
    texts = [value for value in values if isinstance(value, str)]
    counts = Counter(texts)
    choices = types == ["string"] and len(counts) <= _MOST_CHOICES and len(texts) >= 5 * len(counts)
    if choices and not any(map(is_date, counts)):
        schema["enum"] = sorted(counts)
    items = [item for value in values if isinstance(value, list) for item in value]
    if items:
        schema["items"] = _schema(items)
    objects = [value for value in values if isinstance(value, dict)]
    if objects:
        names = dict.fromkeys(name for each in objects for name in each)
        schema["properties"] = {name: _schema([each[name] for each in objects if name in each]) for name in names}
    return schema


def _match(values: Sequence[object]) -> str | None:
    there = [value for value in values if value is not None]
    if there and all(isinstance(value, int | float) and not isinstance(value, bool) for value in there):
        return "number"
    if there and all(isinstance(value, list) for value in there):
        return "set"
    texts = [value for value in there if isinstance(value, str)]
    if texts and len(texts) == len(there):
        if all(map(is_date, texts)):
            return "date"
        if sum(len(text.split()) for text in texts) / len(texts) >= _LONG:
            return "token_f1"
    return None


def _type(value: object) -> str:
    names: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "boolean"),
        (int, "integer"),
        (float, "number"),
        (str, "string"),
        (list, "array"),
        (dict, "object"),
    )
    return next((name for of, name in names if isinstance(value, of)), "null")
