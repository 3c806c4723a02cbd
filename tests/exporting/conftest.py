"""A run on models without weights that can be exported, as a third party would write them beside the suite."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import pytest

import harness
from harness.api import Run
from harness.running.runner import Options
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
      columns: {text: "{title}: {body}", target: label, id: id}
      splits: {train: 20, validation: 10, test: 30}
tables:
  facts: {path: facts.csv, id: id}
models:
  m:
    use: "./standins.py:Scripted"
    with: {replies: {great: positive, lovely: positive}, otherwise: negative, window: 60}
  e: {use: "./standins.py:Hashed"}
  bare: {use: "harness.testing:ScriptedModel", with: {otherwise: negative}}
strategies:
  - {name: asks, use: prompt, with: {model: m, normalise: prior, calibrate: true}}
  - {name: worded, use: prompt, with: {model: m, wording: {system: Be brief, label_words: {positive: good}}}}
  - {name: shots, use: few-shot, with: {model: m}, matrix: {shots: [1, 3]}}
  - name: retrieves
    use: retrieval
    with: {model: m, embedder: e, k: 3, mmr: 0.5, passages: facts, chunk_words: 4, chunk_overlap: 1}
  - {name: near, use: knn, with: {embedder: e, k: 3, weights: distance}}
  - {name: linear, use: features, with: {embedder: e}}
  - {name: margins, use: features, with: {embedder: e, classifier: linear-svm}}
  - {name: unexported, use: prompt, with: {model: bare}}
  - {name: own, use: "./standins.py:Own"}
latency_sample: 2
"""

STANDINS = """\
from contextlib import contextmanager
from pathlib import Path

from harness import Prediction, Strategy
from harness.testing import HashEmbedder, ScriptedModel

HERE = Path(__file__).parent


class Scripted(ScriptedModel):
    def export(self, part, tuned, target):
        target.json("chat.json", self.model_dump(mode="json"))
        target.code("chat.py", HERE / "alone" / "chat.py")


class Hashed(HashEmbedder):
    def export(self, part, tuned, target):
        target.json("embedder.json", {"width": self.width})
        target.code("embedder.py", HERE / "alone" / "embedder.py")
        target.require("numpy")


class Same:
    def answer(self, queries):
        return (Prediction(query_id=q.id, answers=("negative",)) for q in queries)


class Own(Strategy):
    @contextmanager
    def prepare(self, brief, train, validation, context):
        yield Same()

    def export(self, brief, fitted, target):
        target.code("strategy.py", HERE / "alone" / "own.py")
"""

ALONE = {
    "chat.py": """\
import json
import math


def load(folder):
    return Chat(json.loads((folder / "chat.json").read_text()))


class Chat:
    def __init__(self, script):
        self.script = script

    def tokens(self, messages):
        return sum(len(m["content"].split()) + 1 for m in messages)

    def complete(self, request):
        used = self.tokens(request["messages"])
        if used > self.script["window"]:
            return {"failure": f"too-long: {used} words do not fit the window of {self.script['window']}"}
        asked = request["messages"][-1]["content"]
        found = [reply for text, reply in self.script["replies"].items() if text in asked]
        reply = found[0] if found else self.script["otherwise"]
        if reply not in request["choices"]:
            return {"text": reply}
        logprobs = {c: -0.1 if c == reply else -5.0 for c in request["choices"]}
        total = sum(map(math.exp, logprobs.values()))
        return {
            "text": reply,
            "logprobs": logprobs,
            "choice_tokens": {c: len(c.split()) + 1 for c in request["choices"]},
            "probabilities": {c: math.exp(v) / total for c, v in logprobs.items()},
        }
""",
    "embedder.py": """\
import hashlib
import json
import re

import numpy as np


def load(folder):
    return Embedder(json.loads((folder / "embedder.json").read_text())["width"])


class Embedder:
    def __init__(self, width):
        self.width = width

    def embed(self, texts):
        vectors = np.full((len(texts), self.width), 1e-6, dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\\w+", text.casefold()):
                vectors[row, int(hashlib.sha256(word.encode()).hexdigest(), 16) % self.width] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
""",
    "own.py": """\
import harness  # what an export must not do


def load(folder):
    raise AssertionError("not reached")
""",
}


class Ran(NamedTuple):
    """A run, and new rows for what it fitted."""

    run: Run
    rows: Path


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Sixty made reviews in two columns, run once, and new rows: known texts, a blank, a long one, a formula."""
    folder = tmp_path_factory.mktemp("exported")
    tiny = tiny_task()
    with (folder / "reviews.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "title", "body", "label"])
        for example in (*tiny.train, *tiny.validation, *tiny.test):
            writer.writerow([example.query.id, "Review", example.query.text, *example.targets])
    with (folder / "facts.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "text"])
        writer.writerow(["a", "the pool opens at nine and closes late"])
        writer.writerow(["b", "staff wear green, the bed is firm"])
    (folder / "standins.py").write_text(STANDINS)
    (folder / "alone").mkdir()
    for name, text in ALONE.items():
        (folder / "alone" / name).write_text(text)
    (folder / "tiny.yaml").write_text(SUITE)
    seen = [["Review", example.query.text] for example in (*tiny.train[:3], *tiny.test[:3])]
    new = [["=1+1", "the room was great"], ["", "great " * 18], ["x", "rude " * 80], [" ", " "]]
    with (folder / "new.csv").open("w", newline="") as out:
        csv.writer(out).writerows([["title", "body"], *seen, *new])
    run = harness.run(folder / "tiny.yaml", options=Options(results=folder / "results"))
    return Ran(run, folder / "new.csv")
