"""The steps of a trial: each done once, on disk before anybody believes it.

steps/epoch-1-3f2a.json {"name": "epoch-1", "result": {…}, "seconds": 61.2}
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from harness import journal
from harness.errors import StoreError
from harness.records import Record, Step

R = TypeVar("R", bound=Record)


class Steps:
    """The steps in a folder.

    Args:
        folder: The trial's `steps/`; made when the first is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """Where a step is kept: readable, and one file a name."""
        readable = re.sub(r"[^A-Za-z0-9._=,-]+", "-", name)[:60]
        return self._folder / f"{readable}-{hashlib.sha256(name.encode()).hexdigest()[:8]}.json"

    def find(self, name: str) -> Step | None:
        """A step that is done; None where it is not.

        Raises:
            StoreError: What is there is no step.
        """
        path = self.path(name)
        return _read(path) if path.exists() else None

    def result(self, name: str, of: type[R]) -> R | None:
        """What a step that is done returned; None where it is not.

        Raises:
            StoreError: It is no such record.
        """
        done = self.find(name)
        if done is None:
            return None
        try:
            return of.model_validate(done.result)
        except ValidationError as error:
            raise StoreError(
                f"step {name!r} was kept by another version of the strategy; start a new run",
                where=str(self.path(name)),
            ) from error

    def keep(self, name: str, result: object, seconds: float) -> None:
        """Puts a step that was done on disk.

        Args:
            name: Its own among the trial's steps.
            result: As JSON takes it.
            seconds: What it took.
        """
        step = Step.model_validate(
            {"name": name, "result": result, "seconds": max(0.0, seconds), "at": datetime.now(UTC)}
        )
        journal.replace(self.path(name), step.model_dump_json())

    def all(self) -> list[Step]:
        """In the order in which they were done."""
        return sorted((_read(path) for path in self._folder.glob("*.json")), key=lambda step: step.at)


def _read(path: Path) -> Step:
    try:
        return Step.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise StoreError("this is not a finished step: it was changed by hand", where=str(path)) from error
