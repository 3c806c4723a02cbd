"""Which groups of rows are looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.diagnosing.columns import of_length, of_metadata, quarters, slicings


def made(make_evidence: Callable[..., Any], column: list[str]) -> dict[str, dict[str, tuple[str, ...]]]:
    metadata = [{"c": value} for value in column]
    return of_metadata(make_evidence(["a"] * len(column), metadata=metadata).build())


def test_a_column_with_a_few_values_is_a_slicing(make_evidence: Callable[..., Any]) -> None:
    assert {"c": {"x": ("t0", "t2"), "y": ("t1",)}} == made(make_evidence, ["x", "y", "x"])


def test_a_column_with_one_value_is_none(make_evidence: Callable[..., Any]) -> None:
    assert {} == made(make_evidence, ["x", "x", ""])


def test_a_column_of_many_texts_is_none(make_evidence: Callable[..., Any]) -> None:
    assert {} == made(make_evidence, [f"x{i}" for i in range(40)])


def test_a_number_with_many_values_is_cut_into_quarters(make_evidence: Callable[..., Any]) -> None:
    found = made(make_evidence, [str(i) for i in range(40)])["c"]
    assert ["0 to 9", "10 to 19", "20 to 29", "30 to 39"] == list(found)
    assert [10] * 4 == [len(ids) for ids in found.values()]


@pytest.mark.parametrize("first", [1_700_000_000, 999_990, 0.25])
def test_numbers_that_differ_only_in_later_digits_keep_their_quarters_and_all_rows(
    make_evidence: Callable[..., Any], first: float
) -> None:
    found = made(make_evidence, [repr(first + i) for i in range(80)])["c"]
    assert [20] * 4 == [len(ids) for ids in found.values()]


def test_ranges_are_written_with_as_many_digits_as_tell_them_apart() -> None:
    found = quarters({str(i): 1_700_000_000.0 + i for i in range(8)})
    assert ["1700000000 to 1700000001", "1700000002 to 1700000003"] == list(found)[:2]


def test_rows_of_one_value_stay_together() -> None:
    assert {"1": ("a", "b", "c"), "7": ("d",)} == quarters({"a": 1.0, "b": 1.0, "c": 1.0, "d": 7.0})


def test_values_that_are_all_the_same_have_no_quarters() -> None:
    assert {} == quarters({"a": 1.0, "b": 1.0})
    assert {} == quarters({})


def test_lengths_stand_behind_the_metadata_shortest_first(make_evidence: Callable[..., Any]) -> None:
    evidence = make_evidence(
        ["a"] * 4, texts=["four", "a", "three", "no"], metadata=[{"c": v} for v in "xxyy"]
    ).build()
    assert ["c", "text length"] == list(slicings(evidence))
    assert ("t1",) == of_length(evidence)["1 characters"]
