"""Which parameters of a strategy name something else in the suite.

class Cascade(Strategy):
    first: StrategyName              Reference(("first",), "strategy", "cheap")
    judge: ChatName | None = None    nothing, while it is None
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, get_args, get_origin

from pydantic import BaseModel

from harness.strategy import Ref, Strategy

RefKind = Literal["chat", "embedder", "trainable", "strategy", "table"]


@dataclass(frozen=True)
class Reference:
    """A parameter that names something.

    Attributes:
        path: The way to it from the strategy's parameters, such as ``("judges", 0)``.
        kind: What it must name.
        name: What it names.
        tuned: Whether that is a model whose weights are trained, here or by its provider.
    """

    path: tuple[str | int, ...]
    kind: RefKind
    name: str
    tuned: bool = False

    @property
    def field(self) -> str:
        return str(self.path[0])


def references(strategy: Strategy) -> list[Reference]:
    """All that a strategy's parameters name, in the order of its fields; nested records too."""
    return list(dict.fromkeys(_of_model(strategy, ())))


def _of_model(model: BaseModel, path: tuple[str | int, ...]) -> Iterator[Reference]:
    for name, info in type(model).model_fields.items():
        below = (*path, info.alias or name)
        value = getattr(model, name)
        for mark in info.metadata:
            if isinstance(mark, Ref):
                yield from _named(value, below, mark)
        yield from _of_value(value, info.annotation, below)


def _of_value(value: object, annotation: object, path: tuple[str | int, ...]) -> Iterator[Reference]:
    if isinstance(value, BaseModel):
        yield from _of_model(value, path)
        return
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        for mark in arguments[1:]:
            if isinstance(mark, Ref):
                yield from _named(value, path, mark)
        yield from _of_value(value, arguments[0], path)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            for each in arguments[-1:]:
                yield from _of_value(item, each, (*path, str(key)))
    elif isinstance(value, tuple | list | frozenset | set):
        for i, item in enumerate(value):
            for each in arguments:
                yield from _of_value(item, each, (*path, i))
    else:
        for each in arguments:
            yield from _of_value(value, each, path)


def _named(value: object, path: tuple[str | int, ...], mark: Ref) -> Iterator[Reference]:
    if isinstance(value, str):
        yield Reference(path, mark.kind, value, tuned=mark.tuned or mark.kind == "trainable")
    elif isinstance(value, tuple | list):
        for i, item in enumerate(value):
            yield from _named(item, (*path, i), mark)
