"""What pydantic found wrong, in the user's words: which field, what stands there, what should.

strategies[2].with.shots        expected a whole number, got the text 'four'
strategies[2].with.shot         unknown field 'shot'; there are: model, shots. Did you mean 'shots'?
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from harness.errors import suggest
from harness.suite.fields import fields_at

Path = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Complaint:
    """What is wrong, and the way to it from the value that was checked."""

    path: Path
    message: str


def complaints(error: ValidationError, model: type[BaseModel], value: object) -> list[Complaint]:
    """Each thing that is wrong, once.

    Args:
        error: What `model.model_validate(value)` raised.
        model: The type that was asked for.
        value: What was checked.
    """
    every = [_Found.of(details, value) for details in error.errors(include_url=False)]
    found = [each for each in every if not _is_echo(each, every)]
    made: dict[Path, list[Complaint]] = {}
    for place in dict.fromkeys(f.union for f in found if f.union is not None):
        branches = [f for f in found if f.union == place]
        # The branch that went deeper is the one that the user meant.
        deeper = [f for f in branches if f.path != place]
        if not deeper and place is not None:
            made[place] = [Complaint(place, _alternatives(branches))]
        found = [f for f in found if f.union != place or f in deeper]
    # What is of none of several types is told once, a union inside a union too.
    types = [f for f in found if f.union is not None and f.details["type"].endswith("_type")]
    for path in {f.path for f in types}:
        same = [f for f in types if f.path == path]
        if len(same) > 1:
            made[path] = [Complaint(path, _alternatives(same))]
            found = [f for f in found if f not in same]
    for each in found:
        made.setdefault(each.path, []).append(Complaint(each.path, _in_words(each, model)))
    return list(dict.fromkeys(c for several in made.values() for c in several))


def coerced(checked: BaseModel, value: object) -> list[Complaint]:
    """Values that pydantic let pass as another type: the text '8' as a number, true as 1."""
    dumped = checked.model_dump(by_alias=True)
    return [Complaint(path, message) for path, message in _coerced(value, dumped, ())]


def shown(value: object) -> str:
    """A value, as an error names it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f"the text {value if len(value) <= 60 else value[:60] + '…'!r}"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, Sequence):
        return "a list" if value else "an empty list"
    return str(value)


@dataclass(frozen=True)
class _Found:
    """An error of pydantic's, with the union's branch names taken out of its path."""

    path: Path
    union: Path | None
    details: ErrorDetails

    @classmethod
    def of(cls, details: ErrorDetails, value: object) -> _Found:
        path: Path = ()
        union: Path | None = None
        loc = details["loc"]
        for i, part in enumerate(loc):
            if part in _keys(value):
                value = value[part]  # type: ignore[index]  # it has the key
            elif not (i == len(loc) - 1 and details["type"] == "missing"):
                if part != "[key]" and union is None:
                    union = path
                continue
            path += (part,)
        return cls(path, union, details)


def _keys(value: object) -> Collection[object]:
    return value if isinstance(value, Mapping) else range(len(value)) if isinstance(value, list) else ()


_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "none_required": "nothing",
    "tuple_type": "a list",
    "list_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping of fields",
    "model_attributes_type": "a mapping of fields",
    "date_type": "a date such as 2026-01-31",
    "date_parsing": "a date such as 2026-01-31",
    "date_from_datetime_parsing": "a date such as 2026-01-31",
    "path_type": "a path",
}
_BOUNDS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
    "multiple_of": ("multiple_of", "a multiple of"),
}
_NAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._+-]*$"


def _in_words(found: _Found, model: type[BaseModel]) -> str:
    kind, given, context = found.details["type"], found.details["input"], found.details.get("ctx", {})
    if kind == "extra_forbidden":
        name = str(found.path[-1])
        return f"unknown field {name!r}; {suggest(name, fields_at(model, found.path[:-1]))}"
    if kind == "missing":
        return f"the field {str(found.path[-1])!r} is missing"
    if kind in ("literal_error", "enum"):
        options = re.findall(r"'([^']*)'", str(context["expected"]))
        near = difflib.get_close_matches(str(given), options, n=1)
        return f"expected {context['expected']}, got {shown(given)}" + (
            f". Did you mean {near[0]!r}?" if near else ""
        )
    if kind in _EXPECTED:
        quotes = "; put it in quotes" if kind == "string_type" and isinstance(given, int | float) else ""
        return f"expected {_EXPECTED[kind]}, got {shown(given)}{quotes}"
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        return f"must be {words} {context[key]}, got {shown(given)}"
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", found.details["msg"]))
    return _of_length_or_form(kind, given, context) or f"{found.details['msg']}, got {shown(given)}"


def _of_length_or_form(kind: str, given: object, context: Mapping[str, Any]) -> str | None:
    if kind == "string_too_short":
        return (
            "must not be empty"
            if context["min_length"] == 1
            else f"needs {context['min_length']} characters or more"
        )
    if kind == "string_too_long":
        return f"is longer than {context['max_length']} characters: {shown(given)}"
    if kind == "too_short":
        least = context["min_length"]
        return f"needs at least {least} {'entry' if least == 1 else 'entries'}, has {context['actual_length']}"
    if kind == "too_long":
        return f"takes at most {context['max_length']} entries"
    if kind == "string_pattern_mismatch":
        if context["pattern"] == _NAME_PATTERN:
            return f"{given!r} is no name here: letters, digits and . _ + - only, a letter or digit first"
        return f"{given!r} does not have the form {context['pattern']}"
    return None


def _alternatives(branches: Sequence[_Found]) -> str:
    """For a value that is none of the types that a field takes."""
    for each in branches:
        if each.details["type"] in ("value_error", "assertion_error"):
            return str(each.details.get("ctx", {}).get("error", each.details["msg"]))
    expected = []
    for each in branches:
        kind, context = each.details["type"], each.details.get("ctx", {})
        words = str(context["expected"]) if kind == "literal_error" else _EXPECTED.get(kind)
        if kind in _BOUNDS:
            words = f"{_BOUNDS[kind][1]} {context[_BOUNDS[kind][0]]}"
        expected.append(words or each.details["msg"])
    *most, last = dict.fromkeys(expected)
    options = f"{', '.join(most)} or {last}" if most else last
    return f"expected {options}, got {shown(branches[0].details['input'])}"


def _is_echo(found: _Found, others: Sequence[_Found]) -> bool:
    """Whether a list is called too short only because an entry of it is wrong."""
    if found.details["type"] != "too_short":
        return False
    return any(o.path[: len(found.path)] == found.path and len(o.path) > len(found.path) for o in others)


def _coerced(given: object, made: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(given, Mapping) and isinstance(made, Mapping):
        for key, value in given.items():
            if key in made:
                yield from _coerced(value, made[key], (*path, key))
    elif isinstance(given, list) and isinstance(made, list | tuple) and len(given) == len(made):
        for i, (value, other) in enumerate(zip(given, made, strict=True)):
            yield from _coerced(value, other, (*path, i))
    elif isinstance(made, bool) and isinstance(given, str | int | float) and not isinstance(given, bool):
        yield path, f"expected true or false, got {shown(given)}"
    elif isinstance(made, int | float) and not isinstance(made, bool):
        if isinstance(given, bool):
            yield path, f"expected a number, got {shown(given)}"
        elif isinstance(given, str) and _says_number(given, made):
            yield path, f"expected a number, got {shown(given)}; take the quotes off"


def _says_number(text: str, number: float) -> bool:
    try:
        return float(text) == number
    except ValueError:
        return False


def check(model: type[M], value: object) -> M | list[Complaint]:
    """What was made of a value, or all that is wrong with it."""
    try:
        made = model.model_validate(value)
    except ValidationError as error:
        return complaints(error, model, value)
    return coerced(made, value) or made
