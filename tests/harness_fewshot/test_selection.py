from __future__ import annotations

from collections import Counter
from random import Random

import numpy as np
import pytest

from harness import Example, Query
from harness_fewshot.selection import balanced, distinct, diverse, interleaved, per_label, shuffled


def example(text: str, *labels: str) -> Example:
    return Example(query=Query(id=text, text=text), targets=labels)


#: Label a ten times as often as b, and c once.
ROWS = (
    [example(f"a{i}", "a") for i in range(20)] + [example(f"b{i}", "b") for i in range(2)] + [example("c0", "c")]
)


def ids(examples: list[Example]) -> list[str]:
    return [e.query.id for e in examples]


def counts(examples: list[Example]) -> dict[str, int]:
    return dict(Counter(label for e in examples for label in e.targets))


@pytest.mark.parametrize(
    ("expected", "shots"),
    [({"a": 1, "b": 1, "c": 1}, 3), ({"a": 3, "b": 2, "c": 1}, 6), ({"a": 20, "b": 2, "c": 1}, 99), ({}, 0)],
)
def test_balanced_shows_labels_equally_often_as_far_as_rows_allow(expected: dict[str, int], shots: int) -> None:
    assert expected == counts(balanced(ROWS, shots, Random(0)))


def test_more_shots_begin_with_the_same_rows() -> None:
    assert ids(balanced(ROWS, 2, Random(1))) == ids(balanced(ROWS, 8, Random(1)))[:2]
    assert ids(shuffled(ROWS, Random(1))) == ids(shuffled(ROWS, Random(1)))
    assert ids(balanced(ROWS, 8, Random(1))) != ids(balanced(ROWS, 8, Random(2)))


def test_each_label_gets_its_shots_or_all_it_has() -> None:
    assert {"a": 3, "b": 2, "c": 1} == counts(per_label(ROWS, 3, Random(0)))


def test_rows_with_several_labels_count_for_each_and_rows_without_any_are_a_group_of_their_own() -> None:
    rows = [example("both", "a", "b"), example("none"), *(example(f"a{i}", "a") for i in range(9))]
    for seed in range(9):
        assert {"both", "none"} < set(ids(balanced(rows, 3, Random(seed))))
    assert {"a": 1, "b": 1} == counts(per_label(rows[:1], 1, Random(0)))


def test_a_text_is_shown_once() -> None:
    rows = [example("Good  day", "a"), Example(query=Query(id="x", text="good day"), targets=("b",)), example("c")]
    assert ["Good  day", "c"] == ids(distinct(rows))


def test_diverse_takes_the_row_nearest_to_each_centre_the_largest_cluster_first() -> None:
    vectors = np.array(
        [[0, 0.9], [0, 1], [0, 1.1], [1, 0], [5, 5], [1, 0.2], [1, 0.1], [1, 0.11]], dtype=np.float32
    )
    assert [6, 1, 4] == diverse(vectors, 3, Random(0))


def test_diverse_gives_no_row_twice_where_there_are_fewer_places_than_shots() -> None:
    vectors = np.array([[0, 1], [0, 1], [1, 0]], dtype=np.float32)
    assert [0, 2] == sorted(diverse(vectors, 3, Random(0)))
    assert [] == diverse(vectors[:0], 3, Random(0))


def test_interleaved_labels_take_turns() -> None:
    rows = [example("a1", "a"), example("a2", "a"), example("b1", "b"), example("a3", "a"), example("b2", "b")]
    assert ["a1", "b1", "a2", "b2", "a3"] == ids(interleaved(rows))
