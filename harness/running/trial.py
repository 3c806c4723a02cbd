"""One trial: prepare, warm up, ask the sample one at a time, ask the rest in bulk.

trials/tweets/few-shot/0-0/
    trial.json       which trial, its parameters, where it stands
    prepared.json    once prepare is done: its seconds
    steps/ fit/      what prepare did and keeps
    outcomes.jsonl   one line a test query, on disk before the next matters
    ledger.jsonl     one line a use
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Protocol

from harness import journal
from harness.calls.ledger import Meter
from harness.data.taskdata import TaskData
from harness.errors import BudgetError, HarnessError, PluginError, StoreError
from harness.records import (
    Failed,
    Outcome,
    Phase,
    Prediction,
    Problem,
    Query,
    Record,
    TrialHeader,
    TrialKey,
)
from harness.running.context import Bench, Inner, TrialContext
from harness.strategy import Fitted
from harness.suite.binding import Bound

OWN_EVERY_SECONDS = 2.0  # how much of this machine's own work in a phase a kill can leave unbooked


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
    """

    key: TrialKey
    bound: Bound
    data: TaskData
    folder: Path
    latency_sample: int

    def sample(self) -> list[Query]:
        """The test queries that are timed: drawn by the task alone, so the same for every strategy."""
        queries = sorted((e.query for e in self.data.test), key=lambda q: q.id)
        drawn = Random(f"latency\0{self.key.task}").sample(queries, len(queries))
        return drawn[: self.latency_sample]


class TrialBench(Bench, Protocol):
    """What running a trial needs beside what its strategy needs."""

    def row_score(self, task: str, targets: tuple[str, ...], answers: tuple[str, ...]) -> float: ...

    def check_stop(self) -> None:
        """Raises KeyboardInterrupt once the user asked to stop."""
        ...


def run(job: Job, bench: TrialBench) -> TrialHeader:
    """Runs a trial, or what is left of it.

    A strategy's error ends in the header and nowhere else; the cap, a full disk and Ctrl-C end the run.

    Raises:
        BudgetError: When the cap is reached.
        StoreError: When results cannot be written.
    """
    header = begin(job)
    if job.data.brief.kind not in job.bound.strategy.kinds:
        return _end(job, header, status="not-applicable")
    try:
        with opened(job, bench) as trial:
            header = header.model_copy(
                update={"prepare_seconds": trial.prepared.seconds, "warnings": trial.warnings}
            )
            write_header(job.folder, header)
            with _Asking(job, trial, bench) as asking:
                asking.ask_all()
        return _end(job, header, status="finished", warnings=(*trial.warnings, *asking.warnings))
    except KeyboardInterrupt:
        _end(job, header, status="stopped")
        raise
    except BudgetError as error:
        _end(job, header, status="stopped", problem=_problem(error))
        raise
    except StoreError:
        raise
    except Exception as error:
        return _end(job, header, status="failed", problem=_problem(error))


def begin(job: Job, *, candidate: bool = False) -> TrialHeader:
    """The trial's header, on disk: a new one, or the old one taken up again."""
    old = read_header(job.folder)
    if old is not None:
        if candidate:
            return old
        again = 0 if old.status == "candidate" else 1
        header = old.model_copy(
            update={"status": "running", "attempts": old.attempts + again, "problem": None, "finished": None}
        )
    else:
        header = TrialHeader(
            key=job.key,
            use=job.bound.use,
            params=job.bound.strategy.model_dump(mode="json"),
            yardstick=job.bound.yardstick,
            plugin=job.bound.plugin,
            status="candidate" if candidate else "running",
            started=datetime.now(UTC),
        )
    write_header(job.folder, header)
    return header


def read_header(folder: Path) -> TrialHeader | None:
    path = folder / "trial.json"
    return TrialHeader.model_validate_json(path.read_bytes()) if path.exists() else None


def write_header(folder: Path, header: TrialHeader) -> None:
    journal.replace(folder / "trial.json", header.model_dump_json(indent=1))


def _end(job: Job, header: TrialHeader, **update: object) -> TrialHeader:
    header = header.model_copy(update={"finished": datetime.now(UTC), **update})
    write_header(job.folder, header)
    return header


def _problem(error: Exception) -> Problem:
    message = str(error) if isinstance(error, HarnessError) else f"{type(error).__name__}: {error}"
    return Problem(
        kind=type(error).__name__, message=message, traceback="".join(traceback.format_exception(error))
    )


@dataclass(frozen=True)
class Opened:
    """A prepared trial."""

    fitted: Fitted
    context: TrialContext
    prepared: Prepared

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.prepared.warnings, *self.context.warnings)))


@contextmanager
def opened(job: Job, bench: Bench, ledger: Path | None = None) -> Iterator[Opened]:
    """Prepares a trial, or takes up what an earlier attempt prepared; leaving frees what it holds.

    Args:
        job: The trial.
        bench: The run's.
        ledger: Where its use is booked; its own ledger without it.
    """
    meter = Meter(ledger or job.folder / "ledger.jsonl", job.key)
    with ExitStack() as stack:
        stack.callback(meter.close)
        context = TrialContext(job.key, job.folder, bench, meter)
        done = job.folder / "prepared.json"
        data = job.data
        with ExitStack() as timing:
            clock = timing.enter_context(context.timed())
            if not done.exists():
                timing.enter_context(context.booking_own("own"))
            fitted = stack.enter_context(
                job.bound.strategy.prepare(data.brief, data.train, data.validation, context)
            )
            outside = clock()
        if not callable(getattr(fitted, "answer", None)):
            raise PluginError(f"prepare of {job.bound.use!r} gave {fitted!r}, which has no answer(queries)")
        if not done.exists():
            prepared = Prepared(seconds=context.prepared_seconds(outside), warnings=context.warnings)
            journal.replace(done, prepared.model_dump_json())
        prepared = Prepared.model_validate_json(done.read_bytes())
        yield Opened(fitted, context, prepared)


@contextmanager
def inner(job: Job, bench: Bench, payer: Meter) -> Iterator[Inner]:
    """A prepared trial for another one to use: from here on `payer` is charged."""
    begin(job, candidate=True)
    with opened(job, bench) as trial:
        trial.context.meter = payer
        yield Inner(trial.fitted, trial.prepared.seconds, job.folder / "ledger.jsonl", trial.warnings)


class _Asking:
    """Asks what is not answered yet, and writes down what comes."""

    def __init__(self, job: Job, trial: Opened, bench: TrialBench) -> None:
        self._job = job
        self._fitted = trial.fitted
        self._context = trial.context
        self._meter = trial.context.meter
        self._bench = bench
        self._targets = {e.query.id: e.targets for e in job.data.test}
        path = job.folder / "outcomes.jsonl"
        self._done = {outcome.query_id for outcome in journal.read(path, Outcome)}
        self._outcomes = journal.Journal(path)
        self.warnings: dict[str, None] = {}

    def __enter__(self) -> _Asking:
        return self

    def __exit__(self, *_: object) -> None:
        self._outcomes.close()

    def ask_all(self) -> None:
        sample = self._job.sample()
        alone = {query.id for query in sample}
        rest = [e.query for e in self._job.data.test if e.query.id not in alone]
        left_alone = [query for query in sample if query.id not in self._done]
        left = [query for query in rest if query.id not in self._done]
        if left_alone:
            self._warm_up()
            self._meter.phase = "sample"
            for query in left_alone:
                self._ask_alone(query)
        self._meter.phase = "bulk"
        self._ask_bulk(left)

    def _warm_up(self) -> None:
        self._meter.phase = "warm-up"
        known = (*self._job.data.train, *self._job.data.validation)
        for _ in self._fitted.answer([known[0].query]) if known else ():
            pass

    def _ask_alone(self, query: Query) -> None:
        self._meter.reset()
        began = time.perf_counter()
        with self._context.booking_own(f"own/{query.id}"):
            results = list(self._checked([query]))
        seconds = time.perf_counter() - began - self._meter.waited + self._meter.replayed
        self._write(results[0], "sample", max(0.0, seconds))
        self._bench.progress(self._job.key, len(self._done), len(self._targets), "latency sample")

    def _ask_bulk(self, queries: Sequence[Query]) -> None:
        if not queries:
            return
        results = self._checked(queries)
        for part in count():
            with self._context.booking_own(f"own/{queries[0].id}/{part}"):
                if not self._take(results, seconds=OWN_EVERY_SECONDS):
                    return

    def _take(self, results: Iterator[Prediction | Failed], seconds: float) -> bool:
        """Writes what comes within some seconds; says whether more is to come."""
        until = time.perf_counter() + seconds
        for result in results:
            self._write(result, "bulk", None)
            self._bench.progress(self._job.key, len(self._done), len(self._targets), "answering")
            if time.perf_counter() > until:
                return True
        return False

    def _checked(self, queries: Sequence[Query]) -> Iterator[Prediction | Failed]:
        """What the strategy yields, held to the contract: each query once, labels of the task."""
        open_ids = {query.id for query in queries}
        for result in self._fitted.answer(queries):
            self._bench.check_stop()
            if not isinstance(result, Prediction | Failed):
                raise PluginError(
                    f"answer of {self._job.bound.use!r} yielded {type(result).__name__}: it must yield a"
                    " harness.Prediction or a harness.Failed"
                )
            if result.query_id not in open_ids:
                known = result.query_id in self._targets
                what = "more than once; the first answer counts" if known else "though nobody asked it"
                self._warn(f"the strategy answered query {result.query_id!r} {what}")
                continue
            open_ids.discard(result.query_id)
            yield self._allowed(result)
        if open_ids:
            self._warn(f"the strategy left {len(open_ids)} queries unanswered, such as {min(open_ids)!r}")
        for query in queries:
            if query.id in open_ids:
                yield Failed(query_id=query.id, kind="unanswered", error="the strategy gave no answer")

    def _allowed(self, result: Prediction | Failed) -> Prediction | Failed:
        brief = self._job.data.brief
        if isinstance(result, Failed) or brief.kind not in ("label", "labels"):
            return result
        strange = [answer for answer in result.answers if answer not in brief.labels]
        if brief.kind == "label" and len(result.answers) != 1:
            error = f"{len(result.answers)} answers where one label was asked for"
        elif strange:
            error = f"{strange[0][:80]!r} is none of the task's labels"
        else:
            return result
        return Failed(query_id=result.query_id, kind="not-a-label", error=error)

    def _write(self, result: Prediction | Failed, phase: Phase, seconds: float | None) -> None:
        score = None
        if isinstance(result, Prediction):
            score = self._bench.row_score(self._job.key.task, self._targets[result.query_id], result.answers)
        outcome = Outcome(
            query_id=result.query_id,
            result=result,
            score=score,
            phase=phase,
            seconds=seconds,
            exchanges=self._meter.take_exchanges(result.query_id),
            at=datetime.now(UTC),
        )
        self._outcomes.append(outcome)
        self._done.add(result.query_id)

    def _warn(self, message: str) -> None:
        if len(self.warnings) < 20:
            self.warnings[message] = None
