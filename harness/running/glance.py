"""What `harness ls` says of a run, read without records: to import what checks them takes longer than all else.

results/2026-11-21-0915-sentiment     complete    12 finished, 1 not-applicable
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from harness.errors import StoreError
from harness.running.lock import is_locked
from harness.running.plan import CHANGED, What, answered, lacking, planned

_STATUSES = {"running", "finished", "failed", "stopped", "not-applicable", "candidate"}


class Header(NamedTuple):
    """What is looked at of run.json; see `RunHeader`.

    Attributes:
        tests: By task, how many test rows.
    """

    started: datetime
    finished: bool
    forgotten: datetime | None
    seeds: Sequence[int]
    repeats: int
    sizes: Sequence[int]
    only: Sequence[str]
    tests: Mapping[str, int]


class Glance(NamedTuple):
    """A run as it is listed.

    Attributes:
        started: Seconds since 1970; 0 where that cannot be read.
        words: Its line.
    """

    started: float
    words: str


def glances(results: Path) -> list[Glance]:
    """All runs in a results folder, oldest first; a folder without a header never began."""
    return sorted(
        (_glance(path.parent) for path in sorted(results.glob("*/run.json"))), key=lambda run: run.started
    )


def _glance(run: Path) -> Glance:
    started = 0.0
    try:
        header = _header(run / "run.json")
        started = header.started.timestamp()
        return Glance(started, f"{run.name}  {_state(run, header)}")
    except StoreError as error:
        return Glance(started, f"{run.name}  cannot be read: {error.message}")


def _state(run: Path, header: Header) -> str:
    statuses = {str(path.parent.relative_to(run / "trials")): _status(path) for path in _trials(run)}
    missing = Counter(_missing(run, header, statuses)) if header.finished else Counter[What]()
    counts = Counter(statuses.values())
    counts.pop("candidate", None)
    counts["missing"] += missing["missing"]
    counts["lacking rows"] += missing["rows"]
    if counts["running"] and not is_locked(run):
        counts["stopped"] += counts.pop("running")
    state = "complete" if header.finished and not missing else "ended" if header.finished else "unfinished"
    told = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()) if number)
    gone = f"  texts forgotten {header.forgotten:%Y-%m-%d}" if header.forgotten else ""
    return f"{state:10}  {told or 'no trial begun'}{gone}"


def _missing(run: Path, header: Header, statuses: Mapping[str, str]) -> Iterator[What]:
    suite = run / "suite.json"
    for key in planned(header, _read(suite), suite):
        record = partial(answered, run / "trials" / str(key) / "outcomes.jsonl")
        what = lacking(statuses.get(str(key)), record, header.tests.get(key.task, 0))
        if what is not None:
            yield what


def _trials(run: Path) -> list[Path]:
    return sorted((run / "trials").glob("*/*/*/trial.json"))


def _header(path: Path) -> Header:
    kept = _read(path)
    try:
        forgotten = kept.get("forgotten")
        return Header(
            started=datetime.fromisoformat(kept["started"]),
            finished=kept.get("finished") is not None,
            forgotten=None if forgotten is None else datetime.fromisoformat(forgotten),
            seeds=tuple(kept["seeds"]),
            repeats=int(kept.get("repeats", 1)),
            sizes=tuple(kept.get("sizes", ())),
            only=tuple(kept.get("only", ())),
            tests={task: int(counts["test"]) for task, counts in kept.get("data", {}).items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StoreError(CHANGED, where=str(path)) from error


def _status(path: Path) -> str:
    status = _read(path).get("status", "running")
    if status not in _STATUSES:
        raise StoreError(CHANGED, where=str(path))
    return str(status)


def _read(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_bytes())
    except OSError as error:
        raise StoreError(f"this cannot be read: {error.strerror}", where=str(path)) from error
    except ValueError as error:
        raise StoreError(CHANGED, where=str(path)) from error
    if not isinstance(kept, dict):
        raise StoreError(CHANGED, where=str(path))
    return kept
