"""The JSON schema of an answer, and the fields that it names.

{"type": "object", "properties": {"name": {"type": "string"},
                                  "address": {"type": "object", "properties": {"city": {"type": "string"}}}}}
-> name, address.city

An object inside is taken field by field, a list as one field. `$ref` is followed inside the schema alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

Schema = Mapping[str, Any]
MOST_FIELDS = 500
_DEEPEST = 40


class FieldOf(NamedTuple):
    """One field of an answer.

    Attributes:
        path: Keys from the root to it.
        schema: Its own, references followed.
        is_object: Whether it has fields of its own.
    """

    path: tuple[str, ...]
    schema: Schema
    is_object: bool


def every_field(schema: Schema) -> dict[str, FieldOf]:
    """Fields and the objects that hold them, by dotted name, in the schema's order."""
    found: dict[str, FieldOf] = {}
    for path, sub in _below(schema, schema, ()):
        found.setdefault(".".join(path), FieldOf(path, sub, bool(_properties(sub))))
    return found


def fields_of(schema: Schema, whole: Collection[str] = ()) -> dict[str, FieldOf]:
    """Fields that are compared, by dotted name.

    Args:
        schema: The answer's.
        whole: Names of objects that are compared as one field.
    """
    every = every_field(schema)
    inside = tuple(every[name].path for name in whole if name in every)
    return {
        name: field
        for name, field in every.items()
        if (not field.is_object or name in whole)
        and not any(len(field.path) > len(path) and field.path[: len(path)] == path for path in inside)
    }


def types_of(schema: Schema) -> frozenset[str]:
    """JSON types that a field may have, `null` left out; empty where the schema does not say."""
    told = schema.get("type", ())
    named = {told} if isinstance(told, str) else set(told)
    for choice in ("anyOf", "oneOf"):
        for part in schema.get(choice, ()):
            if isinstance(part, Mapping):
                named |= types_of(part)
    return frozenset(named - {"null"})


def what_is_wrong(schema: Schema) -> str | None:
    """Why this is no JSON schema of an object; None where it is one."""
    from jsonschema import Draft202012Validator, SchemaError
    from jsonschema.validators import validator_for

    kind = validator_for(schema, default=None) if "$schema" in schema else Draft202012Validator
    if kind is None:
        return f"$schema {schema['$schema']!r} is no version of JSON schema that is known here"
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        at = ".".join(map(str, error.absolute_path))
        return f"no valid JSON schema{f' at {at!r}' if at else ''}: {error.message:.200}"
    except RecursionError:
        return "the JSON schema is nested too deep"
    for part in _parts(schema):
        if wrong := _unusable(part, schema):
            return wrong
    if not _properties(_followed(schema, schema)):
        return "the JSON schema names no `properties`: an answer is an object, and its fields are compared by name"
    every = [path for path, _ in _below(schema, schema, ())]
    if len(every) > MOST_FIELDS:
        return f"the JSON schema has more than {MOST_FIELDS} fields"
    names = [".".join(path) for path in every]
    twice = sorted({name for name in names if names.count(name) > 1})
    return f"two fields are called {twice[0]!r}" if twice else None


def validity(schema: Schema) -> Callable[[object], str | None]:
    """A check of values: what breaks the schema, with its place; None where nothing does.

    Formats (`format: date`) are not checked, as the standard has it: how a field is matched decides about them.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match
    from jsonschema.validators import validator_for
    from referencing import Registry

    # With a registry of our own nothing is ever fetched.
    validator = validator_for(schema, default=Draft202012Validator)(schema, registry=Registry())

    def check(value: object) -> str | None:
        try:
            error = best_match(validator.iter_errors(value))
        except RecursionError:
            return "it is nested too deep"
        if error is None:
            return None
        at = error.json_path.removeprefix("$").removeprefix(".")
        return f"{at}: {error.message:.160}" if at else f"{error.message:.160}"

    return check


def _below(schema: Schema, root: Schema, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Schema]]:
    if len(path) >= _DEEPEST:
        return
    for name, sub in _properties(_followed(schema, root)).items():
        own = _followed(sub, root) if isinstance(sub, Mapping) else {}
        yield (*path, name), own
        yield from _below(own, root, (*path, name))


def _properties(schema: Schema) -> Schema:
    found = schema.get("properties", {})
    return found if isinstance(found, Mapping) else {}


def _followed(schema: Schema, root: Schema) -> Schema:
    """A schema with its reference followed, and an alternative to `null` taken for itself."""
    for _ in range(_DEEPEST):
        if isinstance(schema.get("$ref"), str):
            target = _at(root, schema["$ref"])
            schema = {**(target or {}), **{k: v for k, v in schema.items() if k != "$ref"}}
            continue
        options = [o for o in (schema.get("anyOf") or schema.get("oneOf") or ()) if isinstance(o, Mapping)]
        real = [o for o in options if o.get("type") != "null"]
        if len(options) == 2 and len(real) == 1:
            schema = {**{k: v for k, v in schema.items() if k not in ("anyOf", "oneOf")}, **real[0]}
            continue
        return schema
    return {}


def _at(root: Schema, reference: str) -> Schema | None:
    """What ``#/$defs/Address`` names; None where nothing stands there."""
    if not reference.startswith("#"):
        return None
    found: object = root
    for part in reference.removeprefix("#").strip("/").split("/") if reference != "#" else ():
        key = part.replace("~1", "/").replace("~0", "~")
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else None


def _parts(schema: object) -> Iterator[Schema]:
    if isinstance(schema, Mapping):
        yield schema
        for name, each in schema.items():
            if name not in ("enum", "const", "default", "examples"):
                yield from _parts(each)
    elif isinstance(schema, list | tuple):
        for each in schema:
            yield from _parts(each)


def _unusable(part: Schema, root: Schema) -> str | None:
    reference = part.get("$ref")
    if isinstance(reference, str):
        if not reference.startswith("#"):
            return f"$ref {reference!r} lies outside of the schema, and nothing is fetched; put it under $defs"
        if _at(root, reference) is None:
            return f"$ref {reference!r} names nothing in the schema"
        seen: set[str] = set()
        while isinstance(reference, str):
            if reference in seen:
                return f"$ref {reference!r} leads back to itself"
            seen.add(reference)
            reference = (_at(root, reference) or {}).get("$ref")
    return None
