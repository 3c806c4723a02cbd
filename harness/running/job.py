"""What a trial is to those who run it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple, Protocol

from harness.data.taskdata import TaskData
from harness.records import Phase, Query, Record, TrialKey
from harness.running.context import Bench, TrialContext
from harness.strategy import Fitted
from harness.suite import Probes
from harness.suite.binding import Bound


class Prepared(Record):
    """prepared.json: prepare is done."""

    seconds: float
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """A trial to run.

    Attributes:
        key: Which.
        bound: The strategy with its parameters.
        data: The task's rows.
        folder: Where its files are.
        latency_sample: How many test queries are asked one at a time.
        validation: Whether validation rows are asked too, once the test queries are.
        probes: What is asked in another form after that.
        draw: Seed of what is drawn for all strategies alike.
        phase: What preparing is booked as.
    """

    key: TrialKey
    bound: Bound
    data: TaskData
    folder: Path
    latency_sample: int
    validation: bool = False
    probes: Probes = field(default_factory=Probes)
    draw: int = 0
    phase: Phase = "prepare"

    def sample(self) -> list[Query]:
        """The test queries that are timed: drawn by the task alone, so the same for every strategy."""
        queries = sorted((e.query for e in self.data.test), key=lambda q: q.id)
        drawn = Random(f"latency\0{self.key.task}").sample(queries, len(queries))
        return drawn[: self.latency_sample]


class TrialBench(Bench, Protocol):
    """What running a trial needs beside what its strategy needs."""

    def row_score(self, task: str, targets: tuple[str, ...], answers: tuple[str, ...]) -> float: ...

    def rephrased(self, job: Job, folder: Path, instructions: str) -> Rephrased:
        """The same trial with other instructions, in a folder of its own."""
        ...


class Rephrased(NamedTuple):
    """A trial with other instructions than the suite's, and what it runs on."""

    job: Job
    bench: TrialBench


@dataclass(frozen=True)
class Opened:
    """A prepared trial."""

    fitted: Fitted
    context: TrialContext
    prepared: Prepared

    @property
    def warnings(self) -> tuple[str, ...]:
        return told_once((*self.prepared.warnings, *self.context.warnings))


def told_once(warnings: Iterable[str]) -> tuple[str, ...]:
    """Each once; of those that differ in the count they begin with alone, the one with the largest.

    >>> told_once(["3 texts are too long", "no validation rows", "12 texts are too long"])
    ('12 texts are too long', 'no validation rows')
    """
    largest: dict[str, tuple[int, str]] = {}
    for warning in warnings:
        number = re.match(r"\d*", warning)
        digits = number.group() if number else ""
        told = (int(digits or 0), warning)
        known = largest.setdefault(warning.removeprefix(digits), told)
        if told > known:
            largest[warning.removeprefix(digits)] = told
    return tuple(warning for _, warning in largest.values())
