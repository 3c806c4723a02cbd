"""Asks a prepared strategy the test queries, holds it to the contract, and writes down what comes.

sample   one query at a time, timed, with nothing else on the device and local caches asleep
bulk     the rest, in one call
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from harness import journal
from harness.errors import PluginError
from harness.records import Failed, Outcome, Phase, Prediction, Problem, Query
from harness.running.job import Job, Opened, TrialBench

ALL_FAILED = "all-failed"
_TWICE = "it answered more than once, of which the first counts"
_UNASKED = "it answered what nobody asked"
_UNANSWERED = "it left unanswered"


def put_aside(outcomes: Path) -> None:
    """Keeps outcomes under another name, so that their queries are asked again."""
    number = len(list(outcomes.parent.glob("outcomes.failed-*.jsonl"))) + 1
    if outcomes.exists():
        outcomes.rename(outcomes.with_name(f"outcomes.failed-{number}.jsonl"))


class Asking:
    """Asks what is not answered yet, and writes down what comes."""

    def __init__(self, job: Job, trial: Opened, bench: TrialBench) -> None:
        self._job = job
        self._fitted = trial.fitted
        self._context = trial.context
        self._meter = trial.context.meter
        self._bench = bench
        self._targets = {e.query.id: e.targets for e in job.data.test}
        path = job.folder / "outcomes.jsonl"
        before = list(journal.read(path, Outcome))
        self._done = {outcome.query_id for outcome in before}
        self._answered = sum(isinstance(outcome.result, Prediction) for outcome in before)
        self._first_failure = next((o.result for o in before if isinstance(o.result, Failed)), None)
        self._outcomes = journal.Journal(path)
        self._faults: dict[str, list[str]] = defaultdict(list)

    @property
    def all_failed(self) -> Problem | None:
        """Why a trial without a single answer has no result."""
        failed = self._first_failure
        if self._answered or failed is None:
            return None
        rows = len(self._done)
        return Problem(
            kind=ALL_FAILED, message=f"no test row of {rows} got an answer; {failed.kind}: {failed.error}"
        )

    def warnings(self) -> tuple[str, ...]:
        """What the strategy did against the contract, each counted once."""
        return tuple(
            f"{what} ({len(ids)} {'query' if len(ids) == 1 else 'queries'}, such as {ids[0]!r})"
            for what, ids in self._faults.items()
        )

    def __enter__(self) -> Asking:
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
        # Booked as one, at the end: a batch's seconds are known only once all of its answers came.
        with self._context.booking_own(f"own/{queries[0].id}"):
            for result in self._checked(queries):
                self._write(result, "bulk", None)
                self._bench.progress(self._job.key, len(self._done), len(self._targets), "answering")

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
                fault = _TWICE if known else _UNASKED
                self._faults[fault].append(result.query_id)
                continue
            open_ids.discard(result.query_id)
            yield self._allowed(result)
        for query in queries:
            if query.id in open_ids:
                self._faults[_UNANSWERED].append(query.id)
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
        if isinstance(result, Failed):
            self._first_failure = self._first_failure or result
        else:
            self._answered += 1
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
