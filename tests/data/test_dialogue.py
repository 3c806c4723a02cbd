from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from pydantic import ValidationError

from harness.data.queries import read_queries
from harness.data.task import load_task
from harness.data.taskdata import TaskData
from harness.errors import DataError
from harness.records import Example
from harness.suite import Columns, Task

Write = Callable[[str, str | bytes], Path]
MakeTask = Callable[..., Task]
SPLITS = {"train": 4, "validation": 2, "test": 2}


@pytest.fixture
def read(tmp_path: Path, make_task: MakeTask) -> Callable[..., TaskData]:
    """The rows of a task, which are first written as JSON lines."""

    def read(rows: Sequence[Mapping[str, object]], kind: str = "label", **data: object) -> TaskData:
        (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        given = {"path": "rows.jsonl", "splits": SPLITS, "columns": {"history": "messages"}, **data}
        return load_task(make_task(kind, **given), tmp_path, {})

    return read


def turns(*said: str) -> list[dict[str, str]]:
    """The user's and the assistant's in turn."""
    return [{"role": ("user", "assistant")[i % 2], "content": each} for i, each in enumerate(said)]


def told(example: Example) -> str:
    return " / ".join([*(turn.content for turn in example.query.history), example.query.text, *example.targets])


def everything(data: TaskData) -> set[str]:
    return {told(example) for example in (*data.train, *data.validation, *data.test)}


def test_chat_jsonl_gives_the_last_user_turn_and_what_is_answered_to_it(read: Callable[..., TaskData]) -> None:
    data = read([{"messages": turns(f"hi {i}", "what?", f"help {i}", f"sure {i}")} for i in range(8)], "text")
    assert {f"hi {i} / what? / help {i} / sure {i}" for i in range(8)} == everything(data)
    assert () == data.report.warnings


def test_a_label_may_be_what_the_assistant_says_last(read: Callable[..., TaskData]) -> None:
    data = read([{"messages": turns(f"hi {i}", "ab"[i % 2])} for i in range(8)])
    assert {"a": "", "b": ""} == data.brief.labels
    assert {f"hi {i} / {'ab'[i % 2]}" for i in range(8)} == everything(data)


def test_with_a_column_of_its_own_the_target_is_that_and_later_turns_are_not_shown(
    read: Callable[..., TaskData],
) -> None:
    data = read([{"messages": turns(f"hi {i}", "bye"), "target": "ab"[i % 2]} for i in range(8)])
    assert {f"hi {i} / {'ab'[i % 2]}" for i in range(8)} == everything(data)
    assert any("In 8 rows of rows.jsonl turns follow the last one of the user" in w for w in data.report.warnings)


def test_a_conversation_without_an_answer_or_a_user_is_no_row(read: Callable[..., TaskData]) -> None:
    rows = [{"messages": turns(f"hi {i}", f"sure {i}")} for i in range(8)]
    data = read([*rows, {"messages": turns("hello")}, {"messages": turns("", "hello")}], "text")
    assert (1, 1) == (data.report.without_target, data.report.without_text)


def test_the_target_is_never_in_the_history_and_the_text_stands_once(read: Callable[..., TaskData]) -> None:
    rows = [
        {
            "text": f"help {i}",
            "target": f"Sure {i}",
            "messages": turns(f"hi {i}", "what?", f"help {i}", f"sure  {i}"),
        }
        for i in range(8)
    ]
    data = read(rows, "text")
    assert {f"hi {i} / what? / help {i} / Sure {i}" for i in range(8)} == everything(data)
    assert any("In 8 rows of rows.jsonl the history ended with the target" in w for w in data.report.warnings)


def test_rows_with_other_earlier_turns_are_other_rows(read: Callable[..., TaskData]) -> None:
    rows = [{"text": "yes", "target": "ab"[i % 2], "messages": turns(f"card {i}?", "Sure?")} for i in range(8)]
    data = read(rows)
    assert 8 == len(everything(data))
    assert (0, 0, ()) == (data.report.exact_within.rows, data.report.conflicts.rows, data.report.warnings)
    same = read([*rows[:7], {**rows[6], "target": "b"}], leakage="allow")
    assert 2 == same.report.conflicts.rows
    other = read([{**row, "messages": turns(f"limit {i}?", "Sure?")} for i, row in enumerate(rows)])
    assert data.fingerprint != other.fingerprint


def test_a_row_without_history_keeps_the_id_that_it_had(read: Callable[..., TaskData]) -> None:
    rows = [{"text": f"text {i}", "target": "ab"[i % 2]} for i in range(8)]
    plain = read(rows, columns={})
    blank = read([{**row, "messages": ""} for row in rows])
    turned = read([{**row, "messages": turns("hi", "what?")} for row in rows])
    assert plain.fingerprint == blank.fingerprint
    assert {e.query.id for e in plain.train}.isdisjoint(e.query.id for e in turned.train)


def test_conversations_that_go_on_in_another_split_are_told(read: Callable[..., TaskData]) -> None:
    long = "I lost my card on the tram to the lake, number"
    begun = [{"text": f"{long} {i}", "target": "ab"[i % 2], "messages": ""} for i in range(8)]
    later = [{"text": "yes", "target": "ab"[i % 2], "messages": turns(f"{long} {i}", "Sure?")} for i in range(8)]
    data = read([*begun, *later], splits={"train": 6, "validation": 5, "test": 5})
    assert any(
        "of test the conversation is one that train or validation has too" in w for w in data.report.warnings
    )
    assert not any("the conversation" in w for w in read(begun).report.warnings)


def test_turns_that_cannot_be_read_are_told_with_line_and_field(read: Callable[..., TaskData]) -> None:
    rows: list[dict[str, object]] = [
        {"messages": turns("hi", "a")},
        {"messages": [{"role": "tool", "content": "x"}]},
    ]
    with pytest.raises(DataError, match=r"rows.jsonl line 2: turn 1 has the role 'tool'") as error:
        read(rows)
    assert "data.columns.history" == error.value.where


def test_a_misspelt_column_is_told_for_each_of_its_fields(read: Callable[..., TaskData]) -> None:
    rows = [{"messages": turns(f"hi {i}", "a")} for i in range(8)]
    for columns, field in (
        ({"history": "mesages"}, "data.columns.history"),
        ({"history": "messages", "text": "txt"}, "data.columns.text"),
        ({"history": "messages", "target": "intent"}, "data.columns.target"),
    ):
        with pytest.raises(DataError) as error:
            read(rows, columns=columns)
        assert field == error.value.where
    with pytest.raises(DataError, match=r"some rows of rows\.jsonl have 'target' and the first has not"):
        read([*rows, {"messages": turns("hi"), "target": "a"}])


@pytest.mark.parametrize(
    "columns", [{"metadata": ["m"]}, {"id": "m"}, {"text": "{m} {n}"}, {"text": "m"}, {"target": "m"}]
)
def test_the_history_is_no_other_column_since_the_answer_may_stand_in_it(columns: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Columns.model_validate({"history": "m", **columns})


def test_new_rows_are_read_as_the_tasks_were(write: Write, tmp_path: Path) -> None:
    write("new.jsonl", json.dumps({"messages": turns("hi", "what?", "help", "ignored")}) + "\n")
    write("new.csv", 'text,messages\nhelp,"User: hi\nBot: what?"\n')
    write("bare.csv", "text\nhelp\n")
    columns = Columns(history="messages")
    for name in ("new.jsonl", "new.csv"):
        (row,) = read_queries(name, columns, tmp_path, {}, {})
        assert row.query is not None
        assert ["hi", "what?", "help"] == [*(t.content for t in row.query.history), row.query.text]
    with pytest.raises(DataError, match=r"column 'messages' is not in bare\.csv"):
        list(read_queries("bare.csv", columns, tmp_path, {}, {}))
