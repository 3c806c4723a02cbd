"""Which requests were sent as a batch: on disk before they are sent, so that a later process takes them up.

batches.jsonl   {"key": "harness-5b7d…", "endpoint": "openai:…", "reserved": {"9f2c…": "t/knn/0-0/bulk/…#12"}}
                {"key": "harness-5b7d…", "batch": "batch_abc"}     the provider has it
                {"key": "harness-5b7d…", "booked": "9f2c…"}        a failure that was booked; answers are cached
                {"key": "harness-5b7d…", "ended": "completed"}     nothing of it is left to read
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.calls.keys import VERSION
from harness.journal import Journal, read
from harness.records import Record


class BatchNote(Record):
    """One line of batches.jsonl; each but the first of a key adds to it.

    Attributes:
        key: Marks the batch with the provider.
        endpoint: The endpoint's identity.
        reserved: By custom id of each request, the name of its reservation.
        batch: The provider's id for it.
        booked: A request whose failure was booked, so that it is not booked again where it is read again.
        ended: How it ended, once all of it was read.
    """

    key: str
    endpoint: str = ""
    reserved: Mapping[str, str] = {}
    batch: str | None = None
    booked: str | None = None
    ended: str | None = None


@dataclass
class OpenBatch:
    """A batch that is not read to its end.

    Attributes:
        key: Marks it with the provider.
        endpoint: The endpoint's identity.
        reserved: By custom id of each request, the name of its reservation.
        batch: The provider's id; None while it is not known whether the provider has it.
        booked: Requests whose failure was booked.
        done: Requests that were read, or will never be answered, in this process.
    """

    key: str
    endpoint: str
    reserved: Mapping[str, str]
    batch: str | None = None
    booked: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)

    @property
    def open_ids(self) -> set[str]:
        return set(self.reserved) - self.done


class Batches:
    """The batches of a run; safe with threads.

    Attributes:
        pause: Seconds before the second look at a batch; later ones are further apart.
        spoken: Endpoints that answered live in this process: by then they have learnt which fields are taken.

    Args:
        path: The journal, made with the first batch; None keeps it in memory alone.
        pause: As above.
    """

    def __init__(self, path: Path | None = None, pause: float = 0.5) -> None:
        self.pause = pause
        self.spoken: set[str] = set()
        self._path = path
        self._journal: Journal | None = None
        self._open: dict[str, OpenBatch] = {}
        self._claims: dict[str, int] = {}
        self._lock = threading.Lock()
        for note in read(path, BatchNote) if path is not None else ():
            self._take(note)

    def begin(self, endpoint: str, reserved: Mapping[str, str]) -> OpenBatch:
        """Notes a batch that is about to be sent."""
        note = BatchNote(key=f"harness-{secrets.token_hex(12)}", endpoint=endpoint, reserved=reserved)
        self._write(note)
        return self._open[note.key]

    def sent(self, batch: OpenBatch, id_: str) -> None:
        self._write(BatchNote(key=batch.key, batch=id_))

    def booked(self, batch: OpenBatch, custom_id: str) -> None:
        self._write(BatchNote(key=batch.key, booked=custom_id))

    def end(self, batch: OpenBatch, told: str) -> None:
        self._write(BatchNote(key=batch.key, ended=told))

    def holding(self, endpoint: str, ids: Iterable[str]) -> list[OpenBatch]:
        """Open batches with any of these requests."""
        wanted = set(ids)
        with self._lock:
            return [b for b in self._open.values() if b.endpoint == endpoint and wanted & b.open_ids]

    def claim(self, keys: Iterable[str]) -> set[str]:
        """Those of the requests that no other thread is asking now; they are the caller's until released."""
        here = threading.get_ident()
        with self._lock:
            return {key for key in keys if self._claims.setdefault(key, here) == here}

    def claimed(self, key: str) -> bool:
        return key in self._claims

    def release(self, keys: Iterable[str]) -> None:
        here = threading.get_ident()
        with self._lock:
            for key in keys:
                if self._claims.get(key) == here:
                    del self._claims[key]

    def close(self) -> None:
        if self._journal is not None:
            self._journal.close()

    def _write(self, note: BatchNote) -> None:
        with self._lock:
            if self._path is not None:
                self._journal = self._journal or Journal(self._path)
                self._journal.append(note)
            self._take(note)

    def _take(self, note: BatchNote) -> None:
        if note.key not in self._open:
            self._open[note.key] = OpenBatch(note.key, note.endpoint, note.reserved)
        batch = self._open[note.key]
        batch.batch = note.batch or batch.batch
        if note.booked is not None:
            batch.booked.add(note.booked)
        if note.ended is not None:
            del self._open[note.key]


def custom_id(key: str) -> str:
    """A request's name in a batch: its cache key without the version, 64 characters, the most that is taken."""
    return key.removeprefix(f"{VERSION}:")
