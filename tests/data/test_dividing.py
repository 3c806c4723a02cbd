from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from harness.data.task import load_task
from harness.data.taskdata import TaskData
from harness.errors import DataError, SuiteError
from harness.suite import Task

Row = tuple[str, str, str, str]  # text, label, customer, day


def _rows(count: int) -> list[Row]:
    """One customer has the first forty; one row a day."""
    r = random.Random(5)
    made = []
    for i in range(count):
        words = " ".join(f"{r.choice('bcdfg')}{r.randint(100, 999)}" for _ in range(12))
        customer = "many" if i < 40 else f"c{r.randint(1, 60)}"
        made.append((words, "ab"[i % 2], customer, (date(2026, 1, 1) + timedelta(days=i)).isoformat()))
    return made


def _load(folder: Path, rows: Sequence[Row], **data: object) -> TaskData:
    lines = ["text,target,customer,day", *(",".join(row) for row in rows)]
    (folder / "rows.csv").write_text("\n".join(lines) + "\n")
    columns = {"metadata": ["customer", "day"]}
    values = {"name": "t", "kind": "label", "instructions": "Which?", "data": {"path": "rows.csv", **data}}
    values["data"] = {"columns": columns, **data, "path": "rows.csv"}
    return load_task(Task.model_validate(values), folder, {})


def _split_of(data: TaskData, column: str | None = None) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name in ("train", "validation", "test"):
        for e in getattr(data, name):
            key = e.query.text if column is None else e.query.metadata[column]
            found.setdefault(key, set()).add(name)
    return found


def test_a_customer_is_in_one_split(tmp_path: Path) -> None:
    data = _load(tmp_path, _rows(300), splits={"group": "customer"})
    splits = _split_of(data, "customer")
    assert {1} == {len(names) for names in splits.values()}
    assert 300 == sum(len(getattr(data, name)) for name in ("train", "validation", "test"))
    assert any("'customer' are in one split" in each and "40 rows" in each for each in data.report.warnings)
    assert "by a hash of 'customer'" == data.report.divided


def test_a_customer_keeps_the_split_when_the_file_grows(tmp_path: Path) -> None:
    before = _split_of(_load(tmp_path, _rows(200), splits={"group": "customer"}), "customer")
    after = _split_of(_load(tmp_path, _rows(400), splits={"group": "customer"}), "customer")
    assert before == {customer: after[customer] for customer in before}


def test_rows_without_a_customer_stand_alone(tmp_path: Path) -> None:
    rows = [(text, label, " ", day) for text, label, _, day in _rows(100)]
    data = _load(tmp_path, rows, splits={"group": "customer"})
    assert min(len(data.train), len(data.validation), len(data.test)) > 5


def test_a_group_s_column_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Did you mean 'customer'") as caught:
        _load(tmp_path, _rows(30), splits={"group": "custommer"})
    assert "data.splits.group" == caught.value.where or str(caught.value.where).endswith("splits.group")


def test_test_is_the_latest(tmp_path: Path) -> None:
    data = _load(tmp_path, _rows(100), splits={"time": "day"})
    assert 20 == len(data.test)
    first = min(e.query.metadata["day"] for e in data.test)
    assert first > max(e.query.metadata["day"] for e in (*data.train, *data.validation))
    assert (first, "2026-04-10") == data.report.times["test"]
    assert any(f'`test: "{first}"`' in each for each in data.report.warnings)


def test_a_pinned_moment_keeps_test_rows_out_of_train_when_the_file_grows(tmp_path: Path) -> None:
    splits = {"time": "day", "test": "2026-03-01"}
    before = _split_of(_load(tmp_path, _rows(100), splits=splits))
    after = _split_of(_load(tmp_path, _rows(200), splits=splits))
    assert before == {text: after[text] for text in before}


def test_rows_of_one_day_stay_on_one_side(tmp_path: Path) -> None:
    rows = [(text, label, who, "2026-02-01" if 70 <= i < 90 else day) for i, (text, label, who, day) in
            enumerate(_rows(100))]  # fmt: skip
    rows = [(t, c, w, "2026-03-01" if i >= 90 else "2026-01-01" if i < 70 else d)
            for i, (t, c, w, d) in enumerate(rows)]  # fmt: skip
    assert 10 == len(_load(tmp_path, rows, splits={"time": "day", "test": 14}).test)
    data = _load(tmp_path, rows, splits={"time": "day", "test": 25})
    assert 30 == len(data.test)
    assert "test has 30 rows and not 25, since rows of one moment stay together." in data.report.warnings


def test_older_rows_of_test_s_customers_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = _rows(300)
    data = _load(tmp_path, rows, splits={"time": "day", "group": "customer"})
    splits = _split_of(data, "customer")
    late = {who for _, _, who, _ in rows[240:]}
    older = sum(who in late for _, _, who, _ in rows[:240])
    assert {1} == {len(names) for names in splits.values()}
    assert 60 == len(data.test)
    assert older == data.report.set_apart > 0
    assert any(each.startswith(f"{older} rows whose 'customer'") for each in data.report.warnings)


def test_a_file_of_its_own_keeps_its_customers(tmp_path: Path) -> None:
    rows = _rows(200)
    lines = ["text,target,customer,day", *(",".join((f"own {row[0]}", *row[1:])) for row in rows[190:])]
    (tmp_path / "late.csv").write_text("\n".join(lines) + "\n")
    data = _load(tmp_path, rows[:190], splits={"group": "customer", "test": "late.csv"})
    assert 10 == len(data.test)
    assert {1} == {len(names) for names in _split_of(data, "customer").values()}
    assert data.report.set_apart > 0


def test_time_with_a_file_for_test_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"test names 'late\.csv'"):
        _load(tmp_path, _rows(30), splits={"time": "day", "test": "late.csv"})


def test_a_moment_after_all_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no row lies from 2030-01-01 on by 'day'; its rows go from 2026-01-01"):
        _load(tmp_path, _rows(30), splits={"time": "day", "test": "2030-01-01"})


def test_a_count_is_met_though_older_rows_are_left_out(tmp_path: Path) -> None:
    rows = [
        (text, label, f"late{i % 20}" if i % 3 == 0 or i >= 80 else f"c{i}", day)
        for i, (text, label, _, day) in enumerate(_rows(100))
    ]
    data = _load(tmp_path, rows, splits={"time": "day", "group": "customer", "validation": 20})
    assert (20, 27) == (len(data.validation), data.report.set_apart)


def test_a_row_that_is_left_out_tells_still_whether_the_day_comes_first(tmp_path: Path) -> None:
    rows = [(text, label, f"c{i}", f"{1 + i % 12:02d}/02/2026") for i, (text, label, _, _) in enumerate(_rows(60))]
    late = [(f"late {text}", label, f"d{i}", "05/03/2026") for i, (text, label, _, _) in enumerate(_rows(20))]
    older = ("an older row of a customer of test", "a", "d3", "13/02/2026")
    data = _load(tmp_path, [*rows, *late, older], splits={"time": "day", "group": "customer", "test": 20})
    assert 1 == data.report.set_apart
    assert ("2026-03-05", "2026-03-05") == data.report.times["test"]
