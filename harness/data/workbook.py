"""Rows of a sheet of a workbook (.xlsx, .xls, .xlsb, .ods), whose first row names the columns.

    A      B           C
1   id     text        received
2   3.0    Great!      2026-01-31        <- id "3", received "2026-01-31"; number 2, its row
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from harness.data.decoding import Opened
from harness.errors import DataError, suggest
from harness.source import RawRow

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

INSTALL = "pip install python-calamine"
# Excel itself keeps and shows no more; beyond them stands the noise of binary fractions.
_DIGITS = 15


def read_workbook(file: Opened) -> Iterator[RawRow]:
    """Reads the sheet that the suite names, or the first; a cell reads as a person would read it off the screen.

    A whole number has no ``.0``, a date is ISO (with its time where it has one), true and false are small. A
    column without a name is called by its letter. Blank rows are passed over.

    Raises:
        DataError: It is no workbook, has no such sheet, or names a column twice.
    """
    rows = _sheet(file)
    names: list[str] | None = None
    for number, cells in enumerate(rows, start=1):
        texts = [as_text(cell) for cell in cells]
        if not any(text.strip() for text in texts):
            continue
        if names is None:
            names = _header(file, texts)
        else:
            yield RawRow.model_construct(number=number, fields=dict(zip(names, texts, strict=True)))
    if names is None:
        raise DataError(f"{file.name} is empty: it needs a first row with the columns' names")


def sheet_names(file: Opened) -> list[str]:
    """The workbook's sheets, in its order."""
    return list(_workbook(file).sheet_names)


def as_text(cell: object) -> str:
    """A cell's value as a person would write it."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        whole = cell.is_integer() and abs(cell) < 1e21
        return str(int(cell)) if whole else f"{cell:.{_DIGITS}g}"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def _sheet(file: Opened) -> Sequence[Sequence[object]]:
    workbook = _workbook(file)
    names = workbook.sheet_names
    if not names:
        raise DataError(f"{file.name} has no sheets")
    if file.sheet is not None and file.sheet not in names:
        raise DataError(f"{file.name} has no sheet {file.sheet!r}; {suggest(file.sheet, names)}", where="sheet")
    from python_calamine import CalamineError

    try:
        return workbook.get_sheet_by_name(file.sheet or names[0]).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise DataError(f"{file.name} cannot be read as a workbook: {error}") from error


def _workbook(file: Opened) -> CalamineWorkbook:
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError as error:
        raise DataError(f"{file.name} is a workbook: {INSTALL}, or save it as CSV") from error
    try:
        return CalamineWorkbook.from_filelike(file.whole())
    except CalamineError as error:
        raise DataError(f"{file.name} cannot be read as a workbook: {error}") from error


def _header(file: Opened, texts: Sequence[str]) -> list[str]:
    names = [text.strip() or _letters(place) for place, text in enumerate(texts)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{file.name} names the column {twice[0]!r} twice in its first row: rename one")
    return names


def _letters(place: int) -> str:
    """The name that a spreadsheet gives to a column: A is 0, AA is 26."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
