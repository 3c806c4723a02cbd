"""What a task's data is like, in numbers, without a text of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from harness.comparing.evidence import TaskEvidence
from harness.diagnosing.records import DataFacts
from harness.records import Example


def facts(evidence: TaskEvidence) -> DataFacts:
    """Sizes, labels, copies, conflicts and leaks.

    Copies are rows whose text stands in their own split before, whatever its case and white space.
    """
    report = evidence.report
    splits = {"train": evidence.train, "validation": evidence.validation, "test": evidence.test}
    closed = evidence.brief.kind in ("label", "labels")
    return DataFacts(
        rows={name: len(rows) for name, rows in splits.items()},
        labels={name: _labels(rows, evidence.brief.labels) for name, rows in splits.items()} if closed else {},
        copies=report.normalised_within.rows,
        conflicts=report.conflicts.rows,
        leaks=report.leaks.rows,
        dropped=report.dropped,
        near=report.near_duplicates.rows,
        near_leaks=report.near_leaks.rows,
        divided=report.divided,
        times=report.times,
        warnings=report.warnings,
    )


def _labels(rows: Sequence[Example], order: Mapping[str, str]) -> dict[str, int]:
    counts = Counter(label for example in rows for label in example.targets)
    return {label: counts[label] for label in dict.fromkeys((*order, *counts))}
