from __future__ import annotations

from datetime import date

import pytest

from harness.scoring.dates import date_of
from harness.scoring.matching import Matched, is_empty, matched
from harness.scoring.quantities import Quantity, quantity_of


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1234.5, "1,234.50"),
        (1234.5, "1.234,50 €"),
        (1234.5, "1 234,5"),
        (1234.5, "1'234.50"),
        (1234567, "1.234.567"),
        (1234, "1,234"),
        (12.5, "12,5"),
        (0.125, "0,125"),
        (1.234, "1.234"),
        (-3, "\u2212 3"),
        (120.0, "1.2e2"),
        (5, 5),
    ],
)
def test_a_number_is_read_however_it_is_written(number: float, text: object) -> None:
    found = quantity_of(text)
    assert found is not None
    assert number == pytest.approx(found.value)


@pytest.mark.parametrize("value", ["two", "", "3 to 4", True, None, [3], "9" * 1000, float("inf"), 10**400, "."])
def test_what_holds_no_single_number_is_none(value: object) -> None:
    assert quantity_of(value) is None


def test_a_unit_is_told_and_a_symbol_stands_for_its_name() -> None:
    assert Quantity(3.0, "kg") == quantity_of("3 kg")
    assert quantity_of("€3") == quantity_of("3 EUR")


@pytest.mark.parametrize(
    ("credit", "target", "answer"),
    [
        (1.0, 100, 101),
        (0.0, 100, 102.5),
        (1.0, "3 kg", 3),
        (0.0, "3 kg", "3 g"),
        (0.0, 0, 0.001),
        (0.0, 100, "unknown"),
        (1.0, "call us", "call  us"),  # a target that is no number is compared exactly
    ],
)
def test_numbers_match_within_a_share_of_the_target(credit: float, target: object, answer: object) -> None:
    assert credit == Matched("number", 0.02).credit(target, answer)


def test_rounding_is_no_difference() -> None:
    assert 1.0 == Matched("number").credit(0.3, 0.1 + 0.2)


@pytest.mark.parametrize(
    "text",
    ["2026-03-04", "2026-03-04T23:10:00Z", "4 March 2026", "Mar 4, 2026", "04.03.2026", "3/4/2026", "20260304"],
)
def test_a_day_is_read_in_several_forms(text: str) -> None:
    assert date(2026, 3, 4) == date_of(text)


@pytest.mark.parametrize(
    "value", ["March 2026", "Tuesday", "12", "", "2026-02-30", "tomorrow", 20260304, "0" * 5000]
)
def test_what_is_no_whole_day_is_none(value: object) -> None:
    assert date_of(value) is None


def test_above_twelve_the_first_number_of_slashes_is_the_day() -> None:
    assert date_of("25/3/2026") == date_of("3/25/2026") == date(2026, 3, 25)


@pytest.mark.parametrize(
    ("credit", "how", "target", "answer"),
    [
        (1.0, "exact", "Zoe\u0308  Ek", "Zo\u00eb Ek"),
        (0.0, "exact", "Ek", "ek"),
        (1.0, "exact", 5, 5.0),
        (0.0, "exact", 1, True),
        (0.0, "exact", 5, "5"),
        (1.0, "exact", {"a": 1, "b": [2]}, {"b": [2.0], "a": 1}),
        (0.0, "exact", [1, 2], [2, 1]),
        (1.0, "set", ["a", "b"], ["b", "a", "b"]),
        (0.0, "set", ["a", "b"], ["a"]),
        (1.0, "set", ["a"], "a"),
        (1.0, "set", [{"a": 1, "b": 2}], [{"b": 2, "a": 1}]),
        (1.0, "date", "2026-03-04", "4 March 2026"),
        (0.0, "date", "2026-03-04", "2026-03-05"),
        (1.0, "date", "soon", "soon"),
        (2 / 3, "token_f1", "Ann Lee", "Ann"),
        (1.0, "token_f1", ["red lamp", "tent"], ["tent", "red lamp"]),
        (1.0, "ignore", "a", "b"),
    ],
)
def test_a_matcher_gives_credit(credit: float, how: str, target: object, answer: object) -> None:
    assert credit == pytest.approx(matched({}, {"by": how}).credit(target, answer))


@pytest.mark.parametrize(
    ("by", "schema"),
    [
        ("number", {"type": ["number", "null"]}),
        ("number", {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        ("date", {"type": "string", "format": "date"}),
        ("set", {"type": "array"}),
        ("exact", {"type": "string", "format": "date-time"}),
        ("exact", {"enum": ["a", "b"]}),
        ("exact", {"type": ["number", "string"]}),
    ],
)
def test_a_field_is_compared_by_its_type(by: str, schema: dict[str, object]) -> None:
    assert by == matched(schema).by


@pytest.mark.parametrize(
    ("empty", "value"), [(True, None), (True, " "), (True, []), (True, {}), (False, 0), (False, False)]
)
def test_null_blank_and_empty_are_no_value(empty: bool, value: object) -> None:
    assert empty is is_empty(value)
