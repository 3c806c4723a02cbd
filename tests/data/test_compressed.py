from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from harness.data.sources import read_rows
from harness.data.tables import load_table
from harness.errors import DataError
from harness.suite import TableSpec

Write = Callable[[str, str | bytes], Path]
CSV = "text;queue\nÄrger, großer;billing\n".encode("cp1252")
OPTIONS = {"encoding": "cp1252", "delimiter": ";"}
ROWS = [{"text": "Ärger, großer", "queue": "billing"}]


def _zip(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


PACKED = {
    "tickets.csv.gz": gzip.compress(CSV),
    "tickets.csv.bz2": bz2.compress(CSV),
    "tickets.csv.xz": lzma.compress(CSV),
    "tickets.csv.zst": zstandard.ZstdCompressor().compress(CSV[:9]) + zstandard.ZstdCompressor().compress(CSV[9:]),
    "export.zip": _zip(**{"day/tickets.csv": CSV, "__MACOSX/day/._tickets.csv": b"\0", "day/.DS_Store": b"\0"}),
    "unsaid.csv": gzip.compress(CSV),
}


@pytest.mark.parametrize("name", PACKED)
def test_a_packed_file_reads_as_what_is_in_it(name: str, write: Write, tmp_path: Path) -> None:
    write(name, PACKED[name])
    assert ROWS == [row.fields for row in read_rows(name, tmp_path, {}, OPTIONS)]


@pytest.mark.parametrize("name", PACKED)
def test_a_packed_file_that_was_cut_off_is_refused(name: str, write: Write, tmp_path: Path) -> None:
    write(name, PACKED[name][:-9])
    with pytest.raises(DataError, match=r"cannot be unpacked|damaged ZIP"):
        list(read_rows(name, tmp_path, {}, OPTIONS))


def test_a_table_may_be_packed(write: Write, tmp_path: Path) -> None:
    write("tickets.csv.gz", PACKED["tickets.csv.gz"])
    spec = TableSpec(path="tickets.csv.gz", encoding="cp1252", delimiter=";")
    assert ROWS == [dict(row.fields) for row in load_table(spec, tmp_path, {})]


def test_a_packed_parquet_file_is_read(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1, 2]}), tmp_path / "a.parquet")
    (tmp_path / "b.parquet.gz").write_bytes(gzip.compress((tmp_path / "a.parquet").read_bytes()))
    assert [{"a": "1"}, {"a": "2"}] == [row.fields for row in read_rows("b.parquet.gz", tmp_path, {}, {})]


def test_an_archive_of_several_files_names_them(write: Write, tmp_path: Path) -> None:
    write("export.zip", _zip(**{"a.csv": CSV, "b.csv": CSV}))
    with pytest.raises(DataError, match=r"holds 2 files \(a\.csv, b\.csv\), not one"):
        list(read_rows("export.zip", tmp_path, {}, {}))


def test_a_packed_file_of_unknown_format_says_so(write: Write, tmp_path: Path) -> None:
    write("tickets.gz", gzip.compress(CSV))
    with pytest.raises(DataError, match="does not say its format"):
        read_rows("tickets.gz", tmp_path, {}, {})
    assert ROWS == [row.fields for row in read_rows("tickets.gz", tmp_path, {}, {**OPTIONS, "format": "csv"})]
