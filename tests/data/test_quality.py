"""Labels' other names, rare labels, near-duplicates and corrections, as a task is loaded."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness.data.taskdata import TaskData
from harness.errors import DataError, SuiteError

Reviews = Callable[..., Path]
Load = Callable[..., TaskData]
PAIRS = [(f"{word} {i} {word[::-1]}", label) for i in range(6) for word, label in (("water", "a"), ("fire", "b"))]
TEMPLATE = "Your order {} could not be delivered by our courier today, we try again tomorrow morning."


def _targets(data: TaskData) -> dict[str, tuple[str, ...]]:
    return {e.query.text: e.targets for name in ("train", "validation", "test") for e in getattr(data, name)}


ALL = {"train": None, "validation": 2, "test": 3}


def test_map_aliases_and_blanks_name_a_label(reviews: Reviews, load: Load) -> None:
    reviews([*PAIRS, ("w", " A "), ("x", "first"), ("y", " first"), ("z", "b ")])
    labels = {"a": {"aliases": ["first"]}, "b": ""}
    data = load(labels=labels, map={" A ": "a", "never": "b"}, splits=ALL)
    assert {"w": ("a",), "x": ("a",), "y": ("a",), "z": ("b",)} == {k: _targets(data)[k] for k in "wxyz"}
    assert "`map` names what no row has: 'never'." in data.report.warnings
    assert any("a label has blanks around it" in each and "2 rows" in each for each in data.report.warnings)


def test_the_exact_cell_comes_before_the_bare_one(reviews: Reviews, load: Load) -> None:
    reviews([*PAIRS, ("x", " c"), ("y", "c")])
    data = load(map={" c": "a", "c": "b"}, splits=ALL)
    assert [("a",), ("b",)] == [_targets(data)["x"], _targets(data)["y"]]


def test_each_of_several_labels_is_mapped(reviews: Reviews, load: Load) -> None:
    reviews([*PAIRS, ("x", "A; b"), ("y", "both")])
    data = load(kind="labels", map={"A": "a", "both": "a; b"}, splits=ALL)
    assert [("a", "b"), ("a", "b")] == [_targets(data)["x"], _targets(data)["y"]]


def test_an_alias_of_two_labels_is_refused(reviews: Reviews, load: Load) -> None:
    reviews(PAIRS)
    with pytest.raises(SuiteError, match="'x'"):
        load(labels={"a": {"aliases": ["x"]}, "b": {"aliases": ["x"]}})


def test_rare_labels_are_refused_with_the_ways_out(reviews: Reviews, load: Load) -> None:
    reviews([*PAIRS, ("x", "c"), ("X ", "c"), ("y", "A"), ("z", "c")])
    with pytest.raises(DataError, match=r"'A' \(1 text\), 'c' \(2 texts\)") as caught:
        load(splits=ALL)
    assert "data.rare_labels" == caught.value.where
    assert "`map: {'A': 'a'}`" in caught.value.message


def test_rare_labels_are_dropped_with_their_labels(reviews: Reviews, load: Load) -> None:
    reviews([*PAIRS, ("x", "c"), ("y", "c")])
    data = load(labels=["c", "a", "b"], rare_labels="drop", splits=ALL)
    assert (["a", "b"], 2, {"c": 2}) == (list(data.brief.labels), data.report.rare_dropped, data.report.rare)
    assert any(each.startswith("2 rows of labels with fewer than 3") for each in data.report.warnings)


def test_rare_labels_are_allowed_and_said(reviews: Reviews, load: Load) -> None:
    reviews([*PAIRS, ("x", "c")])
    data = load(rare_labels="allow", splits=ALL)
    assert ("c",) == _targets(data)["x"]
    assert any("which the suite allows: 'c' (1 text)" in each for each in data.report.warnings)


@pytest.fixture
def templates(reviews: Reviews) -> Path:
    return reviews([*PAIRS, *((TEMPLATE.format(1000 + i), "a" if i else "b") for i in range(12))])


def test_near_duplicates_across_splits_are_told_and_counted(templates: Path, load: Load) -> None:
    data = load(splits=ALL | {"test": 8})
    report = data.report
    in_test = sum("order" in e.query.text for e in data.test)
    assert 12 == report.near_duplicates.rows == report.near_across.rows
    assert in_test == report.near_leaks.rows > 0
    assert 0 == report.leaks.rows
    assert any("almost the same as a row of another split" in each for each in report.warnings)


def test_near_duplicates_together_are_in_one_split(templates: Path, load: Load) -> None:
    data = load(near_duplicates="together", splits={"validation": 0.3, "test": 0.3})
    sides = [n for n in ("train", "validation", "test") if any("order" in e.query.text for e in getattr(data, n))]
    assert (1, 0) == (len(sides), data.report.near_across.rows)


def test_of_near_duplicates_one_stays(templates: Path, load: Load) -> None:
    data = load(near_duplicates="drop", splits=ALL)
    assert (1, 11) == (sum("order" in text for text in _targets(data)), data.report.near_dropped)
    assert any("1 group of near-duplicates the targets differed" in each for each in data.report.warnings)


def test_near_duplicates_that_are_allowed_are_not_looked_for(templates: Path, load: Load) -> None:
    report = load(near_duplicates="allow", splits=ALL).report
    assert 0 == report.near_duplicates.rows
    assert not any("almost" in each for each in report.warnings)


def _correct(folder: Path, lines: Sequence[tuple[str, str, str]]) -> None:
    with (folder / "fixes.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("id", "old", "new"), *lines])


def test_corrections_change_targets_and_not_the_source(reviews: Reviews, load: Load) -> None:
    source = reviews([*PAIRS, ("x", "a"), ("empty", "")])
    before = source.read_bytes()
    ids = {e.query.text: e.query.id for n in ("train", "validation", "test") for e in getattr(load(splits=ALL), n)}
    _correct(source.parent, [(ids["x"], "a", "a"), (ids["x"], "a", "b")])
    data = load(corrections="fixes.csv", splits=ALL)
    assert (("b",), 1) == (_targets(data)["x"], data.report.corrected)
    assert before == source.read_bytes()


def test_corrections_that_no_longer_fit_are_told(reviews: Reviews, load: Load) -> None:
    source = reviews([*PAIRS, ("x", "a")])
    ids = {e.query.text: e.query.id for n in ("train", "validation", "test") for e in getattr(load(splits=ALL), n)}
    _correct(source.parent, [(ids["x"], "c", "b"), ("gone", "a", "b")])
    data = load(corrections="fixes.csv", splits=ALL)
    assert ("a",) == _targets(data)["x"]
    assert any("that was corrected: reviews.csv line 14" in each for each in data.report.warnings)
    assert any("not in the data" in each and "gone" in each for each in data.report.warnings)


def test_a_correction_to_an_unlisted_label_is_refused(reviews: Reviews, load: Load) -> None:
    source = reviews(PAIRS)
    _correct(source.parent, [("r", "a", "zebra")])
    with pytest.raises(DataError, match="'zebra' is none of the suite's"):
        load(labels=["a", "b"], corrections="fixes.csv")
