from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field

from harness import ChatName, Record, StrategyName
from harness.docstrings import attributes, summary
from harness.parameters import Parameter, parameters


class Inner(Record):
    """Said of the whole.

    A second paragraph,
    over two lines.

    Attributes:
        depth: How deep,
            in metres.
    """

    depth: int = 1


class Many(Record):
    model: ChatName
    count: int = Field(4, ge=0, le=10, description="How many.")
    share: float = Field(gt=0, lt=1)
    order: Literal["up", "down"] = "up"
    named: tuple[StrategyName, ...] = ()
    perhaps: Annotated[int, Field(ge=2)] | None = None
    either: int | str | None = "x"
    words: dict[str, str] = Field(default_factory=dict)
    path: Path = Path("here")
    on: bool = False
    texts: list[str] = Field(["a"], min_length=1)
    blank: str = ""
    inner: Inner = Inner()


@pytest.mark.parametrize(
    ("name", "type_", "bounds", "required", "default", "description"),
    [
        ("model", "the name of a chat model", "", True, None, ""),
        ("count", "a whole number", "at least 0, at most 10", False, "4", "How many."),
        ("share", "a number", "more than 0, less than 1", True, None, ""),
        ("order", "up or down", "", False, "up", ""),
        ("named", "a list of names, each of another strategy", "", False, "[]", ""),
        ("perhaps", "a whole number", "at least 2", False, None, ""),
        ("either", "a whole number, text or null", "", False, "x", ""),
        ("words", "a mapping to texts", "", False, "{}", ""),
        ("path", "a path", "", False, "here", ""),
        ("on", "true or false", "", False, "false", ""),
        ("texts", "a list of texts", "not empty", False, '["a"]', ""),
        ("blank", "text", "", False, '""', ""),
        ("inner", "a mapping of fields: depth", "", False, "its own defaults", ""),
        ("inner.depth", "a whole number", "", False, "1", "How deep, in metres."),
    ],
)
def test_a_parameter_is_told_in_words(
    name: str, type_: str, bounds: str, required: bool, default: str | None, description: str
) -> None:
    told = {parameter.name: parameter for parameter in parameters(Many)}
    assert Parameter(name, type_, bounds, required, default, description) == told[name]


def test_a_docstring_is_its_summary_and_its_attributes() -> None:
    assert summary(Inner) == "Said of the whole.\n\nA second paragraph, over two lines."
    assert attributes(Inner) == {"depth": "How deep, in metres."}


def test_a_class_without_a_docstring_does_not_take_its_bases() -> None:
    assert not summary(Many)
    assert not attributes(Many)
