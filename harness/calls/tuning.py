"""A provider's fine-tuning behind what makes it safe: nothing is made twice, and what may be repeated is.

    upload, create     an intent on disk, one attempt, the id on disk; after an unclear ending (a time-out, a
                       broken connection, a kill) the provider's list is asked before any second attempt
    everything else    retried with growing pauses, or those that the provider asks for

Deleting is put off until the run is whole, because another strategy of it may still ask the tuned model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from harness.calls.backoff import pause
from harness.calls.fresh import FreshEndpoint
from harness.calls.patience import Asker
from harness.calls.tuning_book import Held, TuningBook, What, mark
from harness.errors import ModelError, StillRunning, TuningRefused
from harness.finetuning import CurvePoint, FileRules, FineTuning, JobEvent, JobOrder, TuningJob
from harness.models import BatchEndpoint, CallFailed, Endpoint

T = TypeVar("T")

ATTEMPTS = 3  # at making something whose earlier attempts made nothing, as far as the provider's list tells
_READ_SECONDS = 180.0  # for which a read is tried again
_PLACE_SECONDS = 24 * 3600.0  # for which a place among an account's jobs is waited for: they take hours
_JOB_SECONDS = 3600.0  # likewise of a job under way: a laptop may have been asleep, or without a network
_FRESH_SECONDS = 1800.0  # for which a tuned model's name may not be known everywhere
_LOOKS = (0.0, 0.1, 0.3, 0.6)  # pauses between looks at a list, as shares of how far it may be behind
_SAYS = {"quota": "credit", "file": "refused"}  # words that make ours needless
_UNCLEAR = frozenset({"timeout", "connection", "server", "malformed"})


class SafeTuning:
    """Implements `FineTuning` on an adapter's; each method may be called again at any time.

    Raises (all methods):
        TuningRefused: The provider does not take it, and will not take the same later.
        ModelError: It cannot be asked.

    Args:
        tuning: The adapter, one attempt each.
        book: The run's.
        asker: Who asks.
    """

    def __init__(self, tuning: FineTuning, book: TuningBook, asker: Asker) -> None:
        self._tuning = tuning
        self._book = book
        self._asker = asker

    @property
    def name(self) -> str:
        return self._tuning.name

    @property
    def rules(self) -> FileRules:
        return self._tuning.rules

    def upload(self, path: Path, key: str) -> str:
        held = self._once(
            "file", key, self._tuning.find_file, lambda sent: (self._tuning.upload(path, sent), None)
        )
        return str(held.id)

    def find_file(self, key: str) -> str | None:
        held = self._book.find("file", key)
        return held.id if held is not None else None

    def file_ready(self, file: str) -> bool:
        return self._read(lambda: self._tuning.file_ready(file), f"file {file}")

    def create(self, order: JobOrder) -> TuningJob:
        def make(sent: str) -> tuple[str, TuningJob]:
            job = self._tuning.create(order.model_copy(update={"key": sent}))
            return job.id, job

        held = self._once("job", order.key, self._tuning.find, make)
        return held.job or self.job(str(held.id))

    def find(self, key: str) -> TuningJob | None:
        held = self._book.find("job", key)
        return self.job(held.id) if held is not None and held.id is not None else None

    def job(self, job: str) -> TuningJob:
        """How a job stands.

        Raises:
            StillRunning: The provider could not be reached for an hour, and nobody knows how it stands.
        """
        try:
            seen = self._asker.patiently(lambda: self._tuning.job(job), f"job {job}", _JOB_SECONDS)
        except CallFailed as error:
            if not error.retry or error.fatal:
                raise self._refused(error) from error
            raise StillRunning(
                f"{self.rules.provider} could not be asked about job {job}: {error}. The job may go on there:"
                " --resume takes it up"
            ) from error
        held = self._book.of_id("job", job)
        if held is not None and held.job != seen:
            self._book.put(held, job=seen)
        if seen.model is not None and self._book.find("model", seen.model) is None:
            self._book.put(self._new("model", seen.model), id=seen.model, stage="made")
        return seen

    def events(self, job: str) -> Sequence[JobEvent]:
        return self._read(lambda: self._tuning.events(job), f"events of job {job}")

    def curve(self, job: TuningJob) -> Sequence[CurvePoint]:
        return self._read(lambda: self._tuning.curve(job), f"curve of job {job.id}")

    def cancel(self, job: str) -> None:
        self._read(lambda: self._tuning.cancel(job), f"cancelling job {job}")

    def deploy(self, job: TuningJob, key: str) -> str:
        held = self._book.find("model", key)
        if held is not None and held.id is not None:
            return held.id
        try:
            name = self._asker.patiently(lambda: self._tuning.deploy(job, job.id), "deployment", _JOB_SECONDS)
        except CallFailed as error:
            raise self._refused(error) from error
        if self._book.of_id("model", name) is None:
            self._book.put(self._new("model", key), id=name, stage="made")
        return name

    def endpoint(self, model: str) -> Endpoint:
        """What was tuned; one that is fresh may not be known everywhere yet, and is waited for."""
        held = self._book.of_id("model", model)
        if held is not None and held.stage == "deleted":
            raise ModelError(f"the tuned model {model!r} was deleted with {held.provider}: start a new run")
        endpoint = self._tuning.endpoint(model)
        if isinstance(endpoint, BatchEndpoint) and endpoint.batched:
            return endpoint  # a batch waits anyhow
        age = None if held is None else (datetime.now(UTC) - held.at).total_seconds()
        return FreshEndpoint(endpoint, _FRESH_SECONDS) if age is not None and age < _FRESH_SECONDS else endpoint

    def delete_model(self, model: str) -> None:
        self._unwanted("model", model)

    def delete_file(self, file: str) -> None:
        self._unwanted("file", file)

    def _once(
        self,
        what: What,
        key: str,
        find: Callable[[str], object],
        make: Callable[[str], tuple[str, TuningJob | None]],
    ) -> Held:
        held = self._book.find(what, key)
        if held is not None and held.id is not None:
            return held
        unclear = held is not None and held.stage == "intended"
        if held is None or not unclear:
            held = self._book.put(self._new(what, key) if held is None else held, stage="intended")
        # Once an attempt has ended unclear, the list is looked at before each other: it may be far behind.
        attempt, unclears, waited = 0, 0, 0.0
        while True:
            if unclear and (found := self._look(what, held, find)) is not None:
                return found
            try:
                id_, job = make(held.sent)
                return self._book.put(held, id=id_, job=job, stage="made")
            except CallFailed as error:
                now_unclear = error.billed or error.kind in _UNCLEAR
                unclear, unclears = unclear or now_unclear, unclears + now_unclear
                wait, kind = pause(attempt, error), error.kind
                done = error.fatal or not (error.retry or now_unclear)
                patience = _PLACE_SECONDS if error.kind == "rate-limit" and what == "job" else _READ_SECONDS
                if done or unclears == ATTEMPTS or waited + wait > patience:
                    if unclear and (found := self._look(what, held, find)) is not None:
                        return found
                    if now_unclear:
                        raise ModelError(f"{self._said(error)}. --resume looks for the {what} first") from error
                    self._book.put(held, stage="refused")
                    raise self._refused(error) from error
            self._asker.say(f"the {what} is not taken yet ({kind}); trying again")
            self._asker.sleep(wait)
            attempt, waited = attempt + 1, waited + wait

    def _look(self, what: What, held: Held, find: Callable[[str], object]) -> Held | None:
        """What an attempt that nobody knows the end of has made after all; None where nothing is to be seen."""
        for share in _LOOKS:
            if share:
                self._asker.say(f"looking whether {self.rules.provider} has the {what} already")
                self._asker.sleep(share * self.rules.lag_seconds)
            try:
                found = self._asker.patiently(lambda: find(held.sent), f"the list of {what}s", _READ_SECONDS)
            except CallFailed as error:  # not refused: the thing itself may be there
                raise ModelError(f"whether the {what} was made is not known: {self._said(error)}") from error
            if isinstance(found, TuningJob):
                return self._book.put(held, id=found.id, job=found, stage="made")
            if isinstance(found, str):
                return self._book.put(held, id=found, stage="made")
        return None

    def _read(self, do: Callable[[], T], what: str) -> T:
        try:
            return self._asker.patiently(do, what, _READ_SECONDS)
        except CallFailed as error:
            raise self._refused(error) from error

    def _refused(self, error: CallFailed) -> ModelError:
        said = self._said(error)
        return ModelError(said) if error.retry and not error.fatal else TuningRefused(error.kind, said)

    def _said(self, error: CallFailed) -> str:
        provider, words = self.rules.provider, str(error)
        known = {
            "closed": "the provider has closed this: it makes no new fine-tuning jobs for this account",
            "quota": "the account has no credit, or is at its limit",
            "file": "the training file is refused",
        }.get(error.kind)
        # An adapter may have said so in its own words.
        said = known is None or _SAYS.get(error.kind, error.kind) in words
        return f"{provider}: {words}" if said else f"{provider}: {known}: {words}"

    def _unwanted(self, what: What, id_: str) -> None:
        held = self._book.of_id(what, id_) or self._new(what, id_).model_copy(update={"id": id_})
        if held.stage != "deleted":
            self._book.put(held, stage="unwanted")

    def _new(self, what: What, key: str) -> Held:
        return Held(
            what=what,
            key=key,
            sent=mark(key),
            trial=self._asker.trial,
            model=self._asker.model,
            provider=self.rules.provider,
            at=datetime.now(UTC),
        )
