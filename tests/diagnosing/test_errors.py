"""Confusions, and what wrong answers have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.diagnosing.errors import confusions, error_groups
from harness.diagnosing.records import ErrorGroup
from harness.stats import wilson

Make = Callable[..., Any]


def named(groups: tuple[ErrorGroup, ...], strategy: str) -> dict[str, ErrorGroup]:
    return {group.what: group for group in groups if group.strategy == strategy}


def test_confusions_count_targets_by_answers_and_failures_last(make_evidence: Make) -> None:
    make = make_evidence(["a", "a", "a", "b", "b"])
    (found,) = confusions(make.trial("s", ["a", "b", None, "b", "b"]).build())
    assert (("a", "b"), ((1, 1, 1), (0, 2, 0))) == (found.labels, found.counts)


def test_a_labels_recall_has_wilsons_interval_of_its_rows(make_evidence: Make) -> None:
    make = make_evidence(["a"] * 10 + ["b"] * 10)
    (found,) = confusions(make.trial("s", ["a"] * 8 + ["b"] * 12).build())
    recall = found.per_label["recall[a]"]
    assert (0.8, 10) == (recall.value, recall.n)
    assert tuple(wilson(8, 10)) == pytest.approx((recall.low, recall.high))
    assert 10 / 12 == found.per_label["precision[b]"].value


def test_three_seeds_are_not_three_times_as_many_rows(make_evidence: Make) -> None:
    make = make_evidence(["a"] * 10 + ["b"] * 10)
    for _ in range(3):
        make.trial("s", ["a"] * 8 + ["b"] * 12)
    (found,) = confusions(make.build())
    assert 24 == found.counts[0][0]
    assert tuple(wilson(8, 10)) == pytest.approx(
        (found.per_label["recall[a]"].low, found.per_label["recall[a]"].high)
    )


def test_a_precision_of_no_answers_is_left_out(make_evidence: Make) -> None:
    (found,) = confusions(make_evidence(["a", "b"]).trial("s", ["a", "a"]).build())
    assert "precision[b]" not in found.per_label
    assert 0.0 == found.per_label["recall[b]"].value


def test_confused_labels_come_with_their_rows(make_evidence: Make) -> None:
    make = make_evidence(["a", "a", "a", "b", "b"])
    group = named(error_groups(make.trial("s", ["b", "b", "a", "b", None]).build()), "s")["a answered as b"]
    assert (2, 3, ("t0", "t1")) == (group.n, group.of, group.examples)


def test_a_row_with_several_seeds_counts_once(make_evidence: Make) -> None:
    make = make_evidence(["a", "a", "b", "b"])
    for answers in (["b", "a", "b", "b"], ["b", "b", "b", "b"], ["b", "a", "b", "b"]):
        make.trial("s", answers)
    make.trial("other", ["a", "a", "b", "b"])
    assert 1 == named(error_groups(make.build()), "s")["a answered as b"].n


def test_a_metadata_value_with_more_errors_is_told_with_its_test(make_evidence: Make) -> None:
    metadata = [{"channel": "phone" if i < 40 else "mail"} for i in range(100)]
    answers = ["b" if i < 20 else "ab"[i % 2] for i in range(100)]
    targets = ["a" if i < 20 else "ab"[i % 2] for i in range(100)]
    groups = named(error_groups(make_evidence(targets, metadata=metadata).trial("s", answers).build()), "s")
    group = groups["channel=phone"]
    assert (20, 40, 0.0) == (group.n, group.of, group.otherwise.value if group.otherwise else None)
    assert group.p_value is not None
    assert group.p_value < 0.001
    assert "channel=mail" not in groups


def test_a_metadata_value_with_hardly_more_errors_is_not_told(make_evidence: Make) -> None:
    metadata = [{"channel": ("phone", "mail")[i % 2]} for i in range(40)]
    make = make_evidence(["a", "a", "b", "b"] * 10, metadata=metadata)
    make.trial("s", ["b", "a", "b", "b"] * 5 + ["a", "b", "b", "b"] * 4 + ["a", "a", "b", "b"])
    assert not [what for what in named(error_groups(make.build()), "s") if what.startswith("channel")]


def test_longest_and_shortest_texts_are_always_told(make_evidence: Make) -> None:
    texts = ["x" * (1 + i) for i in range(40)]
    answers = ["b" if i % 8 == 0 else "a" for i in range(20)] + ["b"] * 19 + ["a"]
    groups = named(
        error_groups(make_evidence(["a"] * 20 + ["b"] * 20, texts=texts).trial("s", answers).build()), "s"
    )
    assert (2, 10) == (
        groups["shortest texts, 1 to 10 characters"].n,
        groups["shortest texts, 1 to 10 characters"].of,
    )
    assert (1, 10) == (
        groups["longest texts, 31 to 40 characters"].n,
        groups["longest texts, 31 to 40 characters"].of,
    )


def test_rows_that_all_get_wrong_leave_out_who_always_answers_the_same(make_evidence: Make) -> None:
    make = make_evidence(["a", "a", "b", "b"])
    make.trial("one", ["b", "b", "b", "a"]).trial("two", ["b", "a", "b", "a"]).trial("majority", ["a"] * 4)
    (group,) = named(error_groups(make.build()), "all").values()
    told = "wrong by all 2 strategies (majority left out, always answering the same)"
    assert (f"{told}, 2 of them with the same answer from all", ("t0", "t3")) == (group.what, group.examples)
    assert not named(error_groups(make.build()), "majority")


def test_a_failure_is_no_wrong_answer(make_evidence: Make) -> None:
    make = make_evidence(["a", "a", "b", "b"])
    make.trial("one", [None, "b", "b", "a"]).trial("two", ["b", "b", "b", "a"])
    (group,) = named(error_groups(make.build()), "all").values()
    assert (("t1", "t3"), 3) == (group.examples, group.of)


def test_rows_with_one_wrong_answer_from_all_come_first(make_evidence: Make) -> None:
    make = make_evidence(["a", "a", "b"], labels=["a", "b", "c"])
    make.trial("one", ["b", "c", "a"]).trial("two", ["c", "c", "b"])
    (group,) = named(error_groups(make.build()), "all").values()
    assert ("t1", "t0") == group.examples


def test_labels_are_missed_or_not_due(make_evidence: Make) -> None:
    make = make_evidence([("a", "b"), ("a",), ("b",)], kind="labels")
    groups = named(error_groups(make.trial("s", [("a",), ("a", "b"), ("b",)]).build()), "s")
    assert (1, 2) == (groups["b missed"].n, groups["b missed"].of)
    assert (1, 1) == (groups["b not due"].n, groups["b not due"].of)


def test_texts_with_nothing_right_are_told(make_evidence: Make) -> None:
    make = make_evidence(["the red cabin", "yes", "no"], kind="text")
    (group,) = error_groups(make.trial("s", ["red cabin", "no", "no"]).build())
    assert ("token_f1 of 0", 1, ("t1",)) == (group.what, group.n, group.examples)
