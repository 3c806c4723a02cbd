"""The only meter. Whatever costs something is booked here, into the trial and the phase that used it.

ledger.jsonl   {"name": "bulk/9f2c…", "trial": {…}, "phase": "bulk", "query_id": "a41…",
"usage": {"model": "smollm2-135m-instruct", "input_tokens": 71, "device_seconds": 0.08}, …}
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from harness.journal import Journal, read
from harness.records import Exchange, LedgerEntry, Phase, TrialKey, Usage


class Meter:
    """Books what one trial uses.

    Attributes:
        trial: Whose it is.
        phase: What is being done now; the runner sets it. What it begins with is what preparing is booked as.
        live: Seconds of models at work that were spent in this process, since the last `reset`.
        replayed: Seconds that replays stand for, as first observed.
        waited: Seconds spent waiting for limits and retries.
    """

    def __init__(self, path: Path, trial: TrialKey, phase: Phase = "prepare") -> None:
        self.trial = trial
        self.phase: Phase = phase
        self._preparing = phase
        self.live = self.replayed = self.waited = 0.0
        self._scope: list[str] = []
        self._counts: dict[str, int] = defaultdict(int)
        self._exchanges: dict[str, list[Exchange]] = defaultdict(list)
        self._lock = Lock()
        self._journal = Journal(path)

    def reset(self) -> None:
        self.live = self.replayed = self.waited = 0.0

    @contextmanager
    def scope(self, name: str) -> Iterator[None]:
        """Names of entries booked inside start with the step's, so that they are the same after a resume."""
        self._scope.append(name)
        try:
            yield
        finally:
            self._scope.pop()

    def name(self, *parts: str) -> str:
        """A name for an entry: the same work has the same name in every attempt."""
        return "/".join((self.phase, *self._scope, *parts))

    def nth(self, what: str) -> str:
        """A name for the nth thing of its sort in this scope."""
        name = self.name(what)
        with self._lock:
            self._counts[name] += 1
            return f"{name}#{self._counts[name]}"

    def book(
        self, name: str, usage: Usage, seconds: float, *, paid: bool, query_id: str | None = None
    ) -> LedgerEntry:
        entry = LedgerEntry(
            name=name,
            trial=self.trial,
            phase=self.phase,
            query_id=query_id,
            usage=usage,
            seconds=seconds,
            paid=paid,
            at=datetime.now(UTC),
        )
        self._journal.append(entry)
        with self._lock:
            if paid:
                self.live += seconds
            else:
                self.replayed += seconds
        return entry

    def wait(self, seconds: float) -> None:
        with self._lock:
            self.waited += max(0.0, seconds)

    def sent(self, query_id: str | None, exchange: Exchange) -> None:
        """Keeps what was sent for a query, for its outcome."""
        if query_id is not None and self.phase in ("sample", "bulk", "validation"):
            with self._lock:
                self._exchanges[query_id].append(exchange)

    def take_exchanges(self, query_id: str) -> tuple[Exchange, ...]:
        with self._lock:
            return tuple(self._exchanges.pop(query_id, ()))

    def copy(self, entries: Iterable[LedgerEntry], source: str) -> None:
        """Charges another trial's preparation to this one, without paying it again.

        The names leave the current step out: however often the other is asked for, it is charged once.
        """
        for entry in entries:
            if entry.phase == self._preparing:
                copied = entry.model_copy(
                    update={"name": f"{self._preparing}/{source}/{entry.name}", "trial": self.trial, "paid": False}
                )
                self._journal.append(copied)

    def has(self, name: str) -> bool:
        """Whether something was booked under this name, by an earlier process too."""
        return any(entry.name == name for entry in entries(self._journal.path))

    def close(self) -> None:
        self._journal.close()


def entries(path: Path) -> Iterator[LedgerEntry]:
    """Every line: what was really paid, work that was lost to a kill included."""
    return read(path, LedgerEntry)


def costed(path: Path) -> list[LedgerEntry]:
    """What an unbroken run would have used: of each name the last entry."""
    latest: dict[str, LedgerEntry] = {}
    for entry in entries(path):
        latest[entry.name] = entry
    return list(latest.values())
