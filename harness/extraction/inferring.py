"""The schema that labelled rows have, for a task that gives none.

{"name": "Ann", "amount": 5}, {"name": "Bo", "amount": 2.5, "due": "2026-01-31"}
-> name: string; amount: number; due: string of format date, not required
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_TYPES: dict[type, str] = {
    str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object",
    type(None): "null",
}  # fmt: skip


def inferred(values: Sequence[object]) -> dict[str, Any]:
    """A schema that all of these satisfy: types, and keys that every object has are required; no enums.

    Args:
        values: As JSON gives them; at least one.
    """
    found = list(dict.fromkeys(_TYPES[type(value)] for value in values))
    if "integer" in found and "number" in found:
        found.remove("integer")
    schema: dict[str, Any] = {"type": found[0] if len(found) == 1 else found}
    texts = [value for value in values if isinstance(value, str)]
    if texts and all(_DATE.match(text) for text in texts):
        schema["format"] = "date"
    items = [item for value in values if isinstance(value, list) for item in value]
    if items:
        schema["items"] = inferred(items)
    objects = [value for value in values if isinstance(value, dict)]
    if objects:
        keys = list(dict.fromkeys(key for value in objects for key in value))
        schema["properties"] = {key: inferred([v[key] for v in objects if key in v]) for key in keys}
        schema["required"] = [key for key in keys if all(key in value for value in objects)]
        schema["additionalProperties"] = False
    return schema
