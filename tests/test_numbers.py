from __future__ import annotations

import doctest
import math
import sys
import unicodedata

import pytest

from harness import numbers
from harness.numbers import (
    Axis,
    count,
    dollars,
    dollars_per_month,
    interval_bar,
    plain,
    proportion,
    seconds,
)

AXIS = Axis(0.4, 1.0, width=26)


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("0 ms", 0.0),
        ("<1 ms", 0.00001),
        ("<1 ms", 0.0005),
        ("1 ms", 0.0006),
        ("11 ms", 0.0112),
        ("999 ms", 0.9994),
        ("1 s", 0.9996),
        ("1 s", 1.04),
        ("1.4 s", 1.42),
        ("4 s", 4.0),
        ("9.9 s", 9.94),
        ("10 s", 9.96),
        ("152 s", 152.3),
        ("599 s", 599.4),
        ("10 min", 599.6),
        ("12 min", 734.0),
        ("119 min", 7160.0),
        ("2 h", 7199.0),
        ("2.5 h", 9000.0),
        ("278 h", 1e6),
        ("?", None),
        ("?", math.nan),
        ("?", math.inf),
    ],
)
def test_seconds_read_in_the_unit_that_fits(expected: str, value: float | None) -> None:
    assert expected == seconds(value)


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("?", None),
        ("?", math.nan),
        ("$0", 0.0),
        ("$0.0012", 0.0012),
        ("$0.0005", 0.0005),
        ("$0.00000012", 0.00000012),
        ("$0.01", 0.00999),
        ("$0.01", 0.01),
        ("$0.25", 0.25),
        ("$10.00", 10.0),
        ("$1,234.50", 1234.5),
        ("-$0.50", -0.5),
        ("-$0.002", -0.002),
    ],
)
def test_dollars_keep_the_digits_that_count(expected: str, value: float | None) -> None:
    assert expected == dollars(value)


@pytest.mark.parametrize(
    ("expected", "value"),
    [("?", None), ("0", 0.0), ("<1", 0.0001), ("<1", 0.999), ("1", 1.0), ("12", 12.3), ("1,234", 1234.4)],
)
def test_dollars_per_month_are_whole(expected: str, value: float | None) -> None:
    assert expected == dollars_per_month(value)


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("0.917", 0.917),
        ("1.000", 1.0),
        (">0.999", 0.9996),
        ("0.999", 0.9994),
        ("0.000", 0.0),
        ("0.000", -0.0),
        ("<0.001", 0.0004),
        (">-0.001", -0.0004),
        ("-0.250", -0.25),
        ("?", None),
        ("?", math.nan),
    ],
)
def test_a_proportion_is_never_rounded_to_certainty(expected: str, value: float | None) -> None:
    assert expected == proportion(value)


@pytest.mark.parametrize(("expected", "value"), [("0", 0), ("300", 300), ("38,158", 38158), ("?", None)])
def test_counts_group_thousands(expected: str, value: int | None) -> None:
    assert expected == count(value)


@pytest.mark.parametrize(
    ("expected", "low", "value", "high"),
    [
        ("                    ──●─  ", 0.880, 0.917, 0.943),
        ("  ──●──                   ", 0.444, 0.500, 0.550),
        ("──●─                      ", 0.200, 0.450, 0.470),  # its low end lies before the axis
        ("                         ●", 1.0, 1.0, 1.0),
        ("●                         ", 0.1, 0.2, 0.3),  # all of it does
        ("             ●            ", None, 0.71, None),
        ("                          ", None, None, None),
        ("                          ", 0.5, math.nan, 0.6),
    ],
)
def test_an_interval_is_drawn_on_its_axis(
    expected: str, low: float | None, value: float | None, high: float | None
) -> None:
    assert expected == interval_bar(low, value, high, AXIS)


def test_a_bar_is_always_as_wide_as_its_axis() -> None:
    for width in (1, 2, 10):
        for value in (-3.0, 0.0, 0.5, 1.0, 7.0):
            assert width == len(interval_bar(value - 0.1, value, value + 0.1, Axis(0.0, 1.0, width)))


def test_an_axis_without_length_is_drawn_in_its_middle() -> None:
    assert "  ●  " == interval_bar(0.5, 0.5, 0.5, Axis(0.5, 0.5, 5))


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("plain text", "plain text"),
        (r"\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
        (r"\x1b]0;title\x07", "\x1b]0;title\x07"),
        (r"\x9b31m", "\x9b31m"),  # the same in one character
        (r"a\rb\x08\x00\x7f", "a\rb\x08\x00\x7f"),
        (r"one\ntwo\tthree", "one\ntwo\tthree"),
        (r"abc\u202etxt.exe", "abc\u202etxt.exe"),
        (r"\u2066x\u2069\u200f\u061c", "\u2066x\u2069\u200f\u061c"),
        (r"a\u200bb\ufeff\xad", "a\u200bb\ufeff\u00ad"),  # invisible, but within words
        (r"\U000e0041", "\U000e0041"),  # a tag: text that nobody sees
        (r"\u2028\u2029", "\u2028\u2029"),
        (r"\ud800", "\ud800"),
        (r"\ue000", "\ue000"),  # a private character
        ("Größe 東京 דוגמה مثال ½ €", "Größe 東京 דוגמה مثال ½ €"),
        ("👩\u200d👩\u200d👧 می\u200cخواهم", "👩\u200d👩\u200d👧 می\u200cخواهم"),  # noqa: RUF001  (Persian is meant)
        ("non\u00a0breaking\u3000wide", "non\u00a0breaking\u3000wide"),
    ],
)
def test_foreign_text_is_shown_but_commands_nothing(expected: str, text: str) -> None:
    assert expected == plain(text)


def test_newlines_pass_only_where_they_may() -> None:
    assert "one\ntwo\\r\\x1b" == plain("one\ntwo\r\x1b", newlines=True)


def test_no_character_that_commands_a_terminal_is_left() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    left = {c for c in plain(every) if unicodedata.category(c) in ("Cc", "Cs") or unicodedata.bidirectional(c) in
            ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")}  # fmt: skip
    assert set() == left


def test_examples_in_the_docstrings_hold() -> None:
    failed, tried = doctest.testmod(numbers)
    assert (0, True) == (failed, tried >= 7)
