from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.comparing.evidence import TaskEvidence
from harness.report.labels import of_labels
from harness.report.terminal import table as terminal
from tests.diagnosing.conftest import make_evidence
from tests.report.test_terminal import compared

__all__ = ["make_evidence"]

Make = Callable[..., Any]


def told(evidence: TaskEvidence) -> str:
    made = compared(evidence)
    assert terminal(made)
    return "\n".join(of_labels(made.tasks[0]))


def test_of_many_labels_the_most_confused_and_the_worst_are_named(make_evidence: Make) -> None:
    targets = [f"l{i:02d}" for i in range(12)] * 3
    answers = ["l01" if t == "l00" else t for t in targets]
    assert (
        "s confuses most often: l00 as l01 (3 of 3)\n"
        "of 12 labels most goes wrong with: l00 (3 of 3 missed, 0 too many), l01 (0 of 3 missed, 3 too many)"
    ) in told(make_evidence(targets).trial("s", answers).build())


def test_of_few_labels_nothing_is_said_beside_their_table(make_evidence: Make) -> None:
    assert "" == told(make_evidence(["a", "b"] * 5).trial("s", ["a", "a"] * 5).build())


def test_of_a_scale_the_steps_are_told(make_evidence: Make) -> None:
    made = make_evidence(["1", "2", "3"] * 4).trial("s", ["1", "1", "1"] * 4).build()
    brief = made.brief.model_copy(update={"ordered": True})
    assert told(replace(made, brief=brief)).startswith("s: one step of the scale off 0.333 (")
