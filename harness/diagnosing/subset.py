"""A part of a task's test rows, with everything that was recorded of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from harness.comparing.evidence import TaskEvidence


def narrowed(evidence: TaskEvidence, ids: Collection[str]) -> TaskEvidence:
    """The same task with these test rows alone; answers of others stay where they are and are not looked at.

    Args:
        evidence: The task.
        ids: Of test rows.
    """
    known = frozenset(ids)
    kept = tuple(example for example in evidence.test if example.query.id in known)
    return replace(evidence, test=kept, _cache={})
