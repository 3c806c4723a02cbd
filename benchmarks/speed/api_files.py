"""The same questions as a suite of ours, a config of promptfoo's, a task of inspect-ai's, and as they are.

r17     nvwa qbkzoe …, and the number 17     odd
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from random import Random
from string import ascii_lowercase

_HEAD = "Is the number at the end of this text even or odd?\nAnswer with one of: even, odd."
_TRAIN = range(100_000, 100_020)

_SUITE = """\
name: api
tasks:
  - name: numbers
    kind: label
    instructions: Is the number at the end of this text even or odd?
    labels: [even, odd]
    max_output_tokens: 16
    data:
      path: train.csv
      columns: {{text: text, target: label, id: id}}
      splits: {{validation: 10, test: test.csv}}
models:
  instant:
    use: openai
    with: {{model: instant-1, base_url: "http://127.0.0.1:{port}/v1", structured: text, logprobs: "off"}}
strategies:
  - {{name: asked, use: prompt, with: {{model: instant}}}}
latency_sample: 0
"""

_PROMPTFOO = """\
prompts:
  - |-
    {head}

    {{{{text}}}}
providers:
  - id: openai:chat:instant-1
    config: {{apiBaseUrl: "http://127.0.0.1:{port}/v1", apiKey: sk-none, temperature: 0, max_tokens: 16}}
tests: file://tests.csv
"""

_INSPECT = """\
from inspect_ai import Task, task
from inspect_ai.dataset import json_dataset
from inspect_ai.scorer import exact


@task
def numbers():
    return Task(dataset=json_dataset("questions.jsonl"), scorer=exact())
"""


def row_id(number: int) -> str:
    return f"r{number}"


def label(number: int) -> str:
    return "odd" if number % 2 else "even"


def text(number: int) -> str:
    """A row's text: some words that no other row has, and its number."""
    drawn = Random(number)
    words = ["".join(drawn.choices(ascii_lowercase, k=drawn.randint(3, 9))) for _ in range(12)]
    return f"{' '.join(words)}, and the number {number}"


def question(number: int) -> str:
    """The whole prompt, as each side sends it."""
    return f"{_HEAD}\n\n{text(number)}"


def suite(questions: int, folder: Path, port: int) -> Path:
    for name, rows in (("test.csv", range(questions)), ("train.csv", _TRAIN)):
        _table(folder / name, ("id", "text", "label"), [(row_id(i), text(i), label(i)) for i in rows])
    return _file(folder / "suite.yaml", _SUITE.format(port=port))


def promptfoo(questions: int, folder: Path, port: int) -> Path:
    rows = [(row_id(i), text(i), f"equals:{label(i)}") for i in range(questions)]
    _table(folder / "tests.csv", ("row", "text", "__expected"), rows)
    return _file(folder / "promptfooconfig.yaml", _PROMPTFOO.format(port=port, head=_HEAD.replace("\n", "\n    ")))


def inspect(questions: int, folder: Path) -> Path:
    rows = [{"id": row_id(i), "input": question(i), "target": label(i)} for i in range(questions)]
    _file(folder / "questions.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    return _file(folder / "task.py", _INSPECT)


def questions(count: int, folder: Path) -> Path:
    return _file(folder / "questions.json", json.dumps({row_id(i): question(i) for i in range(count)}))


def _table(path: Path, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([columns, *rows])


def _file(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path
