"""Asks a prepared strategy, phase by phase.

sample       test queries one at a time, timed, with nothing else on the device and local caches asleep
bulk         the rest of them, in one call
validation   the rows of that split, in one call
probe        test queries in another form, in one call
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from harness.records import Example, Failed, Phase, Prediction, Query
from harness.running.contract import Contract
from harness.running.job import Job, Opened, TrialBench
from harness.running.outcomes import Outcomes


class Timed(NamedTuple):
    """What came back for a query that was asked alone, and in how many seconds."""

    result: Prediction | Failed
    seconds: float


class Asking:
    """Puts queries to one prepared strategy, and books what this machine does for it itself."""

    def __init__(self, job: Job, trial: Opened, bench: TrialBench) -> None:
        self.job = job
        self._fitted = trial.fitted
        self._context = trial.context
        self._meter = trial.context.meter
        self._bench = bench
        self._contract = Contract(job.data.brief, job.bound.use, bench.check_stop)

    def outcomes(self, name: str, examples: Sequence[Example]) -> Outcomes:
        """The outcomes of a split, in the trial's folder."""
        task, score = self.job.key.task, self._bench.row_score
        return Outcomes(
            self.job.folder / name, examples, lambda targets, answers: score(task, targets, answers), self._meter
        )

    def warnings(self) -> tuple[str, ...]:
        """What the strategy did against the contract, each counted once."""
        return self._contract.warnings()

    def progress(self, done: int, total: int, what: str) -> None:
        self._bench.progress(self.job.key, done, total, what)

    def warm_up(self) -> None:
        """Has one train query answered, and discards the answer."""
        self._meter.phase = "warm-up"
        known = (*self.job.data.train, *self.job.data.validation)
        for _ in self._fitted.answer([known[0].query]) if known else ():
            pass

    def alone(self, query: Query) -> Timed:
        """Asks one query, with nothing else on the device."""
        self._meter.phase = "sample"
        self._meter.reset()
        began = time.perf_counter()
        with self._context.booking_own(f"own/{query.id}"):
            results = list(self._contract.answers(self._fitted, [query]))
        seconds = time.perf_counter() - began - self._meter.waited + self._meter.replayed
        return Timed(results[0], max(0.0, seconds))

    @contextmanager
    def together(self, queries: Sequence[Query], phase: Phase) -> Iterator[Iterator[Prediction | Failed]]:
        """Asks queries in one call; gives the answers as they come."""
        if not queries:
            yield iter(())
            return
        self._meter.phase = phase
        # Booked as one, at the end: a batch's seconds are known only once all of its answers came.
        with self._context.booking_own(f"own/{queries[0].id}"):
            yield self._contract.answers(self._fitted, queries)


def ask_test(asking: Asking, outcomes: Outcomes) -> None:
    """Asks the test queries that have no outcome yet: the timed sample first, then the rest."""
    sample = asking.job.sample()
    left_alone = outcomes.left(sample)
    if left_alone:
        asking.warm_up()
    for query in left_alone:
        timed = asking.alone(query)
        outcomes.write(timed.result, "sample", timed.seconds)
        asking.progress(outcomes.done, outcomes.total, "latency sample")
    _write_all(asking, outcomes, "bulk", "answering")


def ask_validation(asking: Asking) -> None:
    """Asks the validation rows that have no outcome yet: a threshold is chosen on them, never on test."""
    with asking.outcomes("validation.jsonl", asking.job.data.validation) as outcomes:
        _write_all(asking, outcomes, "validation", "validation")


def _write_all(asking: Asking, outcomes: Outcomes, phase: Phase, what: str) -> None:
    with asking.together(outcomes.left(), phase) as results:
        for result in results:
            outcomes.write(result, phase)
            asking.progress(outcomes.done, outcomes.total, what)
