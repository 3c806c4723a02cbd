from __future__ import annotations

from pathlib import Path

import pytest

from harness import Brief, Example, Query
from harness.records import Kind, Prediction
from harness.testing import check_strategy, try_strategy
from harness_features.majority import Majority


def answer(folder: Path, targets: list[tuple[str, ...]], kind: Kind = "label") -> Prediction:
    seen = try_strategy(
        Majority(),
        brief=Brief(
            name="t",
            instructions="?",
            kind=kind,
            labels={} if kind == "fields" else {"c": "", "b": "", "a": ""},
            answer_schema={"properties": {"amount": {}, "reason": {}}} if kind == "fields" else None,
        ),
        train=[Example(query=Query(id=str(i), text=str(i)), targets=t) for i, t in enumerate(targets)],
        validation=[],
        queries=[Query(id="q", text="")],
        folder=folder,
    )
    outcome = seen.outcomes["q"]
    assert isinstance(outcome, Prediction)
    return outcome


def test_it_keeps_the_contract(tmp_path: Path) -> None:
    check_strategy(Majority(), folder=tmp_path)


def test_the_most_common_label_is_answered_with_the_shares_of_train(tmp_path: Path) -> None:
    given = answer(tmp_path, [("a",), ("b",), ("a",), ("a",)])
    assert ("a",) == given.answers
    assert {"a": 0.75, "b": 0.25, "c": 0.0} == given.probabilities


def test_of_equals_the_label_that_the_task_names_first_is_answered(tmp_path: Path) -> None:
    assert ("b",) == answer(tmp_path, [("a",), ("b",)]).answers


def test_of_several_labels_the_most_common_set_is_answered_whatever_its_order(tmp_path: Path) -> None:
    given = answer(tmp_path, [("a", "b"), ("b", "a"), ("a",), ("c",), ()], kind="labels")
    assert ("b", "a") == given.answers
    assert {"a": 0.6, "b": 0.4, "c": 0.2} == given.probabilities


def test_no_label_at_all_may_be_the_most_common_set(tmp_path: Path) -> None:
    assert () == answer(tmp_path, [(), (), ("a",)], kind="labels").answers


def test_an_empty_train_split_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="'majority' learns from labelled rows and the train split has none"):
        answer(tmp_path, [])


def test_of_objects_each_field_s_most_common_value_is_answered_in_the_schema_s_order(tmp_path: Path) -> None:
    given = answer(
        tmp_path,
        [('{"reason": "late", "amount": 5}',), ('{"amount": null, "reason": "late"}',), ('{"amount": null}',)],
        kind="fields",
    )
    assert ('{"amount": null, "reason": "late"}',) == given.answers
    assert given.probabilities is None
