"""What was made with providers of fine-tuning: files, jobs and tuned models, in the run's folder.

    jobs.jsonl   {"what": "file", "key": "run/t/tuned/0-0/train", "stage": "intended", …}      before it is sent
                 {"what": "file", "key": "run/t/tuned/0-0/train", "id": "file-abc", …}         once it is known
                 {"what": "job", "key": "run/t/tuned/0-0/job", "id": "ftjob-1", "job": {…}, …}
                 {"what": "model", "key": "ft:mini:9f", "id": "ft:mini:9f", …}

The last line of a thing holds. One that is `intended` without an id may have been made: whoever goes on looks for
it with the provider first.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Literal

from harness.finetuning import TuningJob
from harness.journal import Journal, read
from harness.records import Record

JOBS = "jobs.jsonl"
_LONGEST = 200  # characters: providers keep 256 or 512 of them
What = Literal["file", "job", "model"]


class Held(Record):
    """One line of jobs.jsonl: a thing with a provider, as it is now.

    Attributes:
        what: Sort of thing.
        key: The run's own for it, the same after every resume.
        sent: The key that the provider was given: no other run has the same, whatever its name.
        trial: Whose it is.
        model: The suite's name of the model that is tuned.
        provider: Who has it.
        stage: `unwanted` is to be deleted once the run is whole; `refused` was never made.
        id: The provider's, once it is known.
        job: What was last seen of a job.
        at: When.
    """

    what: What
    key: str
    sent: str
    trial: str
    model: str
    provider: str
    stage: Literal["intended", "made", "refused", "unwanted", "deleted"] = "intended"
    id: str | None = None
    job: TuningJob | None = None
    at: datetime


class TuningBook:
    """The things of a run, on disk before anybody believes them; safe for the threads of one process.

    Args:
        path: The run's jobs.jsonl; made when there is something to write.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = RLock()
        self._held: dict[tuple[str, str], Held] | None = None

    def all(self) -> list[Held]:
        """In the order in which they were first thought of."""
        with self._lock:
            return list(self._known().values())

    def find(self, what: What, key: str) -> Held | None:
        with self._lock:
            return self._known().get((what, key))

    def of_id(self, what: What, id_: str) -> Held | None:
        return next((held for held in self.all() if held.what == what and held.id == id_), None)

    def put(self, held: Held, **changed: object) -> Held:
        """Writes a thing as it is now; it stands on disk before this returns."""
        held = held.model_copy(update={"at": datetime.now(UTC), **changed})
        with self._lock:
            known = self._known()
            journal = Journal(self.path)
            try:
                journal.append(held)
            finally:
                journal.close()
            known[held.what, held.key] = held
        return held

    def _known(self) -> dict[tuple[str, str], Held]:
        if self._held is None:
            self._held = {}
            for held in read(self.path, Held):
                self._held[held.what, held.key] = held
        return self._held


def mark(key: str) -> str:
    """A key for the provider: two runs of one name, on two machines of one account, must not take each other's."""
    return f"{key[-_LONGEST:]}~{secrets.token_hex(6)}"
