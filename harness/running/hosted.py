"""Files, jobs and tuned models that a run has with providers: looked at, cancelled and deleted from outside of it.

ftjob-abc   running     openai   tweets/tuned/0-0
file-def                openai   tweets/tuned/0-0    to be deleted once the run is whole
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from harness.calls.patience import Asker
from harness.calls.pool import ModelPool
from harness.calls.tuning_book import JOBS, Held, TuningBook
from harness.errors import HarnessError, ModelError, StoreError, suggest
from harness.finetuning import FineTuning, JobEvent, TuningJob
from harness.models import CallFailed
from harness.privacy.owner import owner_only
from harness.privacy.staying import staying
from harness.running.gaps import gaps
from harness.running.store import RunFolder
from harness.suite.load import Loaded

T = TypeVar("T")

_PATIENCE_SECONDS = 10.0  # somebody sits before the screen


def book(folder: RunFolder) -> TuningBook:
    return TuningBook(folder.path / JOBS)


def jobs(kept: TuningBook) -> list[Held]:
    """All jobs but those that were never made."""
    return [held for held in kept.all() if held.what == "job" and held.stage != "refused"]


def going_on(kept: TuningBook) -> list[Held]:
    """Jobs that had not ended when they were last seen; one whose making ended unclear has no id yet."""
    return [held for held in jobs(kept) if not (held.job and held.job.ended)]


def belonging(kept: TuningBook, job: Held) -> list[Held]:
    """What else the provider has of a job's trial: its files, what was tuned, what answers for it."""
    return [held for held in left_there(kept) if held.trial == job.trial]


def left_there(kept: TuningBook) -> list[Held]:
    """All files and models of a run that the provider has as far as is known."""
    return [h for h in kept.all() if h.what != "job" and h.id is not None and h.stage != "deleted"]


class Provider:
    """The providers of a run's models, each opened when it is first asked; see `provider`.

    Raises (all methods):
        ModelError: The model cannot be opened (no key), or its provider does not do it.

    Args:
        loaded: The suite.
        kept: The run's book.
        pool: Its models.
    """

    def __init__(self, loaded: Loaded, kept: TuningBook, pool: ModelPool) -> None:
        self._loaded = loaded
        self._pool = pool
        self.book = kept

    def look(self, held: Held) -> Held:
        """A job as it stands now; one whose making ended unclear is looked for, and may not be there."""
        if held.id is None:
            found = self._ask(held, lambda tuning: tuning.find(held.sent))
            return held if found is None else self.book.put(held, id=found.id, job=found, stage="made")
        id_ = held.id
        seen: TuningJob = self._ask(held, lambda tuning: tuning.job(id_))
        return held if seen == held.job else self.book.put(held, job=seen)

    def cancel(self, held: Held) -> Held:
        """A job after it was told to stop; one that has ended stays as it is."""
        held = self.look(held)
        if held.id is None or (held.job and held.job.ended):
            return held
        id_ = held.id
        self._ask(held, lambda tuning: tuning.cancel(id_))
        return self.look(held)

    def events(self, held: Held) -> Sequence[JobEvent]:
        return self._ask(held, lambda tuning: tuning.events(str(held.id)))

    def delete(self, held: Held) -> None:
        """Deletes a file or a tuned model."""

        def do(tuning: FineTuning) -> None:
            (tuning.delete_model if held.what == "model" else tuning.delete_file)(str(held.id))

        self._ask(held, do)
        self.book.put(held, stage="deleted")

    def _ask(self, held: Held, do: Callable[[FineTuning], T]) -> T:
        if held.model not in self._loaded.models:
            known = suggest(held.model, self._loaded.models)
            raise ModelError(f"the suite has no model {held.model!r} any more; {known}")
        tuning = self._pool.get(held.model).tuning
        if tuning is None:
            raise ModelError(f"model {held.model!r} has no fine-tuning any more")
        asker = Asker(held.trial, held.model, time.sleep, lambda _: None)
        try:
            return asker.patiently(lambda: do(tuning), held.what, _PATIENCE_SECONDS)
        except CallFailed as error:
            raise ModelError(f"{held.provider}, {held.what} {held.id or held.sent}: {error}") from error


@contextmanager
def provider(loaded: Loaded, kept: TuningBook) -> Iterator[Provider]:
    """Opens the way to the providers of a run's book; leaving frees it."""
    with ExitStack() as stack:
        stack.enter_context(staying(loaded.suite.privacy))
        stack.enter_context(owner_only())
        pool = ModelPool(loaded.models)
        stack.callback(pool.close)
        yield Provider(loaded, kept, pool)


def tidy(loaded: Loaded, folder: RunFolder, kept: TuningBook, pool: ModelPool) -> list[str]:
    """Deletes what strategies no longer want, once no trial of the run may need it.

    Args:
        loaded: The suite.
        folder: The run.
        kept: Its book.
        pool: Its models.

    Returns:
        What the user is told of it.
    """
    unwanted = [held for held in kept.all() if held.stage == "unwanted"]
    if not unwanted:
        return []
    if left := len(gaps(folder)):
        many = "a trial is" if left == 1 else f"{left} trials are"
        return [f"{many} not whole, so nothing is deleted with providers yet; --resume goes on"]
    ways, gone, said = Provider(loaded, kept, pool), [], []
    for held in unwanted:
        try:
            ways.delete(held)
            gone.append(f"{held.what} {held.id}")
        except HarnessError as error:
            said.append(f"{error.message}; `harness jobs {folder.id} --delete {held.id}` tries again")
    return [*([f"deleted with the provider, as the suite says: {', '.join(gone)}"] if gone else []), *said]


def named(books: Sequence[TuningBook], id_: str) -> tuple[TuningBook, Held]:
    """The job, file or model of this id, and the book that it stands in.

    Raises:
        StoreError: No run has it.
    """
    known = [(kept, held) for kept in books for held in kept.all() if held.id is not None]
    for kept, held in known:
        if id_ == held.id:
            return kept, held
    ids = [str(held.id) for _, held in known if held.stage != "deleted"]
    raise StoreError(f"no run here has {id_!r} with a provider; {suggest(id_, ids)}")
