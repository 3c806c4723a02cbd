"""Long texts, earlier turns and schemas are answered without the harness as `harness predict` does.

The chat model's answer is a hash of the whole conversation that it is asked with: one character more or less in a
prompt is another answer.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

import harness
from harness.api import Run
from harness.cli.main import main
from harness.exporting.bundle import Wanted, export
from harness.exporting.checking import run as answered
from harness.running.prediction import find_trial
from harness.running.runner import Options

TASK = """\
  - name: {name}
    kind: {kind}
    instructions: What is it about?
    max_output_tokens: 4
    {more}
    data:
      path: {path}.jsonl
      columns: {columns}
      splits: {{train: 12, validation: 6, test: 6}}
      near_duplicates: allow
"""
LABELS = "labels: [card, loan, rate]"
FORM = "schema: {type: object, properties: {what: {type: string}, who: {type: [string, 'null']}}}"
TALK = "{text: said, target: topic, history: earlier, speakers: {Anna: assistant}}"
REST = """\
models:
  m: {use: "./hashing.py:Hashing", with: {window: 70}}
  wide: {use: "./hashing.py:Hashing", with: {window: 200}}
  e: {use: "./hashing.py:Words", with: {window: 40}}
strategies:
  - {name: asks, use: prompt, with: {model: m, normalise: prior, calibrate: true}}
  - name: worded
    use: prompt
    tasks: [reply, several]
    with: {model: wide, wording: {system: Be brief, query: "<{text}>"}}
  - {name: shots, use: few-shot, with: {model: wide, shots: 4}}
  - {name: retrieves, use: retrieval, with: {model: wide, embedder: e, k: 3}}
  - {name: near, use: knn, tasks: [chunks, middle, head, fail], with: {embedder: e, k: 3, weights: distance}}
  - {name: linear, use: features, tasks: [chunks, middle, head, fail], with: {embedder: e}}
yardsticks: []
latency_sample: 1
"""
ABOUT = {
    "card": "lost stolen plastic wallet",
    "loan": "borrow house repay years",
    "rate": "percent interest yield",
}


def talk(number: int, words: int) -> dict[str, Any]:
    """A made-up row; the topic stands at its end, behind so many words."""
    topic = list(ABOUT)[number % 3]
    said = f"hello {number} " + " ".join(f"w{number * i % 17}" for i in range(words)) + " " + ABOUT[topic]
    opens = "Anna" if number % 4 == 0 else "Customer"
    earlier = f"{opens}: good day {number}\nAgent 2: how can I help {number}?\nyou may speak" if number % 5 else ""
    return {"said": said, "topic": topic, "earlier": earlier}


def whole(number: int, words: int) -> dict[str, Any]:
    """The same as chat JSONL."""
    row = talk(number, words)
    greeting = {"from": "gpt", "value": f"welcome {number}"}
    said = [{"from": "human", "value": "hm"}, {"from": "human", "value": row["said"]}]
    replied = {"from": "gpt", "value": f"reply {number}"}
    return {"messages": [{"from": "system", "value": "A bank."}, *[greeting] * (number % 2), *said, replied]}


def jsonl(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Tasks that cut, split and refuse long texts, with and without earlier turns, and of every kind."""
    folder = tmp_path_factory.mktemp("talks")
    rows = [talk(i, words=[1, 3, 12, 90][i % 4]) for i in range(24)]
    jsonl(folder / "talks.jsonl", rows)
    forms = [row | {"topic": {"what": row["topic"], "who": None}} for row in rows]
    jsonl(folder / "forms.jsonl", forms)
    jsonl(folder / "whole.jsonl", [whole(i, words=[1, 3, 12, 90][i % 4]) for i in range(24)])
    shutil.copytree(Path(__file__).parent / "templates", folder, dirs_exist_ok=True)
    tasks = [
        TASK.format(name=long, kind="label", more=f"long: {long}\n    {LABELS}", path="talks", columns=TALK)
        for long in ("chunks", "middle", "head", "fail")
    ]
    tasks += [
        TASK.format(name="several", kind="labels", more=f"long: chunks\n    {LABELS}", path="talks", columns=TALK),
        TASK.format(name="form", kind="fields", more=f"long: chunks\n    {FORM}", path="forms", columns=TALK),
        TASK.format(name="reply", kind="text", more="long: chunks", path="whole", columns="{history: messages}"),
    ]
    (folder / "talks.yaml").write_text("name: talks\ntasks:\n" + "".join(tasks) + REST)
    return harness.run(folder / "talks.yaml", options=Options(results=folder / "results"))


def made(run: Run, task: str, strategy: str, out: Path) -> Path:
    key = find_trial(run.folder, strategy, task, None)
    export(run.loaded, run.folder, key, out, Wanted(check=0))
    return out


def predicted(run: Run, task: str, strategy: str, rows: Path) -> list[dict[str, Any]]:
    out = rows.with_name("predicted.jsonl")
    with pytest.raises(SystemExit) as ended:
        main(["predict", str(run.folder.path), strategy, str(rows), "--task", task, "-o", str(out)])
    assert ended.value.code in (0, None)
    return [json.loads(line) for line in out.read_text().splitlines()]


CASES = [
    *((task, each) for task in ("chunks", "middle") for each in ("asks", "shots", "retrieves", "near", "linear")),
    *((task, each) for task in ("head", "fail") for each in ("shots", "retrieves", "linear")),
    ("fail", "near"),
    ("several", "worded"),
    ("form", "asks"),
    ("form", "retrieves"),
    ("reply", "asks"),
    ("reply", "worded"),
    ("reply", "shots"),
]


@pytest.mark.parametrize(("task", "strategy"), CASES)
def test_answers_are_those_of_predict(run: Run, task: str, strategy: str, tmp_path: Path) -> None:
    row = whole if task == "reply" else talk
    asked = [row(i, words) for i, words in enumerate((2, 9, 30, 60, 120, 300), start=30)]
    asked += [row(i, words=12) for i in (0, 1, 2)]
    for each in asked:
        each.pop("topic", None)
    rows = jsonl(tmp_path / "new.jsonl", asked)
    expected = predicted(run, task, strategy, rows)
    found = answered(made(run, task, strategy, tmp_path / "out"), asked, timeout=60)
    for was, now in zip(expected, found, strict=True):
        assert (was["failure"] or "").partition(":")[0] == now["failure"].partition(":")[0]
        assert (was["answer"] or "") == now["answer"]
        assert was["probability"] == pytest.approx(now["probability"], abs=1e-5)
    assert (task == "fail") == any(each["failure"] for each in found)
    assert len({each["answer"] for each in found}) > 1


def test_a_caller_may_hand_turns_over_as_serve_takes_them(run: Run, tmp_path: Path) -> None:
    out = made(run, "head", "shots", tmp_path / "out")
    row = talk(31, words=4)
    history = [
        {"role": "user", "content": "good day 31"},
        {"role": "assistant", "content": "how can I help 31?\nyou may speak"},
    ]
    same = [row, {"text": row["said"], "history": history}, {"text": row["said"], "history": []}]
    lines, messages, alone = answered(out, same, timeout=60)
    assert lines["probabilities"] == messages["probabilities"]
    assert lines["probabilities"] != alone["probabilities"]


def test_a_cell_that_is_no_conversation_is_named(run: Run, tmp_path: Path) -> None:
    out = made(run, "head", "linear", tmp_path / "out")
    (tmp_path / "new.csv").write_text("said,earlier\nhello,nobody knows who\n")
    words = [sys.executable, "-I", str(out / "answer.py"), str(tmp_path / "new.csv")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert 1 == done.returncode
    assert "the turns begin with 'nobody knows who'" in done.stderr
