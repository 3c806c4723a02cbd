"""Recall of candidates, what many labels come to, and how far off answers on a scale are."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from harness.candidates import Shortlisted
from harness.comparing.evidence import TaskEvidence
from harness.diagnosing.errors import confusions
from harness.diagnosing.manylabels import Confused, LabelErrors, confused_pairs, worst_labels
from harness.diagnosing.records import CandidateRecall
from harness.diagnosing.shortlists import candidate_recalls
from harness.records import Step
from harness.stats import wilson

Make = Callable[..., Any]


def listing(evidence: TaskEvidence, *listed: Sequence[str] | None, steps: Sequence[Step] = ()) -> TaskEvidence:
    """The evidence with candidates in the notes of the first strategy's rows."""
    contender = evidence.contenders[0]
    trials = []
    for trial in contender.trials:
        notes: list[Mapping[str, str]] = [{} if e is None else {"candidates": json.dumps(e)} for e in listed]
        answers = {
            i: answer._replace(notes=note)
            for (i, answer), note in zip(trial.answers.items(), notes, strict=True)
        }  # fmt: skip
        trials.append(replace(trial, answers=answers, steps=tuple(steps)))
    return replace(evidence, contenders=(replace(contender, trials=tuple(trials)), *evidence.contenders[1:]))


def test_recall_is_told_of_test_rows_with_its_interval_and_of_validation(make_evidence: Make) -> None:
    made = make_evidence(["a", "b", "c", "a"]).trial("s", ["a", "b", "a", None]).trial("t", ["a"] * 4).build()
    told = Shortlisted(k=2, labels=3, by="both", embedder=None, examples=9, why="asked", rows=20, found=19)
    step = Step(name="candidates", result=told.model_dump(), seconds=0.1, at=datetime(2026, 1, 1, tzinfo=UTC))
    (found,) = candidate_recalls(listing(made, ["a", "b"], ["a", "b"], ["a", "b"], None, steps=[step]))
    assert isinstance(found, CandidateRecall)
    assert ("s", 2, 3, 2 / 3, 3) == (found.strategy, found.k, found.labels, found.test.value, found.test.n)
    assert tuple(wilson(2, 3)) == pytest.approx((found.test.low, found.test.high))
    assert found.validation is not None
    assert (0.95, 20) == (found.validation.value, found.validation.n)
    assert "asked with 2 of 3 labels; the right one was among them for 0.667 (" in found.words
    assert found.words.endswith("of the validation rows 0.950, n = 20; 1 row without an answer left out")


def test_a_note_of_that_name_that_is_no_list_is_another_s(make_evidence: Make) -> None:
    made = make_evidence(["a", "b"]).trial("s", ["a", "b"]).build()
    trial = made.contenders[0].trials[0]
    for note in ("none", '{"a": 1}', "[1]", "[]"):
        answers = {i: answer._replace(notes={"candidates": note}) for i, answer in trial.answers.items()}
        other = replace(made.contenders[0], trials=(replace(trial, answers=answers),))
        assert () == candidate_recalls(replace(made, contenders=(other,)))


def test_the_labels_with_most_errors_and_the_most_confused_pairs_come_first(make_evidence: Make) -> None:
    targets = ["a"] * 5 + ["b"] * 4 + ["c"] * 3
    made = make_evidence(targets).trial("s", ["b"] * 3 + ["a"] * 2 + ["b"] * 3 + [None] + ["c"] * 2 + ["a"])
    (found,) = confusions(made.build())
    assert [
        LabelErrors("b", 4, 1, 3, None, 0), LabelErrors("a", 5, 3, 1, "b", 3), LabelErrors("c", 3, 1, 0, "a", 1)
    ] == sorted(worst_labels(found), key=lambda each: each.label != "b")  # fmt: skip
    assert {"a", "b"} == {each.label for each in worst_labels(found)[:2]}
    assert [Confused("a", "b", 3, 5), Confused("c", "a", 1, 3)] == confused_pairs(found)


def test_on_a_scale_one_step_off_and_farther_are_told_apart(make_evidence: Make) -> None:
    made = make_evidence(["1", "2", "3", "3", "1"]).trial("s", ["1", "3", "2", "1", None]).build()
    (plain,) = confusions(made)
    assert plain.off_by_one is None
    (found,) = confusions(replace(made, brief=made.brief.model_copy(update={"ordered": True})))
    assert found.off_by_one is not None
    assert found.farther_off is not None
    assert (0.4, 0.4, 5) == (found.off_by_one.value, found.farther_off.value, found.off_by_one.n)
