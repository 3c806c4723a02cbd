from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.data.taskdata import TaskData
from harness.errors import DataError

Reviews = Callable[..., Path]
Load = Callable[..., TaskData]

PAIRS = [(f"text {i}", "ab"[i % 2]) for i in range(12)]


def test_a_label_that_the_suite_does_not_list_is_refused_with_its_count(reviews: Reviews, load: Load) -> None:
    reviews([*PAIRS, ("x", "neutrl"), ("y", "neutrl")])
    with pytest.raises(DataError) as caught:
        load(labels=["a", "b", "neutral"])
    assert "labels" == caught.value.where
    assert "'neutrl' (2 rows)" in caught.value.message
    assert "Did you mean 'neutral'?" in caught.value.message
    assert "where: {target: {in: [...]}}" in caught.value.message


@pytest.mark.parametrize("label", ["A", "\uff41"])
def test_a_label_that_differs_in_case_or_blanks_says_so(label: str, reviews: Reviews, load: Load) -> None:
    reviews([*PAIRS, ("x", label)])
    with pytest.raises(DataError, match="differs from 'a' only in case or blanks"):
        load(labels=["a", "b"])


def test_an_unlisted_label_is_found_in_a_split_s_own_file(reviews: Reviews, load: Load) -> None:
    reviews(PAIRS)
    reviews([("quiz", "c")], name="test.csv")
    with pytest.raises(DataError, match=r"labels in test\.csv that the suite does not list: 'c' \(1 row\)"):
        load(labels=["a", "b"], splits={"validation": 2, "test": "test.csv"})


def test_a_listed_label_that_no_row_has_is_said(reviews: Reviews, load: Load) -> None:
    reviews(PAIRS)
    data = load(labels=["a", "b", "c"])
    assert ("Listed labels that no row of any split has: 'c'.",) == data.report.warnings
    assert ["a", "b", "c"] == list(data.brief.labels)


def test_a_label_that_only_test_has_is_said(reviews: Reviews, load: Load) -> None:
    reviews(PAIRS)
    reviews([("quiz 1", "c"), ("quiz 2", "a")], name="test.csv")
    data = load(splits={"validation": 2, "test": "test.csv"})
    assert ("Labels that test has (1 row) and no training row: 'c'.",) == data.report.warnings
    assert ["a", "b"] == list(data.brief.labels)


def test_automatic_labels_that_differ_only_in_case_are_said(reviews: Reviews, load: Load) -> None:
    reviews([(f"text {i}", ("a", "b", "B")[i % 3]) for i in range(12)])
    data = load(splits={"validation": 3, "test": 3})
    assert ("Labels that differ only in case or blanks: 'B', 'b'; are they one?",) == data.report.warnings


def test_one_label_only_is_refused(reviews: Reviews, load: Load) -> None:
    reviews([(f"text {i}", "a") for i in range(12)])
    with pytest.raises(DataError, match="2 training rows have only the label 'a'") as caught:
        load(labels=["a", "b"])
    assert "data.columns.target" == caught.value.where


def test_several_labels_without_any_are_refused(reviews: Reviews, load: Load) -> None:
    reviews([(f"text {i}", "") for i in range(12)])
    with pytest.raises(DataError, match="2 training rows have no label"):
        load("labels")
