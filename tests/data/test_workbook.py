from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from harness.data.sources import read_rows
from harness.data.tables import load_table
from harness.errors import DataError
from harness.suite import TableSpec

Write = Callable[[str, str | bytes], Path]
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DAY, _MOMENT = 1, 2  # the styles below


class Day(float):
    """A spreadsheet's date: days since 1899-12-30."""


class Moment(float):
    """The same with a time."""


def as_xlsx(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """The least that is a workbook."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{_PACKAGE}/content-types"/>')
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r" Type="{_REL}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        named = "".join(f'<sheet name="{n}" sheetId="{i}" r:id="r{i}"/>' for i, n in enumerate(sheets, 1))
        archive.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{named}</sheets></workbook>'
        )
        related = "".join(
            f'<Relationship Id="r{i}" Type="{_REL}/worksheet" Target="worksheets/sheet{i}.xml"/>'
            for i in range(1, len(sheets) + 1)
        )
        styles = f'<Relationship Id="s" Type="{_REL}/styles" Target="styles.xml"/>'
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships">{related}{styles}</Relationships>',
        )
        archive.writestr(
            "xl/styles.xml",
            f'<styleSheet xmlns="{_MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/>'
            "</cellXfs></styleSheet>",
        )
        for i, rows in enumerate(sheets.values(), 1):
            body = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
            archive.writestr(
                f"xl/worksheets/sheet{i}.xml",
                f'<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData></worksheet>',
            )
    return packed.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    style = _DAY if isinstance(value, Day) else _MOMENT if isinstance(value, Moment) else 0
    return f'<c s="{style}"><v>{float(value)!r}</v></c>'  # type: ignore[arg-type]


BOOK = as_xlsx(
    {
        "open": [
            ["id", "text", "when", "stars", None, "paid"],
            [3.0, "Äpfel & Birnen", Day(46053), 4.5, "note", True],
            [None] * 6,
            [4.0, "two\nlines", Moment(46053.5), 0.1 + 0.2, None, False],
        ],
        "closed": [["id"], [12345678901.0]],
    }
)


def test_a_sheet_s_cells_read_as_a_person_would_read_them(write: Write, tmp_path: Path) -> None:
    write("book.xlsx", BOOK)
    rows = list(read_rows("book.xlsx", tmp_path, {}, {}))
    assert [
        (
            2,
            {
                "id": "3",
                "text": "Äpfel & Birnen",
                "when": "2026-01-31",
                "stars": "4.5",
                "E": "note",
                "paid": "true",
            },
        ),
        (
            4,
            {
                "id": "4",
                "text": "two\nlines",
                "when": "2026-01-31 12:00:00",
                "stars": "0.3",
                "E": "",
                "paid": "false",
            },
        ),
    ] == [(row.number, row.fields) for row in rows]


def test_a_sheet_is_read_by_its_name(write: Write, tmp_path: Path) -> None:
    write("book.xlsx", BOOK)
    assert [{"id": "12345678901"}] == [
        row.fields for row in read_rows("book.xlsx", tmp_path, {}, {"sheet": "closed"})
    ]


def test_a_table_may_be_a_sheet(write: Write, tmp_path: Path) -> None:
    write("book.xlsx", BOOK)
    spec = TableSpec(path="book.xlsx", id="id", sheet="closed")
    assert ["12345678901"] == [row.id for row in load_table(spec, tmp_path, {})]


def test_a_missing_sheet_is_named_with_those_that_are_there(write: Write, tmp_path: Path) -> None:
    write("book.xlsx", BOOK)
    with pytest.raises(DataError, match=r"no sheet 'close'; there are: closed, open\. Did you mean") as caught:
        list(read_rows("book.xlsx", tmp_path, {}, {"sheet": "close"}))
    assert "sheet" == caught.value.where


def test_a_workbook_that_is_called_csv_says_so(write: Write, tmp_path: Path) -> None:
    write("book.csv", BOOK)
    with pytest.raises(DataError, match="is a workbook: say `format: xlsx`"):
        list(read_rows("book.csv", tmp_path, {}, {}))
    assert 2 == len(list(read_rows("book.csv", tmp_path, {}, {"format": "xlsx"})))


def test_a_column_that_stands_twice_is_refused(write: Write, tmp_path: Path) -> None:
    write("book.xlsx", as_xlsx({"a": [["x", " x"], [1.0, 2.0]]}))
    with pytest.raises(DataError, match=r"names the column 'x' twice"):
        list(read_rows("book.xlsx", tmp_path, {}, {}))


def test_what_is_no_workbook_is_refused(write: Write, tmp_path: Path) -> None:
    write("book.xlsx", "a,b\n1,2\n")
    with pytest.raises(DataError, match=r"book\.xlsx cannot be read as a workbook"):
        list(read_rows("book.xlsx", tmp_path, {}, {}))
