from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from harness.data.sources import read_rows
from harness.errors import DataError, PluginError
from harness.source import RawRow

Write = Callable[[str, str | bytes], Path]
CSV = "text,target\nhello,a\n"


class Shelf:
    """A plugin's source over rows that it holds."""

    def read(self, location: str, folder: Path, options: Mapping[str, str]) -> Iterator[RawRow]:
        yield RawRow(number=1, fields={"location": location, "encoding": options.get("encoding", "")})


class Broken:
    def read(self, location: str, folder: Path, options: Mapping[str, str]) -> Iterator[RawRow]:
        yield RawRow(number=1, fields={"a": "1"})
        raise KeyError(location)


class Refusing:
    def read(self, location: str, folder: Path, options: Mapping[str, str]) -> Iterator[RawRow]:
        raise DataError("no such shelf", where="shelf.db")


class Sloppy:
    def read(self, location: str, folder: Path, options: Mapping[str, str]) -> Iterator[RawRow]:
        yield {"a": "1"}  # type: ignore[misc]


def test_a_path_is_relative_to_the_suite(write: Write, tmp_path: Path) -> None:
    write("data/reviews.csv", CSV)
    rows = list(read_rows("data/reviews.csv", tmp_path, {}, {}))
    assert [RawRow(number=2, fields={"text": "hello", "target": "a"})] == rows


def test_rows_can_be_read_twice(write: Write, tmp_path: Path) -> None:
    write("a.csv", b"text,target\nna\xefve,a\n")
    rows = read_rows("a.csv", tmp_path, {}, {})
    assert list(rows) == list(rows)
    assert rows.undecodable == 1


def test_rows_stream_so_that_a_late_error_comes_late(write: Write, tmp_path: Path) -> None:
    write("a.jsonl", '{"text": "one"}\n{"text": \n')
    rows = iter(read_rows("a.jsonl", tmp_path, {}, {}))
    assert next(rows).fields == {"text": "one"}
    with pytest.raises(DataError, match=r"a\.jsonl line 2 is not JSON"):
        next(rows)


def test_a_place_names_file_and_line(write: Write, tmp_path: Path) -> None:
    write("a.csv", CSV)
    assert read_rows("a.csv", tmp_path, {}, {}).place(2) == "a.csv line 2"


@pytest.mark.parametrize("name", ["a.CSV", "a.tsv", "a.ndjson", "a.json"])
def test_the_extension_says_the_format(name: str, write: Write, tmp_path: Path) -> None:
    content = {"a.CSV": "x\n1\n", "a.tsv": "x\n1\n", "a.ndjson": '{"x": 1}\n', "a.json": '[{"x": 1}]'}[name]
    write(name, content)
    assert [{"x": "1"}] == [row.fields for row in read_rows(name, tmp_path, {}, {})]


def test_format_wins_over_the_extension(write: Write, tmp_path: Path) -> None:
    write("a.txt", '{"x": 1}\n')
    assert [{"x": "1"}] == [row.fields for row in read_rows("a.txt", tmp_path, {}, {"format": "jsonl"})]


def test_an_unknown_extension_says_what_can_be_read(write: Write, tmp_path: Path) -> None:
    write("a.docx", b"hello")
    with pytest.raises(DataError, match="csv, tsv, json, jsonl, parquet, xlsx") as caught:
        read_rows("a.docx", tmp_path, {}, {})
    assert caught.value.where == "format"


def test_an_unknown_format_is_refused_with_the_nearest(write: Write, tmp_path: Path) -> None:
    write("a.csv", CSV)
    with pytest.raises(DataError, match=r"no format 'jsnl'.*Did you mean 'jsonl'"):
        read_rows("a.csv", tmp_path, {}, {"format": "jsnl"})


def test_a_missing_file_is_named_with_the_nearest_beside_it(write: Write, tmp_path: Path) -> None:
    write("reviews.csv", CSV)
    with pytest.raises(DataError, match=r"no file 'review\.csv'.*Did you mean 'reviews\.csv'\?"):
        read_rows("review.csv", tmp_path, {}, {})


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no folder"):
        read_rows("nowhere/reviews.csv", tmp_path, {}, {})


def test_a_folder_is_not_a_file(write: Write, tmp_path: Path) -> None:
    write("data/reviews.csv", CSV)
    with pytest.raises(DataError, match=r"'data' is a folder; name a file in it: reviews\.csv"):
        read_rows("data", tmp_path, {}, {})


def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        read_rows("a" * 300 + ".csv", tmp_path, {}, {})


def test_an_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is an address"):
        read_rows("https://example.org/a.csv", tmp_path, {}, {})


@pytest.fixture
def package(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package that must not be imported, with a data file in it and in its subpackage."""
    write("site/harness_test_corpus/__init__.py", "raise RuntimeError('imported')")
    write("site/harness_test_corpus/data/a.csv", CSV)
    write("site/harness_test_corpus/sub/__init__.py", "raise RuntimeError('imported')")
    write("site/harness_test_corpus/sub/b.csv", CSV)
    monkeypatch.syspath_prepend(tmp_path / "site")
    return "harness_test_corpus"


@pytest.mark.parametrize("path", ["harness_test_corpus:data/a.csv", "harness_test_corpus.sub:b.csv"])
def test_a_file_in_a_package_is_read_without_importing_it(path: str, package: str, tmp_path: Path) -> None:
    assert [{"text": "hello", "target": "a"}] == [row.fields for row in read_rows(path, tmp_path, {}, {})]
    assert package not in sys.modules


def test_a_missing_file_in_a_package_is_named_with_the_nearest(package: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no file 'harness_test_corpus:data/b\.csv'.*'a\.csv'"):
        read_rows(f"{package}:data/b.csv", tmp_path, {}, {})


def test_a_missing_package_says_how_to_install_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="pip install zzqqxx"):
        read_rows("zzqqxx:a.csv", tmp_path, {}, {})


def test_a_misspelt_package_gets_a_suggestion_and_nothing_to_install(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Did you mean 'pydantic'") as caught:
        read_rows("pydantik:a.csv", tmp_path, {}, {})
    assert "pip install" not in caught.value.message


def test_a_module_of_one_file_holds_no_data(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'csv' is a module of one file"):
        read_rows("csv:a.csv", tmp_path, {}, {})


def test_a_registered_source_reads_what_stands_behind_its_name(tmp_path: Path) -> None:
    rows = read_rows("shelf:top:left", tmp_path, {"shelf": Shelf()}, {"encoding": "cp1252"})
    assert [{"location": "top:left", "encoding": "cp1252"}] == [row.fields for row in rows]


def test_a_registered_source_wins_over_a_package(package: str, tmp_path: Path) -> None:
    rows = read_rows(f"{package}:data/a.csv", tmp_path, {package: Shelf()}, {})
    assert ["data/a.csv"] == [row.fields["location"] for row in rows]


def test_a_source_that_raises_is_a_plugin_s_error(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"the source of 'broken:x' raised KeyError\('x'\)"):
        list(read_rows("broken:x", tmp_path, {"broken": Broken()}, {}))


def test_a_source_that_gives_no_rows_of_ours_is_a_plugin_s_error(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"not a harness\.RawRow"):
        list(read_rows("sloppy:x", tmp_path, {"sloppy": Sloppy()}, {}))


def test_a_source_s_own_error_keeps_its_place_in_the_message(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"shelf\.db: no such shelf") as caught:
        list(read_rows("refusing:x", tmp_path, {"refusing": Refusing()}, {}))
    assert caught.value.where is None
