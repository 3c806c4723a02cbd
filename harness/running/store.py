"""A run's folder.

results/2026-11-21-0915-sentiment/
    run.json         what ran, on what, since when; `finished` once it has
    suite.json       the suite as resolved: every default and every parameter
    data/            the rows of each task, split as they were used
    trials/          one folder a trial, see trial.py
    budget.jsonl     reservations against --cost-limit
results/.cache.sqlite answers that later runs need not pay again
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import JsonValue, ValidationError

from harness import journal
from harness.calls.ledger import entries
from harness.errors import StoreError, suggest
from harness.records import LedgerEntry, RunHeader, TrialKey
from harness.running.lock import is_locked, locked
from harness.running.plan import CHANGED
from harness.running.trial_folder import TrialFolder

if TYPE_CHECKING:  # most of who opens a run reads no rows: what reads them is imported where it does
    from harness.data.taskdata import TaskData
    from harness.records import Example
    from harness.running.stored import StoredTask
    from harness.suite import Suite

__all__ = ["CACHE", "RunFolder", "TrialFolder", "find", "runs"]

CACHE = ".cache.sqlite"


class RunFolder:
    """One run, on disk. Everything after the trials is computed from here."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, results: Path, name: str, now: datetime) -> RunFolder:
        """A new folder of its own, also when two runs start in the same minute."""
        stem = f"{now:%Y-%m-%d-%H%M}-{name}"
        try:
            results.mkdir(parents=True, exist_ok=True)
            for number in range(1, 10_000):
                path = results / (stem if number == 1 else f"{stem}-{number}")
                try:
                    path.mkdir(mode=0o700)  # prompts and rows are their owner's
                except FileExistsError:
                    continue
                return cls(path)
        except OSError as error:
            raise journal.cannot_write(results, error) from error
        raise StoreError(f"there are 10,000 runs named {stem!r} in {str(results)!r}")

    @property
    def id(self) -> str:
        return self.path.name

    def locked(self) -> AbstractContextManager[None]:
        """Holds the run for this process; see `lock.locked`."""
        return locked(self.path)

    @property
    def header(self) -> RunHeader:
        path = self.path / "run.json"
        try:
            return RunHeader.model_validate_json(path.read_bytes())
        except OSError:
            raise StoreError(f"{str(self.path)!r} is not a run: it has no run.json") from None
        except ValidationError as error:
            raise StoreError(CHANGED, where=str(path)) from error

    def write_header(self, header: RunHeader) -> None:
        journal.replace(self.path / "run.json", header.model_dump_json(indent=1))

    @property
    def suite(self) -> Mapping[str, JsonValue]:
        """The suite as resolved.

        Raises:
            StoreError: It is gone, or no JSON.
        """
        path = self.path / "suite.json"
        try:
            loaded = json.loads(path.read_bytes())
        except OSError as error:
            raise StoreError(f"the suite of this run cannot be read: {error.strerror}", where=str(path)) from error
        except ValueError as error:
            raise StoreError("this is not JSON: it was changed, or cut short", where=str(path)) from error
        if not isinstance(loaded, dict):
            raise StoreError("this is no suite: it was changed", where=str(path))
        return loaded

    @property
    def kept_suite(self) -> Suite:
        """The same, as a record.

        Raises:
            StoreError: It is gone, or no suite.
        """
        from harness.suite import Suite

        try:
            return Suite.model_validate(self.suite)
        except ValidationError as error:
            raise StoreError(CHANGED, where=str(self.path / "suite.json")) from error

    def write_suite(self, resolved: Mapping[str, JsonValue]) -> None:
        journal.replace(self.path / "suite.json", json.dumps(resolved, indent=1, ensure_ascii=False))

    def write_task(self, data: TaskData, metric: str) -> None:
        """Keeps a task's rows; a task that is there already was kept whole."""
        from harness.running.stored import StoredRow, StoredTask

        task = StoredTask(brief=data.brief, metric=metric, fingerprint=data.fingerprint, report=data.report)
        splits: Sequence[tuple[Literal["train", "validation", "test"], Sequence[Example]]] = (
            ("train", data.train),
            ("validation", data.validation),
            ("test", data.test),
        )
        lines = [
            StoredRow(split=split, example=example).model_dump_json(exclude_defaults=True)
            for split, examples in splits
            for example in examples
        ]
        journal.replace(self.path / "data" / f"{data.brief.name}.jsonl", "\n".join(lines) + "\n")
        journal.replace(self.path / "data" / f"{data.brief.name}.json", task.model_dump_json())

    def task(self, name: str) -> StoredTask:
        from harness.running.stored import StoredTask

        path = self.path / "data" / f"{name}.json"
        try:
            return StoredTask.model_validate_json(path.read_bytes())
        except OSError as error:
            raise StoreError(f"task {name!r} cannot be read: {error.strerror}", where=str(path)) from error
        except ValidationError as error:
            raise StoreError(CHANGED, where=str(path)) from error

    def data(self, name: str) -> TaskData:
        """A task's rows.

        Raises:
            StoreError: They are gone, or fewer or more than the run began with.
        """
        from harness.data.taskdata import TaskData
        from harness.running.stored import StoredRow

        task = self.task(name)
        path = self.path / "data" / f"{name}.jsonl"
        if not path.is_file():
            raise StoreError(f"the rows of task {name!r} are gone: there is no such file", where=str(path))
        splits: dict[str, list[Example]] = {"train": [], "validation": [], "test": []}
        for row in journal.read(path, StoredRow):
            splits[row.split].append(row.example)
        kept = self.header.data.get(name)
        for split, rows in splits.items() if kept is not None else ():
            if len(rows) != (began := getattr(kept, split)):
                told = f"{len(rows):,} {split} rows are here and the run began with {began:,}"
                raise StoreError(f"{told}: the file was changed, or cut short", where=str(path))
        return TaskData(
            brief=task.brief,
            train=tuple(splits["train"]),
            validation=tuple(splits["validation"]),
            test=tuple(splits["test"]),
            fingerprint=task.fingerprint,
            report=task.report,
        )

    def tasks(self) -> list[str]:
        return sorted(path.stem for path in (self.path / "data").glob("*.json"))

    def trial(self, key: TrialKey) -> TrialFolder:
        return TrialFolder(self.path / "trials" / str(key))

    def trials(self) -> list[TrialFolder]:
        """All that were begun, candidates of a matrix too."""
        found = (path.parent for path in (self.path / "trials").glob("*/*/*/trial.json"))
        return [TrialFolder(path) for path in sorted(found)]

    def paid(self) -> Iterator[LedgerEntry]:
        """Every entry that was really paid: to ask recorded prompts again, and by trials in all their attempts."""
        from harness.drift.records import LEDGER

        yield from (entry for entry in entries(self.path / LEDGER) if entry.paid)
        for trial in self.trials():
            yield from trial.paid()

    def looked_at(self, task: str) -> bool:
        """Whether any test row of a task was ever answered."""
        return any(path.stat().st_size for path in (self.path / "trials" / task).glob("*/*/outcomes.jsonl"))

    @property
    def is_running(self) -> bool:
        """Whether a process is at work on it now."""
        return is_locked(self.path)

    def drop_fits(self) -> None:
        """Frees what strategies kept to answer again; figures and outcomes stay."""
        for trial in self.trials():
            for fit in [trial.path / "fit", *trial.path.glob("probes/**/fit")]:
                shutil.rmtree(fit, ignore_errors=True)


def runs(results: Path) -> list[RunFolder]:
    """All runs in a results folder, oldest first; a folder without a header never began."""
    if not results.is_dir():
        return []
    return [RunFolder(path.parent) for path in sorted(results.glob("*/run.json"))]


def find(results: Path, name: str) -> RunFolder:
    """A run by its path, its id, the only id that begins so, or `latest`."""
    path = Path(name)
    if (path / "run.json").is_file():
        return RunFolder(path)
    if name and any(place.is_dir() and not (place / "run.json").exists() for place in (path, results / name)):
        raise StoreError(f"{name!r} is a folder without a run.json: no run began in it")
    known = runs(results)
    if name == "latest" and known:
        return max(known, key=lambda run: run.header.started)
    begins = [run for run in known if run.id == name] or [run for run in known if run.id.startswith(name)]
    if len(begins) == 1:
        return begins[0]
    ids = [run.id for run in begins or known]
    what = "several runs begin with" if begins else "there is no run"
    raise StoreError(f"{what} {name!r} in {str(results)!r}; {suggest(name, ids)}")
