"""What a scripted provider remembers: one JSON file, so that it outlives the processes that ask it.

state.json   {"files": {"file-1": {"key": "…", "polls": 2}}, "jobs": {"job-1": {…}}, "calls": {"create": 1}, …}
file-1.jsonl what was uploaded
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

AUDIT = "harness.testing.tuning"  # the event that each call to a provider raises
State = dict[str, Any]  # JSON


class TuningState:
    """A folder with the state of a provider.

    Args:
        folder: Made where it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def open(self) -> Iterator[State]:
        """The state, to be changed; other threads and processes wait."""
        lock = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            path = self.folder / "state.json"
            empty: State = {"files": {}, "jobs": {}, "models": {}, "calls": {}, "deleted": []}
            state: State = json.loads(path.read_text()) if path.exists() else empty
            yield state
            new = self.folder / "state.new"
            new.write_text(json.dumps(state, indent=1))
            os.replace(new, path)  # whole for whoever is killed now; not flushed, which tests would wait for
        finally:
            os.close(lock)

    def read(self) -> State:
        with self.open() as state:
            return state

    def count(self, call: str) -> int:
        """Counts a call; how many there were of its sort before."""
        with self.open() as state:
            number: int = state["calls"].get(call, 0)
            state["calls"][call] = number + 1
            return number

    def content(self, file: str) -> Path:
        return self.folder / f"{file}.jsonl"
