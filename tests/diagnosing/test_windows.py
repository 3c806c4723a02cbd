from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.comparing.evidence import TaskEvidence
from harness.diagnosing.slices import slices
from harness.diagnosing.windows import WINDOW, against_windows


def noted(evidence: TaskEvidence, strategy: str, rows: set[str]) -> TaskEvidence:
    """The same evidence with answers that say that their texts were too long."""
    contenders = []
    for contender in evidence.contenders:
        if contender.name == strategy:
            trials = []
            for trial in contender.trials:
                answers = {
                    row: answer._replace(notes={"long": "head"}) if row in rows else answer
                    for row, answer in trial.answers.items()
                }
                trials.append(replace(trial, answers=answers))
            contender = replace(contender, trials=tuple(trials))  # noqa: PLW2901
        contenders.append(contender)
    return replace(evidence, contenders=tuple(contenders))


def test_rows_beyond_a_window_are_slices_of_their_strategy_and_of_all(make_evidence: Callable[..., Any]) -> None:
    targets = ["a", "b"] * 10
    made = make_evidence(targets, texts=["same"] * 20)
    made.trial("cuts", ["b", "a", "b", "a", *targets[4:]])
    made.trial("asks", [None, *targets[1:]])
    made.trial("reads", targets)
    evidence = noted(made.build(), "cuts", {"t0", "t1", "t2", "t3", "t4"})
    assert {
        "of this strategy": ("t0", "t1", "t2", "t3", "t4"),
        "of none": tuple(f"t{i}" for i in range(5, 20)),
    } == (against_windows(evidence)["cuts"])
    assert {"of any strategy", "of none"} == set(against_windows(evidence)["reads"])
    found = {(s.strategy, s.value): s.figure for s in slices(evidence) if s.column == WINDOW}
    assert (0.2, 5) == (found["cuts", "of this strategy"].value, found["cuts", "of this strategy"].n)
    low = found["cuts", "of this strategy"].low
    assert low is not None
    assert low < 0.2
    assert 1.0 == found["cuts", "of none"].value
    assert 1.0 == found["reads", "of any strategy"].value


def test_a_row_that_failed_as_too_long_is_among_them(make_evidence: Callable[..., Any]) -> None:
    targets = ["a", "b"] * 4
    evidence = make_evidence(targets, texts=["same"] * 8).trial("asks", targets).build()
    [contender] = evidence.contenders
    [trial] = contender.trials
    answers = {**trial.answers, "t3": trial.answers["t3"]._replace(answers=None, failure="too-long")}
    failing = replace(evidence, contenders=(replace(contender, trials=(replace(trial, answers=answers),)),))
    assert ("t3",) == against_windows(failing)["asks"]["of this strategy"]


def test_a_strategy_that_can_ask_nothing_says_nothing_of_the_texts(make_evidence: Callable[..., Any]) -> None:
    targets = ["a", "b"] * 4
    made = make_evidence(targets, texts=["same"] * 8)
    made.trial("asks", [None] * 8)
    made.trial("cuts", targets)
    evidence = noted(made.build(), "cuts", {"t1"})
    contenders = []
    for contender in evidence.contenders:
        trials = tuple(
            replace(
                trial,
                answers={i: a if a.answers else a._replace(failure="too-long") for i, a in trial.answers.items()},
            )
            for trial in contender.trials
        )
        contenders.append(replace(contender, trials=trials))
    found = against_windows(replace(evidence, contenders=tuple(contenders)))["cuts"]
    assert {"of this strategy": ("t1",), "of none": tuple(f"t{i}" for i in (0, *range(2, 8)))} == found


def test_there_is_no_such_slice_where_every_text_fits(make_evidence: Callable[..., Any]) -> None:
    targets = ["a", "b"] * 4
    assert () == slices(make_evidence(targets, texts=["same"] * 8).trial("reads", targets).build())
