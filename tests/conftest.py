"""What tests of whole runs share: a small suite of made reviews, and a strategy that waits to be killed."""

from __future__ import annotations

import csv
import signal
from pathlib import Path

import pytest

from harness.testing import tiny_task

SUITE = """\
name: tiny
tasks:
  - name: reviews
    kind: label
    instructions: Is this review positive or negative?
    labels: [positive, negative]
    data:
      path: reviews.csv
      columns: {text: text, target: label, id: id}
      splits: {train: 20, validation: 10, test: 30}
models:
  m:
    use: "harness.testing:ScriptedModel"
    with: {replies: {great: positive, lovely: positive}, otherwise: negative}
  e: {use: "harness.testing:HashEmbedder"}
strategies:
  - {name: asks, use: prompt, with: {model: m}}
  - {name: shots, use: few-shot, with: {model: m}, matrix: {shots: [1, 2]}}
  - {name: near, use: knn, with: {embedder: e}}
latency_sample: 5
prices: {device_hours: {this: 1.0}}
decide: {answers_per_month: 1000}
"""


# A shell starts what it puts in the background with SIGINT ignored, and what tests start would inherit it.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A suite beside its rows: sixty made reviews."""
    tiny = tiny_task()
    with (tmp_path / "reviews.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "text", "label"])
        for example in (*tiny.train, *tiny.validation, *tiny.test):
            writer.writerow([example.query.id, example.query.text, *example.targets])
    path = tmp_path / "tiny.yaml"
    path.write_text(SUITE)
    return path
