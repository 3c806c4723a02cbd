from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from harness.errors import SuiteError
from harness.suite.figures import figures_of, may_be
from harness.suite.load import Loaded, load_suite

SUITE = """
    name: calls
    tasks:
      - name: calls
        kind: {kind}
        instructions: Note.
        {more}
        data: {{path: calls.jsonl}}
    decide: {{{decide}}}
"""
SCHEMA = (
    "schema: {type: object, properties: {amount: {type: number}, tags: {type: array},"
    " home: {type: object, properties: {city: {type: string}}}}}"
)


def load(folder: Path, *more: str, kind: str = "fields", decide: str = "") -> Loaded:
    text = textwrap.dedent(SUITE).format(kind=kind, more="\n    ".join(more), decide=decide)
    (folder / "calls.yaml").write_text(text)
    return load_suite(folder / "calls.yaml")


@pytest.mark.parametrize(
    ("told", "more", "kind"),
    [
        (
            r"calls.yaml:7:5  tasks\[0\].schema\n  schema is for tasks of kind 'fields'; this one is 'text'",
            SCHEMA,
            "text",
        ),
        (r"match is for tasks of kind 'fields'", "match: {amount: number}", "text"),
        (r"names no `properties`", "schema: {type: array}", "fields"),
        (r"no valid JSON schema at 'properties.a.type'", "schema: {properties: {a: {type: text}}}", "fields"),
        (r"no file 'call.json' beside the suite", "schema: call.json", "fields"),
        (r"'bad.json' is not JSON", "schema: bad.json", "fields"),
        (r"'list.json': a JSON schema is an object", "schema: list.json", "fields"),
        (
            r"tasks\[0\].match.home.town\n  the schema has no field 'home.town';.* Did you mean 'home.city'\?",
            SCHEMA + "\n    match: {home.town: exact}",
            "fields",
        ),
        (
            r"'tags' is array, which cannot be compared as a number",
            SCHEMA + "\n    match: {tags: number}",
            "fields",
        ),
        (
            r"tolerance is for `by: number`; 'home.city' is compared by 'exact'",
            SCHEMA + "\n    match: {home.city: {by: exact, tolerance: 0.1}}",
            "fields",
        ),
        (
            r"every field is ignored",
            SCHEMA + "\n    match: {amount: ignore, tags: ignore, home: ignore}",
            "fields",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(told: str, more: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(SuiteError, match=told):
        load(tmp_path, more, kind=kind)


def test_a_schema_s_file_is_filled_in_so_that_the_record_holds_it(tmp_path: Path) -> None:
    (tmp_path / "call.json").write_text('{"properties": {"amount": {"type": "number"}}}')
    loaded = load(tmp_path, "schema: call.json")
    assert {"properties": {"amount": {"type": "number"}}} == loaded.suite.tasks[0].answer_schema
    assert "field_accuracy" == loaded.suite.tasks[0].metric


def test_limits_may_name_a_field_s_figures(tmp_path: Path) -> None:
    decide = 'minimum: {"recall[amount]": 0.9}, maximum: {"missing[home.city]": 0.1, "invented[tags]": 0.2}'
    loaded = load(tmp_path, SCHEMA, decide=decide)
    assert "null[home.city]" in figures_of(loaded.suite, loaded.registry)
    with pytest.raises(SuiteError, match=r"'recall\[amout\]' is no figure.*Did you mean 'recall\[amount\]'"):
        load(tmp_path, SCHEMA, decide='minimum: {"recall[amout]": 0.9}')


def test_without_a_schema_a_limit_may_name_any_field(tmp_path: Path) -> None:
    loaded = load(tmp_path, decide='maximum: {"missing[amount]": 0.1}')
    assert may_be("recall[amount]", loaded.suite)
