from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.data.sources import Rows, read_rows
from harness.errors import DataError

Write = Callable[[str, str | bytes], Path]


def _texts(rows: Rows) -> list[str]:
    return [row.fields["text"] for row in rows]


def test_bytes_that_are_not_utf_8_are_shown_and_counted(write: Write, tmp_path: Path) -> None:
    write("a.csv", b"text\nna\xefve\n\xff\xfe!\n")
    rows = read_rows("a.csv", tmp_path, {}, {})
    assert ["na\ufffdve", "\ufffd\ufffd!"] == _texts(rows)
    assert rows.undecodable == 3


def test_a_broken_sequence_shows_once_and_counts_all_its_bytes(write: Write, tmp_path: Path) -> None:
    data = b"text\neuro \xe2\x82 sign\n"
    write("a.csv", data)
    rows = read_rows("a.csv", tmp_path, {}, {})
    assert [data.decode("utf-8", errors="replace").splitlines()[1]] == _texts(rows)
    assert rows.undecodable == 2


def test_a_replacement_character_of_the_file_itself_is_not_counted(write: Write, tmp_path: Path) -> None:
    write("a.csv", "text\nwas \ufffd before\n")
    rows = read_rows("a.csv", tmp_path, {}, {})
    assert ["was \ufffd before"] == _texts(rows)
    assert rows.undecodable == 0


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.json"])
def test_a_byte_order_mark_is_no_part_of_the_first_column(name: str, write: Write, tmp_path: Path) -> None:
    content = {"a.jsonl": '{"text": "hi"}', "a.json": '[{"text": "hi"}]'}.get(name, "text\nhi\n")
    write(name, b"\xef\xbb\xbf" + content.encode())
    assert ["hi"] == _texts(read_rows(name, tmp_path, {}, {}))


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le", "shift_jis", "gb18030"])
def test_another_encoding_is_read_where_it_is_said(encoding: str, write: Write, tmp_path: Path) -> None:
    word = "caf\u00e9" if encoding == "cp1252" else "\u65e5\u672c"
    write("a.csv", f"text\n{word}\n".encode(encoding))
    rows = read_rows("a.csv", tmp_path, {}, {"encoding": encoding})
    assert [word] == _texts(rows)
    assert rows.undecodable == 0


def test_a_utf_16_file_read_as_utf_8_says_so(write: Write, tmp_path: Path) -> None:
    write("a.csv", "text\nhi\n".encode("utf-16"))
    with pytest.raises(DataError, match="encoding: utf-16") as caught:
        list(read_rows("a.csv", tmp_path, {}, {}))
    assert caught.value.where == "encoding"


@pytest.mark.parametrize("encoding", ["utf-9", "base64", "no\0thing"])
def test_an_unknown_encoding_is_refused(encoding: str, write: Write, tmp_path: Path) -> None:
    write("a.csv", "text\nhi\n")
    with pytest.raises(DataError, match="Python knows no encoding") as caught:
        list(read_rows("a.csv", tmp_path, {}, {"encoding": encoding}))
    assert caught.value.where == "encoding"


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (b"PK\x03\x04", "damaged ZIP archive or workbook"),
        (b"\x1f\x8b\x08", "cannot be unpacked"),
        (b"\xd0\xcf\x11\xe0", "workbook of an old Excel: say `format: xlsx`"),
        (b"PAR1", "format: parquet"),
    ],
)
def test_a_file_that_is_no_text_says_what_it_is(start: bytes, said: str, write: Write, tmp_path: Path) -> None:
    write("a.csv", start + b"\0\1\2")
    with pytest.raises(DataError, match=said):
        list(read_rows("a.csv", tmp_path, {}, {}))


def test_half_of_a_surrogate_pair_in_json_is_shown_and_counted(write: Write, tmp_path: Path) -> None:
    write("a.jsonl", r'{"text": "\ud83d! \ud83d\ude00"}')
    rows = read_rows("a.jsonl", tmp_path, {}, {})
    assert ["\ufffd! \U0001f600"] == _texts(rows)
    assert rows.undecodable == 1
