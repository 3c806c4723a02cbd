"""Which trials a run was to have, and what of one is missing: from plain values, so that `harness ls` is quick.

tweets/knn/0-0    missing     not begun, or its record is gone
tweets/lora/0-0   failed
tweets/shots/1-0  rows        finished, with 150 of 300 test rows in its record
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

from harness.errors import StoreError

What: TypeAlias = Literal["missing", "rows", "running", "stopped", "failed"]
CHANGED = "this was changed, or written by another version"
_AT_ONCE = 1 << 20  # bytes
_UNDONE: Mapping[str, What] = {"running": "running", "stopped": "stopped", "failed": "failed"}


class Asked(Protocol):
    """What of a run's header its plan needs; see `RunHeader`."""

    @property
    def seeds(self) -> Sequence[int]: ...
    @property
    def repeats(self) -> int: ...
    @property
    def sizes(self) -> Sequence[int]: ...
    @property
    def only(self) -> Sequence[str]: ...


class Planned(NamedTuple):
    """A trial of a plan; the fields of a `TrialKey`."""

    task: str
    strategy: str
    seed: int
    repeat: int
    train_size: int | None

    def __str__(self) -> str:
        size = "" if self.train_size is None else f"-n{self.train_size}"
        return f"{self.task}/{self.strategy}/{self.seed}-{self.repeat}{size}"


def planned(header: Asked, suite: Mapping[str, Any], where: Path) -> list[Planned]:
    """The trials that a run was begun with, in the order of its suite.

    Args:
        header: The run's.
        suite: As the run keeps it.
        where: Its file.

    Raises:
        StoreError: It is no suite.
    """
    try:
        tasks = [str(task["name"]) for task in suite["tasks"]]
        tasks_of = {str(entry["name"]): entry.get("tasks") for entry in suite.get("strategies") or ()}
        tasks_of |= dict.fromkeys(suite.get("yardsticks") or ())
        return [
            Planned(task, name, seed, repeat, size)
            for task in tasks
            for seed in header.seeds
            for repeat in range(header.repeats)
            for size in (header.sizes or (None,))
            for name, its_tasks in tasks_of.items()
            if (not header.only or name in header.only) and (its_tasks is None or task in its_tasks)
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise StoreError(CHANGED, where=str(where)) from error


def lacking(status: str | None, answered: Callable[[], int], rows: int) -> What | None:
    """What is missing of a trial; None where it is whole.

    Args:
        status: Of its header; None where there is none.
        answered: How many test rows are in its record.
        rows: How many there are.
    """
    if status is None or status == "candidate":
        return "missing"
    if status in _UNDONE:
        return _UNDONE[status]
    return "rows" if status == "finished" and answered() < rows else None


def answered(outcomes: Path) -> int:
    """How many test rows have an outcome: whole lines of the file, which are not looked into."""
    try:
        with outcomes.open("rb") as file:
            return sum(part.count(b"\n") for part in iter(lambda: file.read(_AT_ONCE), b""))
    except FileNotFoundError:
        return 0
