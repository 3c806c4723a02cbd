"""How a run begins, and how it is known again: rows, suite and header on disk before the first trial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import JsonValue, ValidationError

from harness.data.fingerprint import of_rows
from harness.data.taskdata import TaskData
from harness.errors import SuiteError
from harness.records import RunHeader, SplitSummary
from harness.running import machine
from harness.running.looks import keep, looks
from harness.running.store import RunFolder
from harness.suite import Suite
from harness.suite.load import Loaded

# What trials do not depend on: it may change while a run is not finished.
_AFTERWARDS = {"decide", "prices", "cache_days"}


@dataclass(frozen=True)
class Asked:
    """What of a suite is run.

    Attributes:
        strategies: Only these; all without them.
        limit: At most so many rows of each split.
        sizes: Labelled rows to run each trial with, once with each size.
    """

    strategies: tuple[str, ...] = ()
    limit: int | None = None
    sizes: tuple[int, ...] = ()


def check_same(loaded: Loaded, folder: RunFolder) -> None:
    """Refuses to take up a run with another suite than it was begun with; limits and prices may be others.

    Raises:
        SuiteError: Names what changed.
    """
    before, now = _with_defaults(folder.suite), loaded.resolved()
    names = {*before, *now} - _AFTERWARDS
    changed = sorted(name for name in names if before.get(name) != now.get(name))
    if changed:
        raise SuiteError(
            f"{', '.join(changed)} of the suite changed since run {folder.id!r} began, so that its trials could"
            " not be compared. Start a new run: answers that were paid for are taken from the cache",
            where=str(loaded.path),
        )


def _with_defaults(resolved: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """A kept suite with what suites could not say yet when it was kept."""
    try:
        return Suite.model_validate(resolved).model_dump(mode="json", by_alias=True)
    except ValidationError:  # another version's: what differs is told as it stands
        return resolved


def write_down(loaded: Loaded, folder: RunFolder, data: Mapping[str, TaskData], asked: Asked) -> None:
    """Keeps rows, suite and header of a run before its first trial."""
    for task in loaded.suite.tasks:
        assert task.metric is not None  # load_suite filled it in
        folder.write_task(data[task.name], task.metric)
        keep(folder, task.name, data[task.name].test)
    folder.write_suite(loaded.resolved())
    summaries = {
        name: SplitSummary(
            train=len(d.train),
            validation=len(d.validation),
            test=len(d.test),
            fingerprint=d.fingerprint,
            test_fingerprint=of_rows(d.test),
            warnings=d.report.warnings,
        )
        for name, d in data.items()
    }
    folder.write_header(
        RunHeader(
            id=folder.id,
            name=loaded.suite.name,
            suite_path=str(loaded.path.resolve()),
            suite_folder=str(loaded.folder.resolve()),
            started=datetime.now(UTC),
            versions=machine.versions(),
            hardware=machine.hardware(),
            git_commit=machine.git_commit(loaded.folder),
            seeds=loaded.suite.seeds,
            repeats=loaded.suite.repeats,
            sizes=tuple(sorted(set(asked.sizes))),
            only=asked.strategies,
            limit=asked.limit,
            data=summaries,
            looks=looks(folder.path.parent, {name: d.test for name, d in data.items()}),
        )
    )
