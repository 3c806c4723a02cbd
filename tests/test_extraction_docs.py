"""The example of docs/extraction.md, run with a scripted model in the place of the packaged one."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

import harness
from harness.api import Comparison
from harness.running.runner import Options

DOCS = (Path(__file__).parents[1] / "docs" / "extraction.md").read_text(encoding="utf-8")
SAID = {
    "Ann": '{"customer": "Ann", "amount": "12,50 €", "day": "4 March 2026", "items": ["lamp"]}',
    "Bo": '{"customer": "Bo Ek", "amount": null, "day": "2026-01-01", "items": ["kettle", "tent"]}',
    "Cem": 'Here it is: {"customer": "Cem Ak", "items": ["tent"]}',
    "Dora": "I do not know.",
}


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    folder = tmp_path_factory.mktemp("notes")
    (rows,) = re.findall(r"```json\n(.*?)```", DOCS, flags=re.S)
    (suite,) = re.findall(r"```yaml\n(.*?)```", DOCS, flags=re.S)
    scripted = {
        "use": "harness.testing:ScriptedModel",
        "with": {"replies": SAID, "otherwise": '{"customer": "x"}'},
    }
    suite = suite.replace("{use: transformers, with: {weights: smollm2-135m-instruct}}", json.dumps(scripted))
    assert "ScriptedModel" in suite
    (folder / "notes.jsonl").write_text(rows, encoding="utf-8")
    (folder / "notes.yaml").write_text(suite, encoding="utf-8")
    return harness.run(folder / "notes.yaml", options=Options(results=folder / "results")).compare()


def test_its_strategies_answer_and_others_are_not_applicable(comparison: Comparison) -> None:
    (task,) = comparison.tasks
    assert "field_accuracy" == task.strategies[0].metric
    assert {"zero-shot", "few-shot", "majority"} == {each.name for each in task.strategies if each.value}


def test_every_field_of_every_strategy_has_figures_in_the_json(comparison: Comparison) -> None:
    diagnosis = json.loads(comparison.to_json())["diagnoses"]["notes"]
    found = {(each["strategy"], each["field"]): each for each in diagnosis["fields"]}
    names = ("customer", "amount", "day", "items")
    assert {(s, f) for s in ("zero-shot", "few-shot", "majority") for f in names} == set(found)
    assert 1 <= found["majority", "customer"]["recall"]["n"] <= 4


def test_reports_show_the_fields(comparison: Comparison) -> None:
    console = Console(width=80, file=io.StringIO())
    with console.capture() as told:
        console.print(comparison)
    assert re.search(r"fields of [\w-]+ +precision +recall +missing +null +invented", told.get())
    assert "customer" in told.get()
    page = comparison.to_html()
    assert "Fields of zero-shot" in page
    assert "invented" in page


def test_markdown_folds_them(comparison: Comparison, tmp_path: Path) -> None:
    comparison.write(tmp_path / "report.md")
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "| field | precision (95 %) | recall (95 %) | missing | null | invented |" in text


def test_a_text_without_an_object_is_a_failure_and_limits_on_fields_are_judged(comparison: Comparison) -> None:
    (task,) = comparison.tasks
    assert any("recall[amount]" in reason for reason in task.recommendation.reasons)
    assert {"not-json"} >= {kind for each in task.strategies for kind in each.failures}
