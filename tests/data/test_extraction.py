from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.data.task import load_task
from harness.data.taskdata import TaskData
from harness.errors import DataError, HarnessError, SuiteError
from harness.suite import Task

Write = Callable[[str, str | bytes], Path]
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "amount": {"type": ["number", "null"]}},
    "required": ["name"],
    "additionalProperties": False,
}


def load(folder: Path, **more: Any) -> TaskData:
    given = {
        "name": "calls",
        "kind": "fields",
        "instructions": "Note.",
        "schema": SCHEMA,
        "data": {"path": "calls.jsonl", "splits": {"train": 4, "validation": 2, "test": 2}},
    }
    return load_task(Task.model_validate({**given, **more}), folder, {})


@pytest.fixture
def calls(write: Write) -> Callable[..., Path]:
    """Writes eight rows, some of them with other targets."""

    def made(**others: Any) -> Path:
        targets = {str(i): {"amount": i, "name": f"Zoë {i}"} for i in range(8)} | {
            number.removeprefix("row"): target for number, target in others.items()
        }
        rows = [{"text": f"call number {i}", "target": target} for i, target in targets.items()]
        return write("calls.jsonl", "".join(json.dumps(row) + "\n" for row in rows)).parent

    return made


def test_every_target_is_one_text_in_the_schema_s_order(calls: Callable[..., Path]) -> None:
    data = load(calls())
    targets = {e.query.text[-1]: e.targets for e in (*data.train, *data.validation, *data.test)}
    assert {str(i): (f'{{"name": "Zoë {i}", "amount": {i}}}',) for i in range(8)} == targets
    assert SCHEMA == data.brief.answer_schema


def test_a_schema_may_be_a_file_beside_the_suite(calls: Callable[..., Path], write: Write) -> None:
    write("call.schema.json", json.dumps(SCHEMA))
    assert SCHEMA == load(calls(), schema="call.schema.json").brief.answer_schema


def test_rows_that_break_the_schema_are_refused_by_place(calls: Callable[..., Path]) -> None:
    with pytest.raises(DataError) as caught:
        load(calls(row2={"name": 5}, row6={"amount": 1}))
    told = caught.value
    assert "data.columns.target" == told.where
    assert "2 rows with a target that breaks the schema" in told.message
    assert "line 3: name: 5 is not of type 'string'" in told.message
    assert "line 7: 'name' is a required property" in told.message


def test_a_target_that_no_file_could_hold_is_refused(write: Write) -> None:
    rows = [
        f'{{"text": "call {i}", "target": "{{\\"name\\": \\"a\\", \\"amount\\": 1e999}}"}}\n' for i in range(8)
    ]
    with pytest.raises(DataError, match="cannot be written as JSON"):
        load(write("calls.jsonl", "".join(rows)).parent)


def test_without_a_schema_that_of_the_training_rows_is_taken_and_told(calls: Callable[..., Path]) -> None:
    data = load(calls(), schema=None)
    assert data.brief.answer_schema is not None
    assert ["amount", "name"] == list(data.brief.answer_schema["properties"])
    assert any("that of the 4 rows of train is taken, amount (integer), name" in w for w in data.report.warnings)


def test_what_is_inferred_is_checked_against_match_and_rows(calls: Callable[..., Path]) -> None:
    with pytest.raises(SuiteError, match=r"no field 'amout'.*Did you mean 'amount'") as caught:
        load(calls(), schema=None, match={"amout": "number"})
    assert "match.amout" == caught.value.where
    tested = load(calls()).test[0].query.text[-1]
    with pytest.raises(HarnessError, match="which train's targets gave"):
        load(calls(**{f"row{tested}": {"name": "a", "amount": 1, "more": 2}}), schema=None)


def test_targets_longer_than_an_answer_may_be_are_told(calls: Callable[..., Path]) -> None:
    data = load(calls(), max_output_tokens=8)
    assert any("max_output_tokens 8 would cut" in warning for warning in data.report.warnings)
    assert not any("would cut" in warning for warning in load(calls()).report.warnings)
