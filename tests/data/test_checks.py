from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness.data.taskdata import TaskData
from harness.errors import DataError

Write = Callable[[str, str | bytes], Path]
Reviews = Callable[..., Path]
Pairs = Sequence[tuple[str, str]]
Load = Callable[..., TaskData]

TRAIN = [("Great flight!", "a"), ("great  FLIGHT!", "a"), ("Great flight!", "b"), ("bad", "b")]
DISTINCT = [("Great flight!", "a"), ("bad", "b")]
VALIDATION = [("so so", "a"), ("never again", "b")]
TEST = [("\uff47reat flight!", "a"), ("quiet", "a"), ("loud", "b")]  # a full-width g


@pytest.fixture
def own(reviews: Reviews, load: Load) -> Callable[..., TaskData]:
    """Loads the rows given for each split as the split's own file."""

    def own(train: Pairs, validation: Pairs, test: Pairs, leakage: str = "allow") -> TaskData:
        for name, rows in (("train", train), ("validation", validation), ("test", test)):
            reviews(rows, name=f"{name}.csv")
        return load(splits={n: f"{n}.csv" for n in ("train", "validation", "test")}, leakage=leakage)

    return own


def test_copies_are_counted_letter_for_letter_and_normalised(own: Callable[..., TaskData]) -> None:
    report = own(TRAIN, VALIDATION, TEST).report
    assert (1, 1) == (report.exact_within.rows, report.exact_within.groups)
    assert (2, 1) == (report.normalised_within.rows, report.normalised_within.groups)
    assert 0 == report.exact_across.rows
    assert (4, 1) == (report.normalised_across.rows, report.normalised_across.groups)


def test_one_text_with_two_targets_is_a_conflict_and_shown(own: Callable[..., TaskData]) -> None:
    conflicts = own(TRAIN, VALIDATION, TEST).report.conflicts
    assert (4, 1) == (conflicts.rows, conflicts.groups)
    (group,) = conflicts.examples
    assert 4 == group.size
    shown = {(copy.split, copy.targets, copy.place) for copy in group.copies}
    assert ("train", ("b",), "train.csv line 4") in shown
    assert ("test", ("a",), "test.csv line 2") in shown


def test_at_most_twenty_examples_are_kept_the_largest_first(own: Callable[..., TaskData]) -> None:
    pairs = [(f"text {i}", label) for i in range(30) for label in "ab"] + [("text 7", "a")]
    found = own(pairs, VALIDATION, TEST).report.conflicts
    assert (61, 30, 20, "text 7") == (found.rows, found.groups, len(found.examples), found.examples[0].text)


def test_rows_that_stand_once_are_no_finding(own: Callable[..., TaskData]) -> None:
    report = own(DISTINCT, VALIDATION, TEST[1:]).report
    found = (
        report.exact_within,
        report.normalised_within,
        report.normalised_across,
        report.conflicts,
        report.leaks,
    )
    assert [0] * 5 == [finding.rows for finding in found]
    assert () == report.warnings


def test_copies_and_conflicts_are_said_in_a_sentence_each(own: Callable[..., TaskData]) -> None:
    warnings = own(TRAIN, VALIDATION, TEST[1:]).report.warnings
    assert warnings[0].startswith(
        "In 2 rows a text of the same split stands again (letter for letter in 1), such as "
    )
    assert warnings[1].startswith("In 3 rows a text stands that has different targets (1 text), such as ")


def test_validation_rows_that_stand_in_train_are_said(own: Callable[..., TaskData]) -> None:
    (warning,) = own(DISTINCT, [*VALIDATION, ("BAD", "b")], TEST[1:]).report.warnings
    assert "In 2 rows a text stands that another split has too, such as 'bad'." == warning


def test_a_leak_refuses_the_data_and_names_the_two_ways_out(own: Callable[..., TaskData]) -> None:
    with pytest.raises(DataError) as caught:
        own(TRAIN, VALIDATION, [*TEST, ("NEVER again", "b")], leakage="refuse")
    assert "data.leakage" == caught.value.where
    message = caught.value.message
    assert message.startswith("2 of 4 test rows also stand in train or validation")
    assert "validation: validation.csv line 3" in message
    assert "test: test.csv line 5" in message
    assert "`leakage: drop`" in message
    assert "`leakage: allow`" in message


def test_drop_leaves_the_leaking_test_rows_out_and_says_how_many(own: Callable[..., TaskData]) -> None:
    data = own(TRAIN, VALIDATION, TEST, leakage="drop")
    assert {"quiet", "loud"} == {e.query.text for e in data.test}
    assert [4, 2] == [len(data.train), len(data.validation)]
    assert (1, 1) == (data.report.leaks.rows, data.report.dropped)
    assert "1 row of test was left out, since the text stands in train or validation." in data.report.warnings


def test_allow_keeps_leaking_rows_and_says_so(own: Callable[..., TaskData]) -> None:
    data = own(TRAIN, VALIDATION, TEST, leakage="allow")
    assert 3 == len(data.test)
    assert (1, 0) == (data.report.leaks.rows, data.report.dropped)
    assert any(
        "In 1 row of test a text stands that train or validation has too" in warning
        for warning in data.report.warnings
    )


def test_a_test_that_leaks_as_a_whole_cannot_be_dropped(own: Callable[..., TaskData]) -> None:
    with pytest.raises(DataError, match="1 of test were dropped") as caught:
        own(TRAIN, VALIDATION, TEST[:1], leakage="drop")
    assert "data.splits.test" == caught.value.where


def test_rows_drawn_from_one_file_never_leak(reviews: Reviews, load: Load) -> None:
    reviews([(text, "ab"[i % 2]) for i in range(40) for text in (f"text {i}", f"TEXT {i}", f"text  {i}")])
    report = load(splits={"validation": 0.25, "test": 0.25}).report
    assert (0, 0, 80) == (report.leaks.rows, report.normalised_across.rows, report.normalised_within.rows)


def test_fields_conflict_by_what_they_say_and_not_by_spacing(write: Write, load: Load) -> None:
    rows = '{"text": "one", "target": {"k": 1, "m": 2}}\n{"text": "One", "target": {"m": 2, "k": 1}}\n'
    write("reviews.jsonl", rows + "".join(f'{{"text": "t{i}", "target": {{"k": {i}}}}}\n' for i in range(6)))
    splits = {"validation": 2, "test": 2}
    assert 0 == load("fields", path="reviews.jsonl", splits=splits).report.conflicts.rows
