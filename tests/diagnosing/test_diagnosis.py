"""All parts together."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from harness.comparing.evidence import TaskEvidence
from harness.comparing.figures import strategy_figures
from harness.diagnosing.diagnosis import diagnose
from harness.diagnosing.records import Diagnosis
from harness.records import Kind

Make = Callable[..., Any]


def diagnosed(evidence: TaskEvidence) -> Diagnosis:
    return diagnose(evidence, [strategy_figures(evidence, contender) for contender in evidence.contenders])


def test_every_part_that_rows_allow_is_there(make_evidence: Make) -> None:
    targets, answers = ["a", "b"] * 30, ["a", "b", "b", "b"] * 15
    table = [[0.9, 0.1] if answer == "a" else [0.2, 0.8] for answer in answers]
    make = make_evidence(targets, metadata=[{"c": "xyz"[i % 3]} for i in range(60)])
    found = diagnosed(make.trial("s", answers, probabilities=table).trial("t", targets).build())
    assert found.data is not None
    assert {"s", "t"} == {each.strategy for each in found.slices} == {each.strategy for each in found.confusions}
    assert all((found.calibration, found.errors, found.gaps, found.selective))
    assert Diagnosis.model_validate_json(found.model_dump_json()) == found


def test_no_metadata_is_a_note(make_evidence: Make) -> None:
    found = diagnosed(make_evidence(["a", "b"] * 5).trial("s", ["a", "b"] * 5).build())
    assert any(note.startswith("no metadata columns") for note in found.notes)


def test_nothing_answered_is_a_note(make_evidence: Make) -> None:
    evidence = make_evidence(["a", "b"]).trial("s", ["a", "b"]).build()
    begun = dataclasses.replace(evidence.contenders[0].trials[0], answers={})
    contender = dataclasses.replace(evidence.contenders[0], trials=(begun,))
    found = diagnose(dataclasses.replace(evidence, contenders=(contender,)), ())
    assert ("no strategy has answered a test row yet",) == found.notes


def test_one_label_alone_breaks_nothing(make_evidence: Make) -> None:
    assert () == diagnosed(make_evidence(["a"] * 12, train=["a"] * 12).trial("s", ["a"] * 12).build()).suspects


@pytest.mark.parametrize(
    ("kind", "targets", "answers"),
    [("labels", [("a", "b"), ("b",)], [("a",), ("b",)]), ("text", ["yes", "no"], ["yes", "maybe"])],
)
def test_other_kinds_have_what_makes_sense_for_them(
    make_evidence: Make, kind: Kind, targets: Sequence[Any], answers: Sequence[Any]
) -> None:
    found = diagnosed(make_evidence(list(targets) * 6, kind=kind).trial("s", list(answers) * 6).build())
    assert ((), (), ()) == (found.suspects, found.confusions, found.calibration)
    assert found.errors


def test_failures_everywhere_break_nothing(make_evidence: Make) -> None:
    metadata = [{"c": "xy"[i % 2]} for i in range(12)]
    make = make_evidence(["a", "b"] * 6, metadata=metadata).trial("s", [None] * 12).trial("t", ["a", None] * 6)
    assert {"t"} == {each.strategy for each in diagnosed(make.build()).slices}
