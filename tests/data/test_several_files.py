from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.data.sources import read_rows
from harness.data.task import load_task
from harness.errors import DataError
from harness.suite import Task

Write = Callable[[str, str | bytes], Path]


def test_a_pattern_reads_all_files_in_the_order_of_their_names(write: Write, tmp_path: Path) -> None:
    write("tickets/b.csv", "target,text\nx,three\n")
    write("tickets/a.csv.gz", gzip.compress(b'text,target\n"one\none",x\ntwo,y\n'))
    write("tickets/.hidden.csv", "no,such\n1,2\n")
    rows = read_rows("tickets/*.csv*", tmp_path, {}, {})
    read = list(rows)
    assert ["one\none", "two", "three"] == [row.fields["text"] for row in read]
    assert ["tickets/a.csv.gz line 2", "tickets/a.csv.gz line 4", "tickets/b.csv line 2"] == [
        rows.place(row.number) for row in read
    ]
    assert read == list(rows)


def test_bytes_that_do_not_decode_are_counted_over_all_files(write: Write, tmp_path: Path) -> None:
    write("a.csv", b"text\n\xe9\n")
    write("b.csv", b"text\n\xe9\xe9\n")
    rows = read_rows("*.csv", tmp_path, {}, {})
    list(rows)
    assert 3 == rows.undecodable


def test_files_with_other_columns_are_refused(write: Write, tmp_path: Path) -> None:
    write("a.csv", "text,target\n1,2\n")
    write("b.csv", "text,label\n1,2\n")
    with pytest.raises(
        DataError, match=r"columns of b\.csv are not those of a\.csv: it lacks 'target' and has 'label'"
    ):
        list(read_rows("?.csv", tmp_path, {}, {}))


def test_objects_may_leave_fields_out(write: Write, tmp_path: Path) -> None:
    write("a.jsonl", '{"text": "1", "note": "x"}\n')
    write("b.jsonl", '{"text": "2"}\n')
    assert ["1", "2"] == [row.fields["text"] for row in read_rows("*.jsonl", tmp_path, {}, {})]


def test_a_pattern_that_matches_nothing_says_what_is_there(write: Write, tmp_path: Path) -> None:
    write("tickets/a.csv", "text\n1\n")
    with pytest.raises(DataError, match=r"no file matches 'tickets/\*\.tsv'.* has a\.csv"):
        read_rows("tickets/*.tsv", tmp_path, {}, {})


def test_a_file_whose_own_name_looks_like_a_pattern_is_that_file(write: Write, tmp_path: Path) -> None:
    write("a[1].csv", "text\n1\n")
    write("a1.csv", "text\n2\n")
    assert ["1"] == [row.fields["text"] for row in read_rows("a[1].csv", tmp_path, {}, {})]


def test_an_error_in_one_of_the_files_names_it(write: Write, tmp_path: Path) -> None:
    write("tickets/a.csv", "text\n1\n")
    write("tickets/b.csv", "text\n1,2\n")
    with pytest.raises(DataError, match=r"tickets/b\.csv line 2 has 2 cells"):
        list(read_rows("tickets/*.csv", tmp_path, {}, {}))


def test_a_task_s_copies_name_the_file_they_stand_in(write: Write, tmp_path: Path) -> None:
    text = "text,target\n" + "".join(f"row {i % 9},{'xy'[i % 2]}\n" for i in range(18))
    write("d/a.csv", text)
    write("d/b.csv", text)
    data = {"path": "d/*.csv", "splits": {"train": 4, "validation": 4, "test": 4}}
    task = Task.model_validate({"name": "t", "kind": "label", "instructions": "Which?", "data": data})
    found = load_task(task, tmp_path, {}).report.exact_within
    assert {"d/a.csv", "d/b.csv"} == {
        copy.place.partition(" ")[0] for group in found.examples for copy in group.copies
    }
