"""The outcomes of a trial as they come: one line a row, on disk before the next matters.

outcomes.jsonl     of the test rows
validation.jsonl   of the validation rows, where they are asked too
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from harness import journal
from harness.calls.ledger import Meter
from harness.records import Example, Failed, Outcome, Phase, Prediction, Probed, Problem, Query

ALL_FAILED = "all-failed"
RowScore = Callable[[tuple[str, ...], tuple[str, ...]], float]  # targets and answers to 0..1


def put_aside(outcomes: Path) -> None:
    """Keeps outcomes under another name, so that their queries are asked again."""
    if outcomes.exists():
        outcomes.rename(_aside(outcomes))


def ask_again(outcomes: Path, of: type[Outcome] | type[Probed] = Outcome) -> None:
    """Keeps failures that may have passed under another name, so that their queries are asked again."""
    kept, passing = list[str](), list[str]()
    for outcome in journal.read(outcomes, of):
        again = isinstance(outcome.result, Failed) and outcome.result.passing
        (passing if again else kept).append(outcome.model_dump_json(exclude_defaults=True) + "\n")
    if passing:
        journal.replace(_aside(outcomes), "".join(passing))
        journal.replace(outcomes, "".join(kept))


def _aside(outcomes: Path) -> Path:
    number = len(list(outcomes.parent.glob(f"{outcomes.stem}.failed-*.jsonl"))) + 1
    return outcomes.with_name(f"{outcomes.stem}.failed-{number}.jsonl")


class Outcomes:
    """What was answered of one split, in this attempt and before.

    Args:
        path: Where the lines are.
        examples: The rows of the split.
        score: The task's metric for one row.
        meter: Has what was sent for each query.
    """

    def __init__(self, path: Path, examples: Sequence[Example], score: RowScore, meter: Meter) -> None:
        self._examples = examples
        self._targets = {example.query.id: example.targets for example in examples}
        self._score = score
        self._meter = meter
        self._done: set[str] = set()
        self._answered = 0
        self._first_failure: Failed | None = None
        self.probable = False  # whether any answer has probabilities
        for outcome in journal.read(path, Outcome):
            self._count(outcome.result)
        self._journal = journal.Journal(path)

    @property
    def done(self) -> int:
        return len(self._done)

    @property
    def total(self) -> int:
        return len(self._examples)

    @property
    def all_failed(self) -> Problem | None:
        """Why a trial without a single answer has no result."""
        failed = self._first_failure
        if self._answered or failed is None:
            return None
        return Problem(
            kind=ALL_FAILED,
            message=f"no test row of {self.done} got an answer; {failed.kind}: {failed.error}",
        )

    def left(self, queries: Sequence[Query] | None = None) -> list[Query]:
        """Those without an outcome, of these or of all."""
        asked = [example.query for example in self._examples] if queries is None else queries
        return [query for query in asked if query.id not in self._done]

    def write(self, result: Prediction | Failed, phase: Phase, seconds: float | None = None) -> None:
        """Puts an outcome on disk.

        Args:
            result: What came back.
            phase: In which phase it was asked.
            seconds: Its latency, where it was asked alone.
        """
        score = None
        if isinstance(result, Prediction):
            score = self._score(self._targets[result.query_id], result.answers)
        self._journal.append(
            Outcome(
                query_id=result.query_id,
                result=result,
                score=score,
                phase=phase,
                seconds=seconds,
                exchanges=self._meter.take_exchanges(result.query_id),
                at=datetime.now(UTC),
            )
        )
        self._count(result)

    def _count(self, result: Prediction | Failed) -> None:
        self._done.add(result.query_id)
        if isinstance(result, Failed):
            self._first_failure = self._first_failure or result
        else:
            self._answered += 1
            self.probable = self.probable or bool(result.probabilities)

    def __enter__(self) -> Outcomes:
        return self

    def __exit__(self, *_: object) -> None:
        self._journal.close()
