from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness import plugins
from harness.suite.schema import suite_schema
from harness.suite.yaml_positions import read_yaml

SCHEMA = suite_schema(plugins.load())
SUITES = Path(__file__).parents[2] / "suites"
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def wrong(value: Any, schema: Any, at: str = "") -> Iterator[str]:  # noqa: PLR0912  (one branch a keyword)
    """Where a value breaks a schema: the keywords of JSON schema that ours uses, as an editor reads them."""
    if isinstance(schema, bool):
        if not schema:
            yield at
        return
    if "$ref" in schema:
        yield from wrong(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")], at)
    if "type" in schema and not (
        isinstance(value, TYPES[schema["type"]]) and not (isinstance(value, bool) and schema["type"] != "boolean")
    ):
        yield at
        return
    if ("enum" in schema and value not in schema["enum"]) or ("const" in schema and value != schema["const"]):
        yield at
    if "anyOf" in schema and all(any(wrong(value, each, at)) for each in schema["anyOf"]):
        yield at
    for each in schema.get("allOf", ()):
        yield from wrong(value, each, at)
    if "not" in schema and not list(wrong(value, schema["not"], at)):
        yield at
    if "if" in schema and not list(wrong(value, schema["if"], at)):
        yield from wrong(value, schema.get("then", True), at)
    if isinstance(value, dict):
        yield from (f"{at}.{name}" for name in schema.get("required", ()) if name not in value)
        known = schema.get("properties", {})
        for name, each in value.items():
            yield from wrong(each, known.get(name, schema.get("additionalProperties", True)), f"{at}.{name}")
    if isinstance(value, list) and "items" in schema:
        for i, each in enumerate(value):
            yield from wrong(each, schema["items"], f"{at}[{i}]")
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        yield at
    if isinstance(value, int | float) and value < schema.get("minimum", value):
        yield at


def suite(**more: object) -> dict[str, object]:
    task = {"name": "t", "kind": "label", "instructions": "Which?", "data": {"path": "x.csv"}}
    return {"name": "s", "tasks": [task], **more}


@pytest.mark.parametrize("path", sorted(SUITES.glob("*.yaml")), ids=lambda path: path.name)
def test_every_suite_of_the_project_keeps_the_schema(path: Path) -> None:
    assert [] == list(wrong(read_yaml(path).value, SCHEMA))


FEW = {"name": "f", "use": "few-shot"}


@pytest.mark.parametrize(
    ("expected", "strategy"),
    [
        ([], {**FEW, "with": {"model": "m", "shots": 2}}),
        ([], {**FEW, "with": {"model": "m"}, "matrix": {"shots": [2, 8]}}),
        ([], {**FEW, "matrix": {"model": ["m", "n"]}}),
        ([], {"name": "f", "use": "./mine.py:Mine", "with": {"anything": 1}}),
        ([".strategies[0].with.shots"], {**FEW, "with": {"model": "m", "shots": -1}}),
        ([".strategies[0].with.shot"], {**FEW, "with": {"model": "m", "shot": 2}}),
        ([".strategies[0].with.order"], {**FEW, "with": {"model": "m", "order": "backwards"}}),
        ([".strategies[0].with.wording.sistem"], {**FEW, "with": {"model": "m", "wording": {"sistem": "x"}}}),
        ([".strategies[0].with.model"], {**FEW, "with": {"shots": 2}}),
        ([".strategies[0].with"], FEW),
        ([".strategies[0].matrix.shot"], {**FEW, "with": {"model": "m"}, "matrix": {"shot": [2]}}),
        ([".strategies[0].matrix.shots[1]"], {**FEW, "with": {"model": "m"}, "matrix": {"shots": [2, "x"]}}),
        ([".strategies[0].use"], {"name": "f", "use": "few-shoot"}),
    ],
)
def test_a_strategys_parameters_are_checked_by_what_it_uses(
    expected: list[str], strategy: dict[str, object]
) -> None:
    assert expected == list(wrong(suite(strategies=[strategy]), SCHEMA))


def test_a_models_parameters_are_checked_by_what_it_uses() -> None:
    assert [] == list(wrong(suite(models={"m": {"use": "transformers", "with": {"weights": "x"}}}), SCHEMA))
    assert [".models.m.with.weights"] == list(
        wrong(suite(models={"m": {"use": "transformers", "with": {}}}), SCHEMA)
    )
    assert [".models.m.use"] == list(wrong(suite(models={"m": {"use": "few-shot"}}), SCHEMA))


def test_a_metric_is_one_of_its_kind() -> None:
    task = {"name": "t", "kind": "text", "instructions": "What?", "data": {"path": "x.csv"}}
    assert [] == list(wrong(suite(tasks=[{**task, "metric": "token_f1"}]), SCHEMA))
    assert [".tasks[0].metric"] == list(wrong(suite(tasks=[{**task, "metric": "macro_f1"}]), SCHEMA))


def test_every_field_of_a_suite_says_what_it_is_for() -> None:
    own = {name: each for name, each in SCHEMA["$defs"].items() if "." not in name}
    silent = [
        f"{place}.{name}"
        for place, schema in {"Suite": SCHEMA, **own}.items()
        for name, each in schema.get("properties", {}).items()
        if not each.get("description") and place not in ("Condition", "TokenPrice", "TableSpec")
    ]
    assert not silent


def test_every_parameter_of_the_projects_plugins_says_what_it_is_for() -> None:
    silent = [
        f"{schema['if']['properties']['use']['const']}: {name}"
        for entry in ("StrategyEntry", "ModelEntry")
        for schema in SCHEMA["$defs"][entry]["allOf"]
        for name, each in schema["then"]["properties"]["with"].get("properties", {}).items()
        if not each.get("description")
    ]
    assert not silent
