"""Test rows whose text was longer than a model's window: what a strategy sees of them is cut, chunked or refused.

    longer than the window   of this strategy   n=41
                             of any strategy    n=63     <- of some strategy of the task
                             of none            n=237

A row is among them where the notes on an answer say so (`long: head`), or where it failed as `too-long`.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.comparing.evidence import Contender, TaskEvidence

WINDOW = "longer than the window"
OWN, ANY, NONE = "of this strategy", "of any strategy", "of none"


def beyond(contender: Contender) -> frozenset[str]:
    """Ids of the test rows that were too long for this strategy in any of its trials."""
    return frozenset(
        row
        for trial in contender.answered
        for row, answer in trial.answers.items()
        if "long" in answer.notes or answer.failure == "too-long"
    )


def _answers(contender: Contender) -> bool:
    """Whether a strategy answered any row."""
    return any(answer.failure is None for trial in contender.answered for answer in trial.answers.values())


def against_windows(evidence: TaskEvidence) -> dict[str, Mapping[str, tuple[str, ...]]]:
    """Contender to slice to ids of test rows; no slices where every text fits every window."""
    by_name = {each.name: beyond(each) for each in evidence.contenders}
    # A strategy that could ask nothing has every row among its own, and would leave no other slice anything.
    anyones = frozenset().union(*(by_name[each.name] for each in evidence.contenders if _answers(each)))
    if anyones.isdisjoint(evidence.ids):
        return {name: {} for name in by_name}
    found: dict[str, Mapping[str, tuple[str, ...]]] = {}
    for name, own in by_name.items():
        # The same rows twice would say nothing more.
        rows = {OWN: own, ANY: anyones if own != anyones else frozenset(), NONE: set(evidence.ids) - anyones}
        slices = {value: tuple(row for row in evidence.ids if row in ids) for value, ids in rows.items()}
        found[name] = {value: ids for value, ids in slices.items() if ids}
    return found
