"""How often answers flip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from harness import journal
from harness.comparing.evidence import TaskEvidence
from harness.diagnosing.records import Flips
from harness.diagnosing.robustness import flips
from harness.records import Failed, Prediction, Probed
from harness.stats import wilson

AT = datetime(2026, 1, 1, tzinfo=UTC)
Make = Callable[..., Any]


def probed(probe: str, variant: str, row: str, answer: str | None) -> Probed:
    own = f"{row}#{probe}"
    result: Prediction | Failed = Failed(query_id=own, kind="timeout", error="made to fail")
    if answer is not None:
        result = Prediction(query_id=own, answers=(answer,))
    return Probed(probe=probe, variant=variant, query_id=row, text="?", result=result, at=AT)


def written(evidence: TaskEvidence, *trials: Sequence[Probed]) -> list[Flips]:
    for trial, lines in zip(evidence.contenders[0].trials, trials, strict=True):
        text = "".join(line.model_dump_json() + "\n" for line in lines)
        journal.replace(trial.folder.path / "probes.jsonl", text)
    return list(flips(evidence))


def test_flips_are_a_share_with_wilsons_interval_and_both_accuracies(make_evidence: Make) -> None:
    evidence = make_evidence(["a", "a", "b", "b"]).trial("s", ["a", "a", "b", "a"]).build()
    lines = [probed("typos", "1", f"t{i}", answer) for i, answer in enumerate(["b", "a", "b", "a"])]
    (found,) = written(evidence, lines)
    assert ("typos", "", 0.25, 4) == (found.probe, found.variant, found.share.value, found.share.n)
    assert tuple(wilson(1, 4)) == pytest.approx((found.share.low, found.share.high))
    assert found.accuracy_before is not None
    assert found.accuracy_after is not None
    assert (0.75, 0.5) == (found.accuracy_before.value, found.accuracy_after.value)


def test_counterfactuals_stand_by_variant_too(make_evidence: Make) -> None:
    evidence = make_evidence(["a", "b"]).trial("s", ["a", "b"]).build()
    name = "counterfactual:gender"
    found = written(evidence, [probed(name, "he->she", "t0", "b"), probed(name, "she->he", "t1", "b")])
    assert {"": 0.5, "he->she": 1.0, "she->he": 0.0} == {each.variant: each.share.value for each in found}


def test_a_changed_row_that_failed_is_counted_apart(make_evidence: Make) -> None:
    evidence = make_evidence(["a", "b"]).trial("s", ["a", "b"]).build()
    (found,) = written(evidence, [probed("case", "lower", "t0", None), probed("case", "lower", "t1", "b")])
    assert (1, 1, 0.0) == (found.failed, found.share.n, found.share.value)


def test_a_row_whose_original_failed_is_not_compared(make_evidence: Make) -> None:
    evidence = make_evidence(["a", "b"]).trial("s", [None, "b"]).build()
    (found,) = written(evidence, [probed("case", "lower", "t0", "a"), probed("case", "lower", "t1", "a")])
    assert (1, 1.0) == (found.share.n, found.share.value)


def test_rows_asked_with_two_seeds_count_once(make_evidence: Make) -> None:
    evidence = make_evidence(["a", "b"]).trial("s", ["a", "b"]).trial("s", ["b", "b"]).build()
    lines = [probed("case", "lower", "t0", "a"), probed("case", "lower", "t1", "b")]
    (found,) = written(evidence, lines, lines)
    assert (2, 0.25) == (found.share.n, found.share.value)


def test_without_probes_there_are_no_flips(make_evidence: Make) -> None:
    assert () == flips(make_evidence(["a"]).trial("s", ["a"]).build())
