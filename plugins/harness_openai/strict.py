"""Schemas as OpenAI's strict mode takes them: each object closed, and all of its properties required.

    {total: number, paid?: string}          a property that may be missing
    {total: number, paid: string | null}    is asked for as null, and taken out of the answer again

Outside strict mode OpenAI does not hold an answer to its schema. Other servers hold it to either form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# What strict mode refuses, wherever it stands (OpenAI, "Supported schemas").
_REFUSED = frozenset(
    {"allOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "patternProperties"}
    | {"oneOf", "propertyNames", "unevaluatedProperties", "unevaluatedItems", "contains", "minContains"}
    | {"maxContains", "uniqueItems", "prefixItems"}
)
_NAMED = ("properties", "$defs", "definitions")  # what holds schemas by names of the user's own


def is_strict(schema: object) -> bool:
    """Whether OpenAI's strict mode takes a schema."""
    if isinstance(schema, Mapping):
        properties = schema.get("properties")
        if (schema.get("type") == "object" or properties is not None) and not (
            schema.get("additionalProperties") is False
            and isinstance(properties, Mapping)
            and set(schema.get("required", ())) == set(properties)
        ):
            return False
        if _REFUSED & set(schema):
            return False
        return all(
            all(map(is_strict, part.values())) if name in _NAMED and isinstance(part, Mapping) else is_strict(part)
            for name, part in schema.items()
            if name not in ("enum", "const", "default", "examples", "required")
        )
    if isinstance(schema, list | tuple):
        return all(is_strict(part) for part in schema)
    return True


def strictly(schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The same schema with its optional properties as null, and its objects closed; None where that cannot be."""
    said = _closed(schema)
    return said if is_strict(said) else None


def without_nulls(answer: Any, schema: Mapping[str, Any]) -> Any:
    """An answer as the user's own schema has it: a null for what may be missing is taken out."""
    if isinstance(answer, list):
        items = schema.get("items")
        return [without_nulls(each, items) for each in answer] if isinstance(items, Mapping) else answer
    properties = schema.get("properties")
    if not isinstance(answer, Mapping) or not isinstance(properties, Mapping):
        return answer
    required = set(schema.get("required", ()))
    kept = {}
    for name, value in answer.items():
        own = properties.get(name)
        if value is None and name not in required and isinstance(own, Mapping) and not _takes_null(own):
            continue
        kept[name] = without_nulls(value, own) if isinstance(own, Mapping) else value
    return kept


def _closed(schema: Any) -> Any:
    if isinstance(schema, list | tuple):
        return [_closed(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    said = {name: _closed(part) for name, part in schema.items() if name not in _NAMED}
    for name in _NAMED:
        if isinstance(schema.get(name), Mapping):
            said[name] = {own: _closed(part) for own, part in schema[name].items()}
    properties = said.get("properties")
    if isinstance(properties, dict) and schema.get("additionalProperties", False) is False:
        required = set(schema.get("required", ()))
        said["properties"] = {
            name: part if name in required or not isinstance(part, Mapping) else _or_null(part)
            for name, part in properties.items()
        }
        said |= {"required": list(properties), "additionalProperties": False}
    return said


def _or_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    if _takes_null(schema):
        return dict(schema)
    kind = schema.get("type")
    if isinstance(kind, str) and "enum" not in schema and "const" not in schema:
        return {**schema, "type": [kind, "null"]}
    if isinstance(kind, str) and "enum" in schema:
        return {**schema, "type": [kind, "null"], "enum": [*schema["enum"], None]}
    return {"anyOf": [dict(schema), {"type": "null"}]}


def _takes_null(schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type")
    if kind == "null" or (isinstance(kind, list) and "null" in kind):
        return True
    if None in schema.get("enum", ()):
        return "type" not in schema
    return any(isinstance(part, Mapping) and _takes_null(part) for part in schema.get("anyOf", ()))
