"""Waits for a job: looks at it now and then, tells what the provider says of it once, and heeds the deadline.

The first looks come soon, for a job on a test server takes seconds; then one every `poll_seconds`.
"""

from __future__ import annotations

import logging
import re
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from harness import Context, FineTuning, ModelError, numbers
from harness.errors import StillRunning, TuningRefused
from harness.finetuning import JobEvent, TuningJob
from harness.journal import Journal, read

if TYPE_CHECKING:
    from harness_hosted.records import Asked
    from harness_hosted.strategy import HostedFineTune

_FIRST_SECONDS = 1.0
_GROWTH = 1.5
_MOST_GROWTH = 50  # looks; by then pauses are longer than any poll_seconds, and floats have an end
_FIRST_LOOKS = 8  # in about a minute, within which a provider may not find a job that it has just made
_LOOKS_MORE = 20  # at a job that was cancelled, or whose model has no name yet
_log = logging.getLogger(__name__)
_STEP = re.compile(r"step (\d+) ?(?:/|of) ?(\d+)", re.IGNORECASE)


class Waiting:
    """Waits for one job.

    Args:
        params: The strategy's.
        tuning: The provider.
        context: The trial's.
    """

    def __init__(self, params: HostedFineTune, tuning: FineTuning, context: Context) -> None:
        self._params = params
        self._tuning = tuning
        self._context = context
        self._told_path = context.folder / "events.jsonl"
        self._told = {event.id for event in read(self._told_path, JobEvent)}
        self._last = ""
        self._progress: tuple[int, int] = (0, 1)
        self._first_seen: tuple[int, float] | None = None

    def until_ended(self, asked: Asked) -> TuningJob:
        """The job once it has ended.

        Raises:
            StillRunning: The deadline has passed, and the job is left to go on.
            TuningRefused: The provider does not know the job, or no longer.
        """
        looks = nameless = 0
        while True:
            pause = min(self._params.poll_seconds, _FIRST_SECONDS * _GROWTH ** min(looks, _MOST_GROWTH))
            try:
                job = self._tuning.job(asked.id)
            except TuningRefused as error:
                if error.kind != "not-found" or looks >= _FIRST_LOOKS:
                    raise
                self._context.sleep(pause)
                looks += 1
                continue
            self._tell_events(asked.id)
            if job.ended and (job.state != "succeeded" or job.model is not None):
                return job
            nameless += job.ended
            if nameless > _LOOKS_MORE:  # not kept: a resume looks again, and makes no other job
                raise ModelError(f"job {job.id} succeeded, and {self._tuning.rules.provider} names no tuned model")
            if self._is_late(job, asked):
                return self._at_deadline(job)
            if job.state == "paused":
                self._context.warn(
                    f"job {job.id} was paused at {self._tuning.rules.provider}: it goes on once resumed there"
                )
            self._say(job)
            self._context.sleep(pause)
            looks += 1

    def _is_late(self, job: TuningJob, asked: Asked) -> bool:
        hours = self._params.deadline_hours
        return (
            hours is not None
            and not job.ended
            and datetime.now(UTC) - (job.created or asked.asked) > timedelta(hours=hours)
        )

    def _at_deadline(self, job: TuningJob) -> TuningJob:
        hours, provider = f"{self._params.deadline_hours:g}", self._tuning.rules.provider
        if self._params.at_deadline == "leave":
            raise StillRunning(
                f"job {job.id} is still {job.told!r} at {provider} after {hours} hours (deadline_hours): it was"
                " left to go on, and --resume takes it up"
            )
        self._context.warn(f"job {job.id} was cancelled after {hours} hours (deadline_hours)")
        self._tuning.cancel(job.id)
        for _ in range(_LOOKS_MORE):
            job = self._tuning.job(job.id)
            if job.ended:
                return job
            self._context.sleep(min(self._params.poll_seconds, _FIRST_SECONDS))
        raise StillRunning(f"job {job.id} was told to stop and is still {job.told!r}; --resume looks again")

    def _tell_events(self, job: str) -> None:
        try:
            events = [event for event in self._tuning.events(job) if event.id not in self._told]
        except ModelError:
            return  # what a provider says beside the job's state is worth no failure
        if not events:
            return
        journal = Journal(self._told_path)
        for event in events:
            journal.append(event)
            self._told.add(event.id)
            self._last = event.message
            _log.info("%s %s: %s", self._tuning.rules.provider, job, event.message)
            if event.warning:
                self._context.warn(f"{self._tuning.rules.provider} says of job {job}: {event.message}")
            if step := _STEP.search(event.message):
                self._progress = int(step[1]), max(1, int(step[2]))
        journal.close()

    def _say(self, job: TuningJob) -> None:
        done, total = self._progress
        left = self._seconds_left(done, total)
        eta = "" if left is None else f", about {numbers.seconds(left)} left"
        words = f": {self._last}" if self._last else ""
        self._context.progress(done, total, f"{self._tuning.rules.provider} {job.id} {job.told}{eta}{words}")

    def _seconds_left(self, done: int, total: int) -> float | None:
        """By the pace since the first step that this process has seen."""
        if done and self._first_seen is None:
            self._first_seen = (done, time.monotonic())
        if self._first_seen is None or done <= self._first_seen[0]:
            return None
        first, at = self._first_seen
        return (time.monotonic() - at) / (done - first) * (total - done)
