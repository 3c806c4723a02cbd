from __future__ import annotations

import csv
import io

import pytest

from harness.report.sheets import csv_text, inert


@pytest.mark.parametrize(
    "formula",
    [
        "=1+1", "+1+1", "-1+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "\ufeff=1", "\u200b=1",
        "\x00=1", "\uff1d1+1", "\uff0b1+1", "\uff0d1+1", "\uff20SUM(1)", "\u22121+1", "-", "=",
    ],
)  # fmt: skip
def test_what_a_spreadsheet_would_run_is_shown_as_text(formula: str) -> None:
    assert f"'{formula}" == inert(formula)


@pytest.mark.parametrize(
    "plain", ["", "-0.5", "+3", "1e-9", "-1.5E+3", ".5", "a=b", "don't", "2026-11-21", -0.5, 3, True, None]
)
def test_numbers_and_plain_text_stay_as_they_are(plain: object) -> None:
    assert plain is inert(plain)


def test_names_of_columns_are_inert_too_and_what_a_row_lacks_is_empty() -> None:
    text = csv_text(["=evil()", "n"], [{"=evil()": "+a", "n": -0.5}, {"n": None}])
    assert [["'=evil()", "n"], ["'+a", "-0.5"], ["", ""]] == [*csv.reader(io.StringIO(text))]


def test_a_cell_cannot_open_another() -> None:
    cell = 'a"\r\n=1+1,b'
    assert [["x"], [cell]] == [*csv.reader(io.StringIO(csv_text(["x"], [{"x": cell}]), newline=""))]
