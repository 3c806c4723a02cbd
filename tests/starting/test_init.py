"""`harness init`, from a file to a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from harness.api import run
from harness.cli.main import main
from harness.data.task import load_task
from harness.records import Example
from harness.running.runner import Options
from harness.starting.usual import templates
from harness.suite.load import load_suite


class Said(NamedTuple):
    code: int
    out: str
    err: str


Init = Callable[..., Said]


@pytest.fixture
def init(capsys: pytest.CaptureFixture[str]) -> Init:
    def init(*words: str) -> Said:
        with pytest.raises(SystemExit) as ended:
            main(["init", *words])
        captured = capsys.readouterr()
        assert isinstance(ended.value.code, int | None)
        return Said(ended.value.code or 0, captured.out, captured.err)

    return init


def test_an_export_becomes_a_suite_that_runs(tickets: Path, init: Init, tmp_path: Path) -> None:
    said = init(str(tickets))
    assert 0 == said.code, said.err
    suite = tmp_path / "tickets-2026.yaml"
    assert f"harness run {suite} --limit 50" in said.out
    for shown in (
        'CSV with ";" · cp1252',
        "target (label)",
        "' billing ' is 'Billing'",
        "'Press' (2)",
        "'C-7') in 15",
    ):
        assert shown in said.out
    assert "'Queue no' tells 'Queue' nearly always" in said.out
    loaded = load_suite(suite)
    [task] = loaded.suite.tasks
    assert ("cp1252", ";", {" billing ": "Billing"}) == (
        task.data.encoding,
        task.data.delimiter,
        dict(task.data.map),
    )
    assert ("Customer", "drop", "accuracy") == (task.data.splits.group, task.data.rare_labels, task.metric)
    data = load_task(task, loaded.folder, {})
    assert any(row.query.text.startswith("Help me, please\n\nThe line in café") for row in data.train)
    compared = run(
        load_suite(suite, strategies=[], models={}), options=Options(results=tmp_path / "runs")
    ).compare()
    rows = compared.to_frame()
    assert {"majority", "tf-idf"} == set(rows["strategy"])
    assert 0.8 < float(rows.set_index("strategy").loc["tf-idf", "value"])


def test_a_suite_that_is_there_is_not_written_over_silently(tickets: Path, init: Init, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("mine")
    said = init(str(tickets), "-o", str(mine))
    assert (7, "mine") == (said.code, mine.read_text())
    assert "is there already: give another name with -o, or replace it with --force" in said.err
    said = init(str(tickets), "-o", str(mine), "--force")
    assert 0 == said.code
    assert "Replaced" in said.out


def test_a_suite_elsewhere_finds_its_rows(tickets: Path, init: Init, tmp_path: Path) -> None:
    assert 0 == init(str(tickets), "-o", str(tmp_path / "suites" / "a.yaml"), "--target", "Channel").code
    [task] = load_suite(tmp_path / "suites" / "a.yaml").suite.tasks
    assert ("../tickets 2026.csv", "Channel") == (task.data.path, task.data.columns.target)


def test_objects_become_a_suite_with_their_schema(init: Init, tmp_path: Path) -> None:
    rows = [
        {"call": f"Agent: hello\nCustomer: order A-{i} cost {i} euros", "record": {"order": f"A-{i}", "amount": i}}
        for i in range(40)
    ]
    (tmp_path / "calls.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    said = init(str(tmp_path / "calls.jsonl"))
    assert 0 == said.code, said.err
    loaded = load_suite(tmp_path / "calls.yaml")
    [task] = loaded.suite.tasks
    assert ("fields", "call", {"amount": "number"}) == (task.kind, task.data.columns.text, dict(task.match))
    assert 40 == sum(len(rows) for rows in _splits(tmp_path / "calls.yaml"))


def test_conversations_become_a_suite_that_loads(init: Init, tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "What of it?"}, {"role": "assistant", "content": "It is fine."}]
    rows = [[{**turns[0], "content": f"What of {i}?"}, turns[1]] for i in range(40)]
    (tmp_path / "chat.jsonl").write_text("".join(json.dumps({"messages": row}) + "\n" for row in rows))
    said = init(str(tmp_path / "chat.jsonl"))
    assert 0 == said.code, said.err
    train, validation, test = _splits(tmp_path / "chat.yaml")
    assert 40 == len(train) + len(validation) + len(test)
    assert ("It is fine.",) == train[0].targets


def test_a_foreign_text_cannot_command_the_terminal_nor_break_the_suite(init: Init, tmp_path: Path) -> None:
    label = "\x1b[31mred # [bold]: {x}"
    rows = [{"text": f"some words of row {i}", "label": [label, "b\u202e", "- c"][i % 3]} for i in range(60)]
    (tmp_path / "odd.json").write_text(json.dumps(rows))
    said = init(str(tmp_path / "odd.json"))
    assert 0 == said.code, said.err
    assert "\x1b" not in said.out
    assert r"\x1b[31mred # [bold]: {x}" in said.out
    [task] = load_suite(tmp_path / "odd.yaml").suite.tasks
    assert {label, "b\u202e", "- c"} == set(task.labels)
    assert 60 == sum(len(rows) for rows in _splits(tmp_path / "odd.yaml"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name a file of rows"),
        (("nowhere.csv",), "no file 'nowhere.csv'"),
        (("--template", "suport"), "Did you mean 'support'"),
        (("a.csv", "--kind", "lable"), "no kind 'lable'"),
        (("a.csv", "--template", "legal"), "leave 'a.csv' out"),
    ],
)
def test_what_is_wrong_says_what_to_do(words: tuple[str, ...], said: str, init: Init) -> None:
    got = init(*words)
    assert got.code in (2, 3)
    assert said in got.err


def test_templates_are_listed(init: Init) -> None:
    assert ["clinical", "legal", "marketing", "sentiment", "support"] == [
        line.split()[0] for line in init("--template", "list").out.splitlines()
    ]


@pytest.mark.parametrize("name", templates())
def test_a_template_validates_and_its_made_rows_load(name: str, init: Init, tmp_path: Path) -> None:
    suite = tmp_path / f"{name}.yaml"
    said = init("--template", name, "-o", str(suite))
    assert 0 == said.code, said.err
    assert "made up" in suite.read_text()
    [task] = load_suite(suite).suite.tasks
    labels = set(task.labels)
    for rows in _splits(suite):
        assert len(rows) >= 8
        assert labels == {label for row in rows for label in row.targets}
    assert task.data.columns.metadata
    assert load_suite(suite).suite.decide.minimum


def _splits(suite: Path) -> tuple[tuple[Example, ...], ...]:
    loaded = load_suite(suite)
    data = load_task(loaded.suite.tasks[0], loaded.folder, {})
    return data.train, data.validation, data.test


@pytest.mark.parametrize(
    ("expected", "rows"),
    [
        ("'label' has one label only", "first text,a\nanother one,a\nand a third,a\n"),
        ("less than two labels with 3 different texts", "first text,a\nanother one,a\nand a third,b\n"),
    ],
)
def test_a_file_that_no_suite_could_run_on_gets_none(expected: str, rows: str, init: Init, tmp_path: Path) -> None:
    (tmp_path / "few.csv").write_text(f"text,label\n{rows}")
    said = init(str(tmp_path / "few.csv"), "--target", "label", "--kind", "label")
    assert 3 == said.code
    assert expected in " ".join(said.err.split())
    assert not (tmp_path / "few.yaml").exists()


def test_a_first_row_that_is_data_is_told(init: Init, tmp_path: Path) -> None:
    rows = [f"my parcel {n} is not here yet,{'late' if n % 2 else 'lost'}" for n in range(20)]
    (tmp_path / "bare.csv").write_text("\n".join(rows))
    said = " ".join(init(str(tmp_path / "bare.csv")).out.split())
    assert "Suspicious: 'lost', the name of a column by the first row, is a value of that column too" in said


def test_an_answer_that_repeats_the_text_is_told(init: Init, tmp_path: Path) -> None:
    rows = [f"my parcel {n} is not here yet,my parcel {n} is not here yet" for n in range(20)]
    (tmp_path / "same.csv").write_text("\n".join(["text,label", *rows]))
    assert "Suspicious: 'label' holds what 'text' holds" in init(str(tmp_path / "same.csv")).out
