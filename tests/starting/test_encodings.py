from __future__ import annotations

import pytest

from harness.starting.dialect import delimiter_of, format_of_text
from harness.starting.encodings import encoding_of

GERMAN = "Grüße aus München, der Ärger ist groß – „wirklich“ 5 €\n"  # noqa: RUF001
FRENCH = "L’été dernier, nous avons reçu un colis abîmé… à côté\n"  # noqa: RUF001
POLISH = "Zażółć gęślą jaźń, proszę o pomoc, ponieważ płatność nie działa\n"
RUSSIAN = "Здравствуйте, мой заказ не пришёл, помогите пожалуйста с возвратом денег\n"  # noqa: RUF001


@pytest.mark.parametrize(
    ("expected", "text", "written"),
    [
        ("cp1252", GERMAN, "cp1252"),
        ("cp1252", FRENCH, "cp1252"),
        ("cp1252", "café\n", "latin-1"),
        ("cp1250", POLISH, "cp1250"),
        ("cp1251", RUSSIAN, "cp1251"),
        ("utf-8", GERMAN, "utf-8"),
        ("utf-8", GERMAN, "utf-8-sig"),
        ("utf-8", "plain", "ascii"),
        ("utf-16", GERMAN, "utf-16"),
        ("utf-16-le", GERMAN, "utf-16-le"),
        ("utf-16-be", GERMAN, "utf-16-be"),
        ("utf-8", "a\0b,c\n", "ascii"),
    ],
)
def test_an_encoding_is_told_by_its_bytes(expected: str, text: str, written: str) -> None:
    assert expected == encoding_of((text * 3).encode(written))


def test_a_few_broken_bytes_leave_a_text_utf_8() -> None:
    assert "utf-8" == encoding_of(("ü" * 50).encode() + b"\xff" + b" and so on")


def test_bytes_that_end_within_a_letter_are_utf_8_still() -> None:
    assert "utf-8" == encoding_of("Größe ü".encode()[:-1])


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (";", 'a;b;c\n"1,5";x, y and z;"2;3"\n1;"two\nlines";3\n'),
        (",", "id,text\n1,one; two; three\n2,four; five\n"),
        ("\t", "a\tb\n1, 2, 3\tx\n"),
        ("|", "a|b\n1|2\n"),
        (",", "text\none\ntwo\n"),
    ],
)
def test_a_delimiter_is_what_rows_agree_on(expected: str, text: str) -> None:
    assert expected == delimiter_of(text)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("jsonl", '{"a": 1}\n{"a": 2}\n'),
        ("json", '{\n"data": []}'),
        ("json", ' [{"a": 1}]'),
        ("csv", "a,b\n1,2\n"),
    ],
)
def test_a_format_is_told_by_how_a_text_begins(expected: str, text: str) -> None:
    assert expected == format_of_text(text)
