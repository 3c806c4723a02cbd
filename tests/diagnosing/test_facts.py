"""What data is like."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from harness.data.taskdata import DataReport, Finding
from harness.diagnosing.facts import facts


def test_facts_count_rows_and_labels_in_the_suites_order(make_evidence: Callable[..., Any]) -> None:
    make = make_evidence(["b", "a", "b"], train=["a"], labels=["b", "a", "c"]).trial("s", ["a"] * 3)
    report = DataReport(normalised_within=Finding(rows=3), leaks=Finding(rows=2), dropped=1, warnings=("mind",))
    found = facts(dataclasses.replace(make.build(), report=report))
    assert {"train": 1, "validation": 0, "test": 3} == found.rows
    assert [("b", 2), ("a", 1), ("c", 0)] == list(found.labels["test"].items())
    assert (3, 0, 2, 1, ("mind",)) == (found.copies, found.conflicts, found.leaks, found.dropped, found.warnings)


def test_free_texts_have_no_labels(make_evidence: Callable[..., Any]) -> None:
    assert {} == facts(make_evidence(["yes"], kind="text").build()).labels
