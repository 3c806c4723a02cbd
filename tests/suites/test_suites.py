"""The suites that come with the project load, their rows are there, and the handbook holds its answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import harness
from harness.running.planning import plan, read_data
from harness.running.runner import Options
from harness.suite.load import load_suite

SUITES = Path(__file__).parents[2] / "suites"


def lines(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (SUITES / "handbook" / name).read_text().splitlines()]


@pytest.mark.parametrize("path", sorted(SUITES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_suite_binds_and_its_rows_are_as_many_as_it_says(path: Path) -> None:
    loaded = load_suite(path)
    assert plan(loaded)
    for task in loaded.suite.tasks:
        data = read_data(loaded)[task.name]
        wanted = task.data.splits
        assert (wanted.train, wanted.validation, wanted.test) == tuple(
            len(split) for split in (data.train, data.validation, data.test)
        )


def test_the_handbook_has_passages_of_a_fit_length_and_no_two_rows_of_one_id() -> None:
    for name in ("passages.jsonl", "questions.jsonl"):
        rows = lines(name)
        assert len(rows) == len({row["id"] for row in rows})
    assert {row["id"] for row in lines("passages.jsonl")} == {row["passage"] for row in lines("questions.jsonl")}
    for row in lines("passages.jsonl"):
        assert 40 <= len(str(row["text"]).split()) <= 120, row["id"]


def test_every_answer_stands_in_the_passage_that_its_question_is_about() -> None:
    passages = {row["id"]: str(row["text"]).casefold() for row in lines("passages.jsonl")}
    questions = lines("questions.jsonl")
    assert len(questions) == len({str(row["question"]).casefold() for row in questions})
    for row in questions:
        answers = row["answer"] if isinstance(row["answer"], list) else [row["answer"]]
        assert any(str(answer).casefold() in passages[row["passage"]] for answer in answers), row


def test_the_calls_are_what_their_maker_makes_and_hold_what_is_noted_of_them() -> None:
    path = SUITES / "calls" / "make.py"
    made: dict[str, Any] = {"__name__": "make"}
    exec(compile(path.read_text(), str(path), "exec"), made)
    rows = [json.loads(line) for line in (SUITES / "calls" / "calls.jsonl").read_text().splitlines()]
    assert rows == list(made["calls"]())
    for row in rows:
        record = row["record"]
        named = [record["customer"], *record["products"], record["order_number"] or ""]
        assert all(each in row["transcript"] for each in named), row["id"]


@pytest.mark.models
def test_passages_fit_the_embedders_window() -> None:
    texts = [str(row["text"]) for row in lines("passages.jsonl")]
    with load_suite(SUITES / "handbook.yaml").models["embedder"].open() as opened:
        assert opened.embedder is not None
        assert max(opened.embedder.tokens(texts)) <= opened.embedder.window


@pytest.mark.models
def test_the_open_text_suite_runs_on_the_packaged_models(tmp_path: Path) -> None:
    options = Options(results=tmp_path, limit=4, strategies=("zero-shot", "retrieval", "retrieval+shots"))
    rows = {row.strategy: row for row in harness.run(SUITES / "handbook.yaml", options=options).rows()}
    assert {"zero-shot", "retrieval", "retrieval+shots"} == set(rows)
    assert {"finished"} == {row.status for row in rows.values()}
    assert {"token_f1"} == {row.metric for row in rows.values()}
