"""What a run was to have and has not: trials of its plan without a whole record.

tweets/knn/0-0    not begun, or its record is gone
tweets/lora/0-0   failed
tweets/shots/1-0  finished, with 150 of 300 test rows in its record
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.records import Record, RunHeader, TrialHeader, TrialKey
from harness.running.plan import What, lacking, planned

if TYPE_CHECKING:
    from harness.running.store import RunFolder
    from harness.running.trial_folder import TrialFolder

_SAID = {
    "missing": "not begun, or its record is gone",
    "running": "not finished",
    "stopped": "stopped before its end",
    "failed": "failed",
}


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
    what: What
    words: str

    def __str__(self) -> str:
        return f"{self.key}: {self.words}"


def gaps(folder: RunFolder) -> tuple[Gap, ...]:
    """The trials of a run's plan that are not whole, in its order; empty where there is nothing left to do.

    Raises:
        StoreError: The run's suite or a trial's header cannot be read.
    """
    header = folder.header
    begun = ((trial, trial.header) for trial in folder.trials())
    there = {of_trial.key: (trial, of_trial) for trial, of_trial in begun}
    keys = [TrialKey(**key._asdict()) for key in planned(header, folder.suite, folder.path / "suite.json")]
    found = (_gap(header, key, there.get(key)) for key in keys)
    return tuple(gap for gap in found if gap is not None)


def is_complete(folder: RunFolder) -> bool:
    """Whether a run has come to its end and no trial of its plan is missing."""
    return folder.header.finished is not None and not gaps(folder)


def is_whole(trial: TrialHeader, folder: TrialFolder, rows: int) -> bool:
    """Whether nothing is left to do for a trial, by its status and by the test rows in its record."""
    return lacking(trial.status, folder.answered, rows) is None


def _gap(header: RunHeader, key: TrialKey, there: tuple[TrialFolder, TrialHeader] | None) -> Gap | None:
    if there is None:
        return Gap(run=header.id, key=key, what="missing", words=_SAID["missing"])
    folder, trial = there
    rows = header.data[key.task].test if key.task in header.data else 0
    what = lacking(trial.status, folder.answered, rows)
    if what is None:
        return None
    words = _SAID.get(what) or f"finished, with {folder.answered():,} of {rows:,} test rows in its record"
    return Gap(run=header.id, key=key, what=what, words=words)
