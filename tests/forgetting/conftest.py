from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness import run as run_suite
from harness.api import Run
from harness.running.runner import Options

TEXTS = """\
name: sums
tasks:
  - name: sums
    kind: text
    instructions: What is the sum?
    metric: METRIC
    data: {path: sums.jsonl, columns: {text: q, target: a, id: id}, splits: {train: 6, validation: 4, test: 12}}
models:
  m: {use: "harness.testing:ScriptedModel", with: {replies: {"1 and": "It is surely 7.", "2 and": "the total 9"}}}
strategies:
  - {name: asks, use: prompt, with: {model: m}}
  - {name: shots, use: few-shot, with: {model: m, shots: 2}}
yardsticks: []
latency_sample: 2
"""


FIELDS = """\
name: sums
tasks:
  - name: sums
    kind: fields
    instructions: What is asked?
    metric: METRIC
    schema: {type: object, properties: {total: {type: integer}, who: {type: string}}}
    data: {path: sums.jsonl, columns: {text: q, target: json, id: id}, splits: {train: 6, validation: 4, test: 12}}
models:
  m:
    use: "harness.testing:ScriptedModel"
    with: {replies: {"1 and": '{"total": 7, "who": "surely"}', "2 and": '{"total": 9}'}, otherwise: "the total"}
strategies:
  - {name: asks, use: prompt, with: {model: m}}
  - {name: shots, use: few-shot, with: {model: m, shots: 2}}
yardsticks: []
latency_sample: 2
"""


@pytest.fixture
def labelled(suite: Path) -> Run:
    """A run of the tiny suite, whose answers are labels; with metadata."""
    rows = (suite.parent / "reviews.csv").read_text().splitlines()
    marked = [f"{row},{('channel', 'mail', 'phone')[min(i, 1 + i % 2)]}" for i, row in enumerate(rows)]
    # Ids of numbers: those of the tiny rows are the words of their texts, and ids stay.
    marked[1:] = [f"r{i},{row.partition(',')[2]}" for i, row in enumerate(marked[1:])]
    (suite.parent / "reviews.csv").write_text("\n".join(marked) + "\n")
    suite.write_text(suite.read_text().replace("id: id}", "id: id, metadata: [channel]}"))
    return run_suite(suite, options=Options(results=suite.parent / "results"))


@pytest.fixture
def worded(tmp_path: Path, request: pytest.FixtureRequest) -> Run:
    """A run whose answers are free texts, or JSON; its metric is the test's parameter."""
    with (tmp_path / "sums.jsonl").open("w") as out:
        for i in range(22):
            whole = json.dumps({"total": i % 3 + i + 4, "who": "surely"})
            row = {
                "id": f"row{i}",
                "json": whole,
                "q": f"Secretly, {i % 3} and {i + 4}?",
                "a": f"the total is {i % 3 + i + 4}",
            }
            out.write(json.dumps(row) + "\n")
    suite = tmp_path / "sums.yaml"
    text = FIELDS if "field" in request.param else TEXTS
    suite.write_text(text.replace("METRIC", request.param))
    return run_suite(suite, options=Options(results=tmp_path / "results"))
