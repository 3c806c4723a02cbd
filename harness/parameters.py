"""A plugin's parameters, in words: what `harness plugins show NAME` prints.

shots   a whole number, at least 0; default 4
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from annotated_types import BaseMetadata, Ge, Gt, Le, Len, Lt, MaxLen, MinLen, MultipleOf
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from harness.docstrings import attributes
from harness.strategy import Ref
from harness.suite.fields import members


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    Attributes:
        name: As a suite writes it; `wording.query` for a field of a nested record.
        type: Such as ``a whole number`` or ``the name of a chat model``.
        bounds: Such as ``at least 0``; empty for none.
        required: Whether it must be given.
        default: As a suite would write it; None where it must be given, or may be left out.
        description: What it is for.
    """

    name: str
    type: str
    bounds: str
    required: bool
    default: str | None
    description: str


def parameters(model: type[BaseModel]) -> list[Parameter]:
    """All parameters of a strategy or model, in its order, those of nested records below their own."""
    return list(_parameters(model, "", ()))


def _parameters(model: type[BaseModel], prefix: str, above: tuple[type, ...]) -> Iterator[Parameter]:
    told = attributes(model)
    for name, info in model.model_fields.items():
        shown = prefix + (info.alias or name)
        yield Parameter(
            name=shown,
            type=_type(info),
            bounds=", ".join(dict.fromkeys(_bounds(info))),
            required=info.is_required(),
            default=_default(info),
            description=info.description or told.get(name, ""),
        )
        for nested in _nested(info):
            if nested not in above:
                yield from _parameters(nested, f"{shown}.", (*above, nested))


def _nested(info: FieldInfo) -> Iterator[type[BaseModel]]:
    for each in members(info.annotation):
        if isinstance(each, type) and get_origin(each) is None and issubclass(each, BaseModel):
            yield each


def _type(info: FieldInfo) -> str:
    for mark in info.metadata:
        if isinstance(mark, Ref):
            return _named(mark)
    alternatives = list(_union(info.annotation))
    if info.default is None:
        # That it may be left out is said by the default.
        alternatives = [each for each in alternatives if each is not NoneType] or alternatives
    return _any_of(alternatives)


def _named(mark: Ref) -> str:
    what = {"chat": "a chat model", "embedder": "an embedder", "trainable": "a model that can be tuned"}
    other = {"strategy": "another strategy", "table": "a table"}
    return f"the name of {({**what, **other})[mark.kind]}"


_PLAIN: Mapping[object, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "a path",
    NoneType: "null",
}


def _words(annotation: object) -> str:
    arguments = get_args(annotation)
    origin = get_origin(annotation)
    if origin is Annotated:
        marks = [mark for mark in arguments[1:] if isinstance(mark, Ref)]
        return _named(marks[0]) if marks else _words(arguments[0])
    if origin is Literal:
        return _either([_shown(each) for each in arguments])
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if get_origin(annotation) in (Union, UnionType):
        return _any_of(list(_union(annotation)))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"a mapping to {_plural(_words(arguments[-1]))}"
    if origin in (tuple, list, set, frozenset):
        return f"a list of {_plural(_words(arguments[0]))}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "a mapping of fields: " + ", ".join(i.alias or n for n, i in annotation.model_fields.items())
    return getattr(annotation, "__name__", None) or str(annotation)


def _any_of(alternatives: list[object]) -> str:
    return _either([_words(each) for each in sorted(alternatives, key=lambda each: each is NoneType)])


def _union(annotation: object) -> Iterator[object]:
    """Members of a union, each with its annotations kept."""
    if get_origin(annotation) in (Union, UnionType):
        for each in get_args(annotation):
            yield from _union(each)
    else:
        yield annotation


def _either(words: list[str]) -> str:
    *most, last = dict.fromkeys(words)
    return f"{', '.join(most)} or {last}" if most else last


def _plural(words: str) -> str:
    known = {"a whole number": "whole numbers", "a number": "numbers", "text": "texts"}
    if words.startswith("the name of "):
        return words.replace("the name of", "names, each of", 1)
    return known.get(words, words)


def _bounds(info: FieldInfo) -> Iterator[str]:
    marks = [*info.metadata, *_inner(info.annotation)]
    for mark in marks:
        if not isinstance(mark, BaseMetadata):
            continue
        if isinstance(mark, Ge):
            yield f"at least {mark.ge}"
        elif isinstance(mark, Gt):
            yield f"more than {mark.gt}"
        elif isinstance(mark, Le):
            yield f"at most {mark.le}"
        elif isinstance(mark, Lt):
            yield f"less than {mark.lt}"
        elif isinstance(mark, MultipleOf):
            yield f"a multiple of {mark.multiple_of}"
        elif isinstance(mark, MinLen | Len) and mark.min_length:
            yield "not empty" if mark.min_length == 1 else f"{mark.min_length} long or longer"
        if isinstance(mark, MaxLen | Len) and mark.max_length is not None:
            yield f"at most {mark.max_length} long"


def _inner(annotation: object) -> Iterator[object]:
    """Marks within `Annotated[int, Ge(0)] | None`."""
    for each in _union(annotation):
        if get_origin(each) is Annotated:
            for mark in get_args(each)[1:]:
                yield from mark.metadata if isinstance(mark, FieldInfo) else [mark]


def _default(info: FieldInfo) -> str | None:
    if info.is_required():
        return None
    value = info.get_default(call_default_factory=True, validated_data={})
    return None if value is None else _shown(value)


def _shown(value: object) -> str:
    if isinstance(value, BaseModel):
        given = value.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return json.dumps(given, ensure_ascii=False) if given else "its own defaults"
    if isinstance(value, str):
        return value if value.strip() and value.isprintable() else json.dumps(value, ensure_ascii=False)
    if isinstance(value, frozenset | set | tuple):
        value = sorted(value) if isinstance(value, frozenset | set) else list(value)
    try:
        return json.dumps(value, ensure_ascii=False)
    except TypeError:
        return str(value)
