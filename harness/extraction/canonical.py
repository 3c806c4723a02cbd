r"""One text for one object: keys in the schema's order, in one line, nothing escaped that need not be.

'{"amount": 12.5,\n "name": "Zo\u00eb"}'   with the schema's order name, amount
-> '{"name": "Zoë", "amount": 12.5}'

Prompts show it, training teaches it, and local models are held to its blanks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from harness.extraction.schema import Schema, every_field

ITEM, KEY = ", ", ": "


def parse(text: str) -> object:
    """What a JSON text says; of a key that stands twice the last.

    Raises:
        ValueError: It is not JSON: NaN and Infinity are none, nor is what is nested too deep.
    """
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def canonical(value: object, schema: Schema) -> str:
    """A value as text.

    Args:
        value: As `parse` gives it.
        schema: Whose order of keys it gets; keys beyond it come last.

    Raises:
        ValueError: It holds a number that JSON has not, such as the infinity of 1e999.
    """
    order: dict[tuple[str, ...], list[str]] = {}
    for field in every_field(schema).values():
        order.setdefault(field.path[:-1], []).append(field.path[-1])
    ordered = _ordered(value, (), order)
    text = json.dumps(ordered, ensure_ascii=False, allow_nan=False, separators=(ITEM, KEY))
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return json.dumps(ordered, allow_nan=False, separators=(ITEM, KEY))
    return text


def _ordered(value: object, path: tuple[str, ...], order: Mapping[tuple[str, ...], list[str]]) -> object:
    if not isinstance(value, dict) or path not in order:
        return value
    keys = [key for key in order[path] if key in value]
    rest = [key for key in value if key not in order[path]]
    return {key: _ordered(value[key], (*path, key), order) for key in (*keys, *rest)}


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no number that JSON has")
