"""Exports of the packaged models: the same answers by transformers alone."""

from __future__ import annotations

from pathlib import Path

import pytest

import harness
from harness.api import Run
from harness.exporting.bundle import Wanted, export
from harness.running.prediction import find_trial
from harness.running.runner import Options

pytestmark = pytest.mark.models

MODELS = """\
models:
  small: {use: transformers, with: {weights: smollm2-135m-instruct, dtype: float32, device: cpu}}
  encoder: {use: transformers, with: {weights: all-minilm-l6-v2, dtype: float32, device: cpu}}
strategies:
  - {name: lora, use: lora, with: {model: small, rank: 2, epochs: 1}}
  - {name: lora-encoder, use: lora, with: {model: encoder, epochs: 1}}
latency_sample: 1
yardsticks: []
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Adapters, trained on a handful of made reviews."""
    folder = tmp_path_factory.mktemp("real")
    rows = [
        f"the {thing} was {word}" for word in ("great", "awful", "superb", "rude") for thing in ("room", "bed")
    ]
    labels = ["positive", "positive", "negative", "negative"] * 2
    lines = [f"{text},{label}\n" for text, label in zip(rows, sorted(labels, reverse=True), strict=True)]
    (folder / "reviews.csv").write_text("text,label\n" + "".join(lines))
    head = """\
name: real
tasks:
  - name: reviews
    kind: label
    instructions: Is this review positive or negative?
    labels: [positive, negative]
    data:
      path: reviews.csv
      columns: {text: text, target: label}
      splits: {train: 4, validation: 2, test: 2}
      rare_labels: allow
      near_duplicates: allow
"""
    (folder / "real.yaml").write_text(head + MODELS)
    return harness.run(folder / "real.yaml", options=Options(results=folder / "results"))


@pytest.mark.parametrize(("strategy", "merge"), [("lora", False), ("lora-encoder", True)])
def test_an_adapter_answers_the_same_without_the_harness(
    run: Run, strategy: str, merge: bool, tmp_path: Path
) -> None:
    key = find_trial(run.folder, strategy, None, None)
    made = export(run.loaded, run.folder, key, tmp_path / "out", Wanted(merge=merge, check=2))
    assert made.checked is not None
    assert (2, 2) == (made.checked.rows, made.checked.same)
    assert made.checked.furthest is not None
    assert made.checked.furthest < 1e-3
    adapters = [path.name for path in (tmp_path / "out").rglob("adapter_model.safetensors")]
    assert ([] if merge else ["adapter_model.safetensors"]) == adapters
    assert merge == (tmp_path / "out" / "weights" / "merged" / "model.safetensors").exists()
    assert "say of their licence" in (tmp_path / "out" / "README.md").read_text()
