"""A comparison as pandas frames."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

import harness
from harness.api import Comparison
from harness.report.document import document
from harness.running.runner import Options


def test_frames_have_the_figures_and_the_verdicts(suite: Path) -> None:
    found = harness.run(suite, options=Options(results=suite.parent / "results")).compare()
    frame, pairs = found.to_frame(), found.pairs_frame()
    (task,) = found.tasks
    assert [each.name for each in task.strategies] == list(frame["strategy"])
    assert 1 == frame["recommended"].sum()
    best = task.strategies[0]
    assert best.value is not None
    first = frame.iloc[0]
    assert (best.value.value, best.value.low, best.value.high) == pytest.approx(
        (first["value"], first["value_low"], first["value_high"])
    )
    assert (first["accuracy"], first["cost_per_month"]) == pytest.approx((best.value.value, best.cost.per_month))
    # As the rows of the CSV and the JSON name it; served at so many answers it makes the money of a month.
    row = next(each for each in document(found.compared).rows if each.strategy == first["strategy"])
    assert row.dollars_per_month == pytest.approx(first["dollars_per_month"])
    assert row.dollars_per_answer == pytest.approx(first["dollars_per_answer"])
    traffic = task.decide.answers_per_month or 0
    assert row.dollars_per_month == pytest.approx(traffic * first["served_dollars_per_answer"])
    assert row.served_dollars_per_answer == pytest.approx(first["served_dollars_per_answer"])
    assert len(task.pairs) == len(pairs)
    assert {"a", "b", "difference", "p_value", "verdict"} <= set(pairs.columns)
    assert "Recommendation" in repr_of(found)


def repr_of(found: Comparison) -> str:
    console = Console(width=80)
    with console.capture() as told:
        console.print(found)
    return told.get()


def test_one_strategy_alone_has_a_frame_and_no_pairs(suite: Path) -> None:
    run = harness.run(suite, options=Options(results=suite.parent / "results", strategies=("asks",)))
    found = run.compare()
    assert ["asks"] == list(found.to_frame()["strategy"])
    assert 0 == len(found.pairs_frame())
