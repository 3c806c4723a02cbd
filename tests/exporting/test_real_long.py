"""Exports of the packaged models on long texts and under a schema: the run's own answers."""

from __future__ import annotations

import importlib
import json
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

import harness
from harness.api import Run
from harness.exporting.bundle import Wanted, export
from harness.records import Prediction
from harness.running.prediction import find_trial
from harness.running.runner import Options
from harness_transformers import places, store

pytestmark = pytest.mark.models

SUITE = """\
name: real
tasks:
  - name: reviews
    kind: label
    instructions: Is this review positive or negative?
    labels: [positive, negative]
    long: chunks
    data:
      path: reviews.jsonl
      columns: {text: text, target: label}
      splits: {train: 3, validation: 1, test: 2}
      rare_labels: allow
      near_duplicates: allow
  - name: calls
    kind: fields
    instructions: Note who calls about what.
    max_output_tokens: 24
    long: head
    schema:
      type: object
      properties:
        caller: {type: string, maxLength: 12}
        about: {enum: [card, loan]}
        urgent: {type: boolean}
      required: [caller, about, urgent]
      additionalProperties: false
    data:
      path: calls.jsonl
      columns: {text: text, target: record, history: earlier}
      splits: {train: 1, validation: 1, test: 2}
      near_duplicates: allow
models:
  small: {use: transformers, with: {weights: smollm2-135m-instruct, dtype: float32, device: cpu}}
  encoder: {use: transformers, with: {weights: all-minilm-l6-v2, dtype: float32, device: cpu}}
  embedder: {use: sentence-transformers, with: {weights: all-minilm-l6-v2, device: cpu}}
strategies:
  - {name: linear, use: features, tasks: [reviews], with: {embedder: embedder}}
  - {name: tuned, use: lora, tasks: [reviews], with: {model: encoder, epochs: 1, max_length: 256}}
  - {name: shots, use: few-shot, tasks: [calls], with: {model: small, shots: 1}}
latency_sample: 1
yardsticks: []
"""
FILLER = " ".join(f"We came on day {i} by bus." for i in range(66))  # some 530 tokens


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A handful of made reviews, longer than the encoder's window, and of calls."""
    folder = tmp_path_factory.mktemp("real")
    words = {"great": "positive", "superb": "positive", "awful": "negative", "rude": "negative"}
    reviews = [
        {"text": f"{FILLER} The {thing} was {word}.", "label": label}
        for word, label in words.items()
        for thing in ("room", "bed")
    ]
    lines(folder / "reviews.jsonl", reviews)
    record = {"caller": "Ann", "about": "card", "urgent": True}
    calls = [
        {"text": f"I am {name}", "earlier": "Agent: who calls?", "record": record | {"caller": name}}
        for name in ("Cem", "Dora", "Eli", "Fay")
    ]
    lines(folder / "calls.jsonl", calls)
    (folder / "real.yaml").write_text(SUITE)
    return harness.run(folder / "real.yaml", options=Options(results=folder / "results"))


def answered(folder: Path, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the exported code says in this process, which has torch loaded already."""
    paths, modules = list(sys.path), set(sys.modules)
    sys.path.insert(0, str(folder))
    try:
        with warnings.catch_warnings(
            action="ignore"
        ):  # of the libraries, which answer.py leaves to whoever runs it
            found: list[dict[str, Any]] = importlib.import_module("answer").answer(rows)
    finally:
        sys.path[:] = paths
        for name in set(sys.modules) - modules:
            if str(folder) in str(getattr(sys.modules[name], "__file__", "")):
                del sys.modules[name]
    return found


def unpacked(folder: Path) -> None:
    """Points chat.json at the run's own copy of the weights: unpacking them once more takes a while."""
    settings = json.loads((folder / "chat.json").read_text())
    sha256 = store.file_sha256(places.find("smollm2-135m-instruct", None))
    [place] = store.root().glob(f"weights/{sha256}-float32-*")
    settings["weights"] = {"kind": "folder", "path": str(place)}
    (folder / "chat.json").write_text(json.dumps(settings))


@pytest.mark.parametrize(("task", "strategy"), [("reviews", "linear"), ("reviews", "tuned"), ("calls", "shots")])
def test_an_export_answers_as_the_run_did(run: Run, task: str, strategy: str, tmp_path: Path) -> None:
    key = find_trial(run.folder, strategy, task, None)
    export(run.loaded, run.folder, key, tmp_path / "out", Wanted(check=0))
    needs = (tmp_path / "out" / "requirements.txt").read_text()
    assert (task == "calls") == ("llguidance==" in needs)
    if task == "calls":
        unpacked(tmp_path / "out")
    recorded = {each.query_id: each.result for each in run.folder.trial(key).outcomes()}
    test = [each.query for each in run.folder.data(task).test]
    turns = [[turn.model_dump() for turn in query.history] for query in test]
    rows = [{"text": query.text, "history": said} for query, said in zip(test, turns, strict=True)]
    for query, found in zip(test, answered(tmp_path / "out", rows), strict=True):
        was = recorded[query.id]
        assert isinstance(was, Prediction)
        assert (*was.answers, "") == (found["answer"], found["failure"])
        if task == "reviews":
            assert "chunks" == was.notes["long"]
            assert was.probabilities == pytest.approx(found["probabilities"], abs=1e-4)
        else:
            assert ["caller", "about", "urgent"] == list(json.loads(found["answer"]))
