"""Which fields may stand at a place of a typed record."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Union, get_args, get_origin

from pydantic import BaseModel


def fields_at(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """The fields that may stand at a place, by the names that the user writes."""
    types: list[object] = list(members(model))
    for part in path:
        types = [m for t in types for below in _below(t, part) for m in members(below)]
    models = [t for t in types if isinstance(t, type) and issubclass(t, BaseModel)]
    return [info.alias or name for each in models for name, info in each.model_fields.items()]


def members(annotation: object) -> Iterator[object]:
    """The alternatives of a type, without what annotates them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from members(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for each in get_args(annotation):
            yield from members(each)
    else:
        yield annotation


def _below(annotation: object, part: str | int) -> Iterator[object]:
    if isinstance(annotation, type) and get_origin(annotation) is None and issubclass(annotation, BaseModel):
        for name, info in annotation.model_fields.items():
            if part in (name, info.alias):
                yield info.annotation
        return
    arguments = get_args(annotation)
    if arguments and isinstance(part, int):
        yield arguments[0]
    elif len(arguments) == 2:
        yield arguments[1]
