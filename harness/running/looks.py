"""How many earlier runs looked at any of the same test rows: every look makes the best figure a little luckier.

data/reviews.seen   3f9a1c0e5b7d2468     <- a hash of one test row's id and text, whatever its target
                    a61c331a220fa0f9

One row in common is enough: a row that was dropped or given another target does not make the rest unseen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from harness import journal
from harness.data.fingerprint import of_rows
from harness.errors import StoreError
from harness.records import Example
from harness.running.store import RunFolder, runs


def keep(folder: RunFolder, task: str, test: Iterable[Example]) -> None:
    """Notes which test rows a run looks at."""
    journal.replace(_path(folder, task), "".join(f"{each}\n" for each in sorted(_hashes(test))))


def looks(results: Path, tests: Mapping[str, tuple[Example, ...]]) -> dict[str, int]:
    """By task, the runs in a results folder that have looked at any of its test rows, under any task's name.

    Args:
        results: The folder.
        tests: Test rows by task.
    """
    rows = {task: _hashes(test) for task, test in tests.items()}
    found = dict.fromkeys(tests, 0)

    @cache  # only runs whose rows are gone ask for it
    def fingerprint(task: str) -> str:
        return of_rows(tests[task])

    for run in runs(results):
        summaries = {task: each for task, each in run.header.data.items() if run.looked_at(task)}
        seen = {task: _seen(run, task) for task in summaries}
        for task in tests:
            found[task] += any(
                fingerprint(task) == summaries[other].test_fingerprint
                if known is None
                else not rows[task].isdisjoint(known)
                for other, known in seen.items()
            )
    return found


def _seen(run: RunFolder, task: str) -> set[str] | None:
    """From the run's own note or, where an older version wrote it, from its rows; None where neither is there."""
    try:
        return set(_path(run, task).read_text().split())
    except OSError:
        pass
    try:
        return _hashes(run.data(task).test)
    except StoreError:
        return None


def _hashes(test: Iterable[Example]) -> set[str]:
    return {hashlib.sha256(json.dumps(_asked(each)).encode()).hexdigest()[:16] for each in test}


def _asked(example: Example) -> tuple[object, ...]:
    turns = [(turn.role, turn.content) for turn in example.query.history]
    return (example.query.id, example.query.text, *([turns] if turns else []))


def _path(run: RunFolder, task: str) -> Path:
    return run.path / "data" / f"{task}.seen"
