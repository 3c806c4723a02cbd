"""A file that nobody has said anything of, read as it asks to be.

table = read_table("tickets.csv", Given())
table.encoding, table.delimiter      "cp1252", ";"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from harness.data.compressed import unpacked
from harness.data.decoding import Opened, Tally
from harness.data.places import is_pattern, locate, matching
from harness.data.sources import format_of, read_rows
from harness.data.workbook import sheet_names
from harness.errors import DataError
from harness.starting.dialect import delimiter_of, format_of_text
from harness.starting.encodings import encoding_of

MOST_ROWS = 50_000  # looked at; the suite reads all
_START = 32 << 20  # bytes that tell the encoding


@dataclass(frozen=True)
class Given:
    """What the user says of a file instead of having it guessed; None is guessed.

    Attributes:
        format: As in a suite's data.
        encoding: Likewise.
        delimiter: Likewise.
        sheet: Likewise.
    """

    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class Table:
    """What a file holds.

    Attributes:
        path: As the user named it.
        format: As a suite says it; None where the file's name does.
        kind: The format, said or not.
        encoding: Of its text.
        delimiter: Of a CSV where it is not a comma.
        sheet: The workbook's that is read, where there are several.
        sheets: All of a workbook.
        columns: In the file's order.
        rows: Column to cell.
        whole: Whether these are all rows.
        undecodable: Bytes that are not the encoding's.
    """

    path: str
    format: str | None
    kind: str
    encoding: str
    delimiter: str | None
    sheet: str | None
    sheets: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    whole: bool
    undecodable: int

    def column(self, name: str) -> list[str]:
        """The cells of a column, blank where a row has none."""
        return [row.get(name, "") for row in self.rows]


def read_table(path: str, given: Given, folder: Path | None = None) -> Table:
    """Reads a file, whatever it is.

    Args:
        path: A file, also packed, or a pattern of several.
        given: What need not be guessed.
        folder: Where a relative path starts from; where the harness runs without it.

    Raises:
        DataError: There is no such file, or it cannot be read as what it is said or guessed to be.
    """
    folder = folder or Path()
    first = matching(path, folder)[0].file if is_pattern(path, folder) else locate(path, folder, ())
    named = format_of(first)
    start = _start(first)
    binary = named in ("xlsx", "parquet")
    encoding = given.encoding or ("utf-8" if binary or not start else encoding_of(start))
    text = _text(start, encoding) if start and not binary else ""
    if not text.strip() and named in (None, "csv", "tsv", "json", "jsonl"):
        raise DataError(f"{first.name} is empty")
    kind = given.format or named or _guessed(start, text)
    delimiter = given.delimiter or (delimiter_of(text) if kind == "csv" else None)
    sheets = _sheets(first) if kind == "xlsx" else ()
    options = {
        "format": kind,
        "encoding": encoding,
        **({"delimiter": delimiter} if delimiter else {}),
        **({"sheet": given.sheet} if given.sheet else {}),
    }
    read = read_rows(path, folder, {}, options)
    rows = [row.fields for row in islice(read, MOST_ROWS + 1)]
    columns = dict.fromkeys(name for row in rows for name in row)
    return Table(
        path=path,
        format=None if kind == named else kind,
        kind=kind,
        encoding=encoding,
        delimiter=None if delimiter == "," else delimiter,
        sheet=given.sheet or (sheets[0] if len(sheets) > 1 else None),
        sheets=sheets,
        columns=tuple(columns),
        rows=tuple(rows[:MOST_ROWS]),
        whole=len(rows) <= MOST_ROWS,
        undecodable=read.undecodable,
    )


def _start(file: Path) -> bytes:
    with unpacked(file) as stream:
        return stream.read(_START)


def _text(start: bytes, encoding: str) -> str:
    try:
        return start.decode(encoding, errors="replace")
    except LookupError:
        return start.decode("utf-8", errors="replace")  # reading says that there is no such encoding


def _guessed(start: bytes, text: str) -> str:
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return "xlsx"
    return format_of_text(text)


def _sheets(file: Path) -> tuple[str, ...]:
    return tuple(sheet_names(Opened(file, file.name, "utf-8", None, Tally())))
