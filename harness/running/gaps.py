"""What a run was to have and has not: trials of its plan without a whole record.

tweets/knn/0-0    not begun, or its record is gone
tweets/lora/0-0   failed
tweets/shots/1-0  finished, with 150 of 300 test rows in its record
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from pydantic import BaseModel, ValidationError

from harness.errors import StoreError
from harness.records import Record, RunHeader, TrialHeader, TrialKey
from harness.running.store import RunFolder
from harness.running.trial_folder import CHANGED, TrialFolder

_SAID = {
    "missing": "not begun, or its record is gone",
    "running": "not finished",
    "stopped": "stopped before its end",
    "failed": "failed",
}


class _Named(BaseModel):
    name: str


class _Planned(_Named):
    tasks: tuple[str, ...] | None = None


class _Plan(BaseModel):
    """What a plan needs of a kept suite; to check all of it takes as long as to read a hundred runs."""

    tasks: tuple[_Named, ...]
    strategies: tuple[_Planned, ...] = ()
    yardsticks: tuple[str, ...] | None = None


class Gap(Record):
    """A trial of a run's plan that has no whole record.

    Attributes:
        run: The run's id.
        key: Which trial.
        what: `missing` has no record at all; `rows` is said to be finished and lacks rows; else its status.
        words: What of it there is.
    """

    run: str
    key: TrialKey
    what: Literal["missing", "rows", "running", "stopped", "failed"]
    words: str

    def __str__(self) -> str:
        return f"{self.key}: {self.words}"


class Begun(NamedTuple):
    """A trial's folder, and its header as it was read once."""

    folder: TrialFolder
    header: TrialHeader


def begun(folder: RunFolder) -> list[Begun]:
    """All trials of a run that were begun, candidates of a matrix too."""
    return [Begun(trial, trial.header) for trial in folder.trials()]


def gaps(folder: RunFolder, trials: Sequence[Begun] | None = None) -> tuple[Gap, ...]:
    """The trials of a run's plan that are not whole, in its order; empty where there is nothing left to do.

    Args:
        folder: The run.
        trials: Those that were begun, where they are read already.

    Raises:
        StoreError: The run's suite or a trial's header cannot be read.
    """
    header = folder.header
    there = {trial.header.key: trial for trial in (begun(folder) if trials is None else trials)}
    found = (_gap(header, key, there.get(key)) for key in planned(folder))
    return tuple(gap for gap in found if gap is not None)


def is_complete(folder: RunFolder) -> bool:
    """Whether a run has come to its end and no trial of its plan is missing."""
    return folder.header.finished is not None and not gaps(folder)


def planned(folder: RunFolder) -> list[TrialKey]:
    """The trials that a run was begun with, from what it keeps of its suite; no plugin is loaded.

    Raises:
        StoreError: The run's suite cannot be read.
    """
    header = folder.header
    try:
        suite = _Plan.model_validate(folder.suite)
    except ValidationError as error:
        raise StoreError(CHANGED, where=str(folder.path / "suite.json")) from error
    tasks_of = {entry.name: entry.tasks for entry in suite.strategies} | dict.fromkeys(suite.yardsticks or ())
    return [
        TrialKey(task=task.name, strategy=name, seed=seed, repeat=repeat, train_size=size)
        for task in suite.tasks
        for seed in header.seeds
        for repeat in range(header.repeats)
        for size in (header.sizes or (None,))
        for name, tasks in tasks_of.items()
        if (not header.only or name in header.only) and (tasks is None or task.name in tasks)
    ]


def is_whole(trial: TrialHeader, folder: TrialFolder, rows: int) -> bool:
    """Whether nothing is left to do for a trial, by its status and by the test rows in its record."""
    if trial.status == "finished":
        return folder.answered() >= rows
    return trial.status == "not-applicable"


def _gap(header: RunHeader, key: TrialKey, there: Begun | None) -> Gap | None:
    if there is None:
        return Gap(run=header.id, key=key, what="missing", words=_SAID["missing"])
    folder, trial = there
    if trial.status in ("running", "stopped", "failed"):
        return Gap(run=header.id, key=key, what=trial.status, words=_SAID[trial.status])
    rows = header.data[key.task].test if key.task in header.data else 0
    if is_whole(trial, folder, rows):
        return None
    if trial.status == "candidate":
        return Gap(run=header.id, key=key, what="missing", words=_SAID["missing"])
    words = f"finished, with {folder.answered():,} of {rows:,} test rows in its record"
    return Gap(run=header.id, key=key, what="rows", words=words)
