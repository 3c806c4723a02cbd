"""A job of days, looked at thousands of times, by a clock that is nobody's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from harness import Context, FineTuning
from harness.finetuning import FileRules, JobEvent, TuningJob
from harness_hosted.records import Asked, Uploaded
from harness_hosted.strategy import HostedFineTune
from harness_hosted.waiting import Waiting

DAY = 24 * 3600.0


class Trial:
    """What of a context waiting needs; it sleeps at once, and counts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.slept = 0.0

    def sleep(self, seconds: float) -> None:
        self.slept += seconds

    def progress(self, done: int, total: int, what: str) -> None: ...

    def warn(self, message: str) -> None: ...


class Slow:
    """A provider whose job takes three days."""

    rules = FileRules(provider="slow")

    def __init__(self, trial: Trial) -> None:
        self.trial = trial

    def job(self, job: str) -> TuningJob:
        over = self.trial.slept > 3 * DAY
        return TuningJob(id=job, state="succeeded" if over else "running", told="?", model="ft" if over else None)

    def events(self, job: str) -> Sequence[JobEvent]:
        return ()


def test_a_job_of_three_days_is_waited_for_to_its_end(tmp_path: Path) -> None:
    trial = Trial(tmp_path)
    slow: Any = Slow(trial)
    waiting = Waiting(HostedFineTune(model="m"), cast(FineTuning, slow), cast(Context, trial))
    job = waiting.until_ended(Asked(id="j", asked=datetime.now(UTC), files=Uploaded(training="f")))
    assert "succeeded" == job.state
    assert 3 * DAY < trial.slept <= 3 * DAY + 30
