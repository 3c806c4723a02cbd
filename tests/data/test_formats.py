from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.data.sources import read_rows
from harness.errors import DataError
from harness.source import RawRow

Write = Callable[[str, str | bytes], Path]


def _read(path: Path, options: Mapping[str, str] | None = None) -> list[RawRow]:
    return list(read_rows(path.name, path.parent, {}, options or {}))


def _fields(path: Path, options: Mapping[str, str] | None = None) -> list[Mapping[str, str]]:
    return [row.fields for row in _read(path, options)]


# CSV


def test_a_quoted_cell_holds_delimiters_quotes_and_line_ends(write: Write) -> None:
    path = write("a.csv", 'text,target\n"one, ""two""\nthree",a\r\nfour,b\n')
    assert [(2, 'one, "two"\nthree'), (4, "four")] == [(r.number, r.fields["text"]) for r in _read(path)]


def test_a_blank_line_is_no_row(write: Write) -> None:
    assert [{"a": "1", "b": "2"}] == _fields(write("a.csv", "\na,b\n\n1,2\n\n"))


def test_a_delimiter_can_be_said(write: Write) -> None:
    assert [{"a": "1,5", "b": "2"}] == _fields(write("a.csv", "a;b\n1,5;2\n"), {"delimiter": ";"})


@pytest.mark.parametrize("delimiter", ["\\t", '"'])
def test_a_delimiter_that_is_not_one_character_is_refused(delimiter: str, write: Write) -> None:
    with pytest.raises(DataError, match="must be one character") as caught:
        _read(write("a.csv", "a\n1\n"), {"delimiter": delimiter})
    assert caught.value.where == "delimiter"


@pytest.mark.parametrize(("row", "cells"), [("1,2,3", 3), ("1", 1)])
def test_a_row_with_another_number_of_cells_is_refused_with_its_line(row: str, cells: int, write: Write) -> None:
    with pytest.raises(DataError, match=rf"a\.csv line 3 has {cells} cells and the header has 2 \(a, b\)"):
        _read(write("a.csv", f"a,b\n1,2\n{row}\n"))


def test_an_open_quote_is_refused_at_its_line_and_does_not_swallow_the_rest(write: Write) -> None:
    with pytest.raises(DataError, match=r"a\.csv line 3: a quote opens here and never closes"):
        _read(write("a.csv", 'a,b\n1,2\n"3,4\n5,6\n7,8\n'))


def test_a_quote_that_closes_too_early_is_refused_with_its_line(write: Write) -> None:
    with pytest.raises(DataError, match=r"a\.csv line 2: .*Inside a quoted cell a quote is written twice"):
        _read(write("a.csv", 'a,b\n"he said "no"",2\n'))


def test_a_column_that_stands_twice_is_refused(write: Write) -> None:
    with pytest.raises(DataError, match="names the column 'a' twice"):
        _read(write("a.csv", "a,b,a\n1,2,3\n"))


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.json", "a.jsonl"])
def test_an_empty_file_is_refused(name: str, write: Write) -> None:
    with pytest.raises(DataError, match=rf"{name} (is empty|has no rows)"):
        _read(write(name, ""))


def test_a_header_without_rows_is_refused(write: Write) -> None:
    with pytest.raises(DataError, match=r"a\.csv has no rows"):
        _read(write("a.csv", "text,target\n"))


def test_a_cell_may_be_longer_than_the_library_s_limit(write: Write) -> None:
    assert [200_000] == [len(f["text"]) for f in _fields(write("a.csv", "text\n" + "x" * 200_000 + "\n"))]


# TSV


def test_a_tsv_keeps_quotes_that_are_text(write: Write) -> None:
    path = write("a.tsv", 'text\ttarget\n"Oh" he said\ta\nfive "\tb\n')
    assert ['"Oh" he said', 'five "'] == [f["text"] for f in _fields(path)]


def test_a_tsv_takes_a_cell_out_of_the_quotes_round_it(write: Write) -> None:
    assert [{"text": 'he said "no"', "target": ""}] == _fields(
        write("a.tsv", 'text\ttarget\r\n"he said ""no"""\t\r\n')
    )


def test_a_tsv_row_with_too_few_cells_is_refused(write: Write) -> None:
    with pytest.raises(DataError, match=r"a\.tsv line 2 has 1 cells and the header has 2"):
        _read(write("a.tsv", "text\ttarget\nonly\n"))


# JSON


def test_json_values_become_text(write: Write) -> None:
    path = write(
        "a.json", '[{"s": "x", "n": 1, "f": 0.5, "b": true, "z": null, "l": ["\u00e9", 1], "o": {"k": 1}}]'
    )
    expected = {"s": "x", "n": "1", "f": "0.5", "b": "true", "z": "", "l": '["\u00e9", 1]', "o": '{"k": 1}'}
    assert [expected] == _fields(path)


def test_json_may_hold_its_rows_under_data(write: Write) -> None:
    assert [(1, {"a": "1"}), (2, {"a": "2"})] == [
        (r.number, r.fields) for r in _read(write("a.json", '{"data": [{"a": 1}, {"a": 2}]}'))
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"rows": []}', "holds an object with 'rows', not a list of objects"),
        ('"hello"', "holds 'hello', not a list"),
        ("[1]", "item 1 is 1, not an object"),
        ("[]", "has no rows"),
        ('[\n{"a": 1},\n{"a" 2}]', "line 3 is not JSON"),
        ('{"a": 1}\n{"a": 2}\n', "format: jsonl"),
        pytest.param("[" * 100_000, "is not JSON", id="nested too deep"),
    ],
)
def test_json_that_is_no_list_of_objects_is_refused(content: str, said: str, write: Write) -> None:
    with pytest.raises(DataError, match=said):
        _read(write("a.json", content))


def test_jsonl_numbers_its_lines_and_passes_over_blank_ones(write: Write) -> None:
    assert [1, 3] == [r.number for r in _read(write("a.jsonl", '{"a": 1}\n\n{"a": 2}'))]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"a": 1}\n{"a": ', "line 2 is not JSON"),
        ('{"a": 1}\n[1]\n', r"line 2 is \[1\], not an object"),
        ('[\n{"a": 1}\n]', "format: json"),
    ],
)
def test_a_line_that_is_no_object_is_refused(content: str, said: str, write: Write) -> None:
    with pytest.raises(DataError, match=said):
        _read(write("a.jsonl", content))


# Parquet


def test_parquet_values_become_text(tmp_path: Path) -> None:
    table = pa.table(
        {
            "s": ["x", None],
            "n": [1, 2],
            "l": [["a"], []],
            "d": [date(2026, 1, 31), date(2026, 2, 1)],
            "m": [Decimal("1.50"), Decimal("2.00")],
            "c": pa.array(["p", "q"]).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    assert [
        {"s": "x", "n": "1", "l": '["a"]', "d": "2026-01-31", "m": "1.50", "c": "p"},
        {"s": "", "n": "2", "l": "[]", "d": "2026-02-01", "m": "2.00", "c": "q"},
    ] == _fields(tmp_path / "a.parquet")


def test_parquet_text_that_is_not_utf_8_is_shown_and_counted(tmp_path: Path) -> None:
    bad = pa.array([b"na\xefve", None]).view(pa.string())
    pq.write_table(pa.table({"text": bad}), tmp_path / "a.parquet")
    rows = read_rows("a.parquet", tmp_path, {}, {})
    assert ["na\ufffdve", ""] == [row.fields["text"] for row in rows]
    assert rows.undecodable == 1


def test_parquet_rows_are_numbered_over_all_batches(tmp_path: Path) -> None:
    pq.write_table(pa.table({"n": list(range(5000))}), tmp_path / "a.parquet")
    assert [(i + 1, str(i)) for i in range(5000)] == [
        (r.number, r.fields["n"]) for r in _read(tmp_path / "a.parquet")
    ]


def test_a_file_that_is_no_parquet_is_refused(write: Write) -> None:
    with pytest.raises(DataError, match=r"a\.parquet cannot be read as Parquet"):
        _read(write("a.parquet", "text,target\n"))
