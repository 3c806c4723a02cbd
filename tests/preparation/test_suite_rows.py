from __future__ import annotations

import csv
from pathlib import Path

import pytest

from harness.data.task import load_task
from harness.errors import SuiteError
from harness.preparation.suite_rows import gather_task
from harness.suite.load import load_suite, task_of

SUITE = """\
name: tickets
tasks:
  - name: intents
    kind: label
    instructions: Which queue?
    data:
      path: tickets.csv
      columns: {text: body, target: queue}
      splits: {validation: 0.2, test: held-out.csv}
      leakage: allow
strategies:
  - {name: usual, use: majority}
"""


def test_test_rows_and_copies_of_them_never_come_into_the_files(tmp_path: Path) -> None:
    rows = [[f"question {i} of {i * i}", ("billing", "login")[i % 2]] for i in range(60)]
    for name, some in (
        ("tickets.csv", rows[:50]),
        ("held-out.csv", [*rows[50:], ["QUESTION  0 of 0", "billing"]]),
    ):
        with (tmp_path / name).open("w", newline="") as file:
            csv.writer(file).writerows([["body", "queue"], *some])
    (tmp_path / "s.yaml").write_text(SUITE)
    loaded = load_suite(tmp_path / "s.yaml")
    gathered = gather_task(loaded, task_of(loaded, None), None)
    lines = [*gathered.train, *(gathered.validation or ())]
    asked = " ".join(str(line.prompt[-1]["content"]) for line in lines).casefold()
    assert 49 == len(lines)
    assert all(f"question {i} of" not in asked for i in (0, *range(50, 60)))
    assert any(
        "1 row whose text stands in test too were left out: tickets.csv line 2" in said for said in gathered.told
    )
    data = load_task(loaded.suite.tasks[0], loaded.folder, loaded.registry.readers)
    assert {e.query.text for e in data.validation} >= {
        str(line.prompt[-1]["content"]).rpartition("\n\n")[2] for line in gathered.validation or ()
    }


def test_a_task_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SUITE)
    with pytest.raises(SuiteError, match=r"no task 'intent'.*Did you mean 'intents'"):
        task_of(load_suite(tmp_path / "s.yaml"), "intent")
