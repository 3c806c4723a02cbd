from __future__ import annotations

import pytest

from harness.data.filters import keeps, nothing_left
from harness.source import RawRow
from harness.suite import Condition, Data

FIELDS = {"confidence": "1", "label": "b", "text": "Great flight", "note": " "}


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ({}, True),
        ({"confidence": "1"}, True),
        ({"confidence": 1}, True),
        ({"confidence": "1.0"}, False),
        ({"label": {"in": ["a", "b"]}}, True),
        ({"label": {"in": ["a"]}}, False),
        ({"label": {"not": "b"}}, False),
        ({"label": {"not": ["a", "c"]}}, True),
        ({"text": {"contains": "flight"}}, True),
        ({"text": {"contains": "Flight"}}, False),
        ({"note": {"empty": True}}, True),
        ({"note": {"empty": False}}, False),
        ({"absent": {"empty": True}}, True),
        ({"label": {"in": ["a", "b"], "not": "b"}}, False),
        ({"confidence": "1", "label": "a"}, False),
    ],
)
def test_a_row_is_kept_when_every_condition_holds(where: dict[str, object], kept: bool) -> None:
    data = Data.model_validate({"path": "a.csv", "where": where})
    assert kept is keeps(data.where)(FIELDS)


def test_a_filter_that_no_row_passes_shows_the_commonest_values() -> None:
    rows = [RawRow(number=i, fields={"c": "x" if i else "y", "d": "1"}) for i in range(3)]
    error = nothing_left({"d": "1", "c": Condition(in_=("z",))}, rows, "a.csv")
    assert "where.c" == error.where
    assert "no row of a.csv passes the filter on 'c', in ('z',)" in error.message
    assert "'x' (2 rows), 'y' (1 row)" in error.message


def test_filters_that_only_together_keep_nothing_say_so() -> None:
    rows = [RawRow(number=1, fields={"c": "x", "d": "1"}), RawRow(number=2, fields={"c": "y", "d": "2"})]
    error = nothing_left({"c": "x", "d": "2"}, rows, "a.csv")
    assert "where" == error.where
    assert "all together keep none" in error.message
