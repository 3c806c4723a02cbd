"""The JSON of results: names that scripts rely on, a schema that it keeps, no text of a row."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import harness
from harness.api import Comparison
from harness.comparing.records import Estimate
from harness.diagnosing.records import Diagnosis, ErrorGroup, Flips, Gap, SliceFigure, Suspect
from harness.report import files
from harness.report.document import Document, document
from harness.running.runner import Options

ROWS = """
    task strategy seed repeat train_size n failed metric value low high accuracy macro_f1
    prepare_seconds p50_seconds p95_seconds prepare_dollars dollars_per_answer dollars_per_month
"""
COMPARISONS = "task metric a b difference low high p_value verdict"
RECOMMENDATIONS = "task outcome strategy sentence reasons changes limits pareto break_evens sure picked"


@pytest.fixture
def compared(suite: Path) -> Comparison:
    """The tiny suite, run and compared."""
    return harness.run(suite, options=Options(results=suite.parent / "results")).compare()


def strict(text: str) -> dict[str, object]:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    found: dict[str, object] = json.loads(text, parse_constant=refuse)
    return found


TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


def wrong(value: Any, schema: dict[str, Any], known: dict[str, Any], at: str = "$") -> list[str]:
    """What in a value does not keep a JSON schema, as far as pydantic writes them."""
    if "$ref" in schema:
        return wrong(value, known[schema["$ref"].rpartition("/")[2]], known, at)
    if "anyOf" in schema:
        tried = [wrong(value, each, known, at) for each in schema["anyOf"]]
        return [] if [] in tried else tried[0]
    if "const" in schema and value != schema["const"]:
        return [f"{at} is not {schema['const']!r}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at} is none of {schema['enum']}"]
    kind = schema.get("type")
    if kind == "null":
        return [] if value is None else [f"{at} is not null"]
    if kind is not None and not isinstance(value, TYPES[kind]):
        return [f"{at} is no {kind}: {value!r}"]
    if kind == "array":
        return [
            e for i, each in enumerate(value) for e in wrong(each, schema.get("items", {}), known, f"{at}[{i}]")
        ]
    if kind != "object":
        return []
    fields, rest = schema.get("properties", {}), schema.get("additionalProperties", {})
    found = [f"{at} lacks {name}" for name in schema.get("required", ()) if name not in value]
    for name, each in value.items():
        if name not in fields and rest is False:
            found.append(f"{at} has {name}")
        inner = fields.get(name, rest if isinstance(rest, dict) else {})
        found += wrong(each, inner, known, f"{at}.{name}")
    return found


def test_the_names_that_scripts_rely_on_are_there(compared: Comparison) -> None:
    told = json.loads(compared.to_json())
    assert set(ROWS.split()) <= set(told["rows"][0])
    assert set(COMPARISONS.split()) <= set(told["comparisons"][0])
    assert set(RECOMMENDATIONS.split()) <= set(told["recommendations"][0])
    assert 10 == len(told["comparisons"])  # of five strategies
    assert ["reviews"] == [each["task"] for each in told["recommendations"]]
    assert 1 == told["version"]


def test_it_keeps_its_own_schema_and_is_strict_json(compared: Comparison) -> None:
    told = strict(compared.to_json())
    schema = Document.model_json_schema()
    assert [] == wrong(told, schema, schema["$defs"])
    assert Document.model_validate(told) == document(compared.compared)
    told["rows"][0]["n"] = "thirty"  # type: ignore[index]
    assert ["$.rows[0].n is no integer: 'thirty'"] == wrong(told, schema, schema["$defs"])


def test_the_schema_has_every_record_and_refuses_other_fields(compared: Comparison) -> None:
    schema = Document.model_json_schema()
    assert {"Row", "Pair", "Recommendation", "StrategyFigures"} <= set(schema["$defs"])
    assert not schema["additionalProperties"]


def test_it_holds_no_text_of_a_row_and_no_prompt(compared: Comparison) -> None:
    text = compared.to_json() + files.text(compared.compared, ".csv")
    (evidence,) = compared.compared.evidence.values()
    for example in (*evidence.test, *evidence.train, *evidence.validation):
        assert example.query.text not in text
    assert evidence.brief.instructions not in text


def test_without_texts_every_format_leaves_out_rows_and_values_and_keeps_labels(compared: Comparison) -> None:
    (evidence,) = compared.compared.evidence.values()
    ids = {e.query.id for e in (*evidence.test, *evidence.train, *evidence.validation)}
    values = {f"{v}" for e in evidence.test for v in e.query.metadata.values()}
    (task,) = compared.compared.tasks
    asked = task.model_copy(
        update={
            "pairing": task.pairing.model_copy(update={"changed": tuple(sorted(ids)[:2])}),
            "strategies": tuple(
                each.model_copy(update={"warnings": ("of ticket Kasimir",), "problem": "ticket Kasimir"})
                for each in task.strategies
            ),
            "diagnosis": Diagnosis(
                suspects=(Suspect(query_id="ticket Kasimir", split="test", given="good", suggested="bad",
                                  probability=0.1, how="knn"),),
                errors=(ErrorGroup(strategy="near", what="answered as good", n=1, of=2,
                                   share=Estimate(value=0.5, n=2), examples=("ticket Kasimir",)),),
                slices=(SliceFigure(strategy="near", column="who", value="ticket Kasimir",
                                    figure=Estimate(value=0.5, low=0.1, high=0.9, n=20)),),
                gaps=(Gap(strategy="near", column="who", best="ticket Kasimir", worst="Ludmilla of ticket Kasimir",
                          difference=Estimate(value=0.5, n=20), p_value=0.01, words="worst on who=Kasimir"),),
                flips=(Flips(strategy="near", probe="counterfactual:who", variant="ticket Kasimir->Ludmilla",
                             share=Estimate(value=0.5, low=0.1, high=0.9, n=20)),),
            ),
        }
    )  # fmt: skip
    loud = replace(compared.compared, tasks=(asked,))
    assert "Kasimir" in files.text(loud, ".json")
    for suffix in files.FORMATS:
        text = files.text(loud, suffix, texts=False)
        assert "Kasimir" not in text, suffix
        assert not any(f'"{each}"' in text or f">{each}<" in text for each in ids), suffix
        assert not any(f'"{value}"' in text for value in values - set(evidence.brief.labels)), suffix
    assert '"suggested": "bad"' in files.text(loud, ".json", texts=False)


def test_the_csv_has_a_row_for_each_trial_and_nothing_a_spreadsheet_would_run(compared: Comparison) -> None:
    rows = list(csv.DictReader(io.StringIO(files.text(compared.compared, ".csv"))))
    assert ["asks", "shots", "near", "majority", "tf-idf"] == [row["strategy"] for row in rows]
    assert set(ROWS.split()) <= set(rows[0])
    assert ["'=1+1", "'@x", "plain", 3] == [files.inert(value) for value in ("=1+1", "@x", "plain", 3)]
