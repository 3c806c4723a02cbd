from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness.data.subsets import limit, subset
from harness.data.taskdata import TaskData
from harness.errors import DataError
from harness.records import Example

Load = Callable[..., TaskData]
Reviews = Callable[..., Path]


@pytest.fixture
def data(reviews: Reviews, load: Load) -> TaskData:
    """200 rows, one in ten of them `rare`."""
    reviews([(f"text {i}", "rare" if i % 10 == 0 else "often") for i in range(200)])
    return load(splits={"train": 100, "validation": 50, "test": 50})


def _ids(examples: Sequence[Example]) -> set[str]:
    return {e.query.id for e in examples}


def _labels(examples: Sequence[Example]) -> Counter[str]:
    return Counter(e.targets[0] for e in examples)


def test_a_limit_bounds_every_split_and_keeps_the_proportions(data: TaskData) -> None:
    few = limit(data, 30)
    assert [{"often": 27, "rare": 3}] * 3 == [_labels(s) for s in (few.train, few.validation, few.test)]
    assert {"often": 27, "rare": 3} == few.report.splits["test"].labels
    assert few.brief == data.brief


def test_a_limit_above_the_size_changes_nothing(data: TaskData) -> None:
    assert data == limit(data, 1000)


def test_a_limit_is_the_same_at_every_call_and_has_its_own_fingerprint(data: TaskData) -> None:
    assert limit(data, 30) == limit(data, 30)
    assert limit(data, 30).fingerprint != data.fingerprint


def test_a_larger_limit_holds_a_smaller_one(data: TaskData) -> None:
    for n in range(2, 40):
        assert _ids(limit(data, n).train) < _ids(limit(data, n + 1).train)


def test_no_label_loses_its_last_row_under_a_limit(data: TaskData) -> None:
    assert {"often": 1, "rare": 1} == _labels(limit(data, 2).train)


def test_a_limit_that_leaves_one_label_says_what_would_do(data: TaskData) -> None:
    with pytest.raises(DataError, match=r"a limit of 1 leaves only the label '\w+' in train; give at least 2"):
        limit(data, 1)


def test_a_limit_of_none_is_refused(data: TaskData) -> None:
    with pytest.raises(DataError, match="at least 1"):
        limit(data, 0)


def test_a_subset_is_of_train_and_validation_together_in_their_proportion(data: TaskData) -> None:
    few = subset(data.train, data.validation, 30, seed=0)
    assert [20, 10] == [len(few.train), len(few.validation)]
    assert {"often": 18, "rare": 2} == _labels(few.train)
    assert _ids(few.train) < _ids(data.train)
    assert _ids(few.validation) < _ids(data.validation)


def test_subsets_of_one_seed_are_nested(data: TaskData) -> None:
    for n in range(2, 150):
        small = subset(data.train, data.validation, n, seed=3)
        large = subset(data.train, data.validation, n + 1, seed=3)
        assert n == len(small.train) + len(small.validation)
        assert _ids(small.train) <= _ids(large.train)
        assert _ids(small.validation) <= _ids(large.validation)


def test_another_seed_draws_another_subset(data: TaskData) -> None:
    drawn = [_ids(subset(data.train, data.validation, 30, seed=s).train) for s in (0, 1)]
    assert drawn[0] != drawn[1]


def test_the_smallest_subset_has_a_row_of_each_split(data: TaskData) -> None:
    assert [1, 1] == [len(split) for split in subset(data.train, data.validation, 2, seed=0)]


@pytest.mark.parametrize("n", [1, 151])
def test_a_subset_that_cannot_be_is_refused(n: int, data: TaskData) -> None:
    with pytest.raises(DataError, match=f"a training size of {n} is not possible: there are 150 rows"):
        subset(data.train, data.validation, n, seed=0)
