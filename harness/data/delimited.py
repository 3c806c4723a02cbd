"""Rows of a CSV or TSV, whose first row names the columns.

id,text,label
1,"Great flight, thanks",positive      <- number 2, its line
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from harness.data.decoding import Opened
from harness.errors import DataError
from harness.source import RawRow

# The library's own limit on a cell, 128 KiB, is shorter than a long document; the largest that every C long holds.
_LONGEST_CELL = 2**31 - 1
_Cells = tuple[int, list[str]]  # (line, cells)


def read_csv(file: Opened) -> Iterator[RawRow]:
    """Reads cells that may be quoted, and then hold delimiters and line ends.

    Raises:
        DataError: A row has more or fewer cells than the header, a quote is never closed, or the header
            names a column twice; says the line.
    """
    delimiter = file.delimiter or ","
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise DataError(
            f'the delimiter must be one character such as ";", not {delimiter!r}; a tab is "\\t" in double quotes',
            where="delimiter",
        )
    return _rows(file, _quoted(file, delimiter), f"Put a text with {delimiter!r} in it in double quotes")


def read_tsv(file: Opened) -> Iterator[RawRow]:
    """Reads one row from each line.

    A quote is text here as in the files that linguists share, but a cell that stands in quotes as a whole,
    with those inside it doubled, is taken out of them.
    """
    if file.delimiter not in (None, "\t"):
        raise DataError(f"a TSV has tabs, not {file.delimiter!r}: say `format: csv`", where="delimiter")
    lines = enumerate(file.lines(), start=1)
    cells = (
        (number, [_unquoted(c) for c in line.rstrip("\r\n").split("\t")]) for number, line in lines if line.strip()
    )
    return _rows(file, cells, 'If quoted cells go over several lines, say `format: csv` and `delimiter: "\\t"`')


def _quoted(file: Opened, delimiter: str) -> Iterator[_Cells]:
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(file.lines(), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        unclosed = "unexpected end" in str(error)
        what = "a quote opens here and never closes" if unclosed else str(error)
        raise DataError(
            f"{file.name} line {line}: {what}. Inside a quoted cell a quote is written twice"
        ) from error


def _rows(file: Opened, rows: Iterator[_Cells], remedy: str) -> Iterator[RawRow]:
    header: list[str] | None = None
    for line, cells in rows:
        if header is None:
            header = _header(file, cells)
        elif len(cells) != len(header):
            has = f"{len(cells)} cells and the header has {len(header)} ({', '.join(header)})"
            raise DataError(f"{file.name} line {line} has {has}. {remedy}")
        else:
            yield RawRow.model_construct(number=line, fields=dict(zip(header, cells, strict=True)))
    if header is None:
        raise DataError(f"{file.name} is empty: it needs a first row with the columns' names")


def _header(file: Opened, cells: Sequence[str]) -> list[str]:
    twice = sorted({name for name in cells if cells.count(name) > 1})
    if twice:
        raise DataError(f"{file.name} names the column {twice[0]!r} twice in its first row: rename one")
    return list(cells)


def _unquoted(cell: str) -> str:
    inside = cell[1:-1]
    if len(cell) < 2 or cell[0] != '"' or cell[-1] != '"' or '"' in inside.replace('""', ""):
        return cell
    return inside.replace('""', '"')
