"""What runs recorded about one task, brought together row by row.

row                features  lora
a61c331a  positive positive  negative
220fa0f9  negative negative  -          <- failed

A contender is a strategy of one run with all its seeds; its answers stand by query id, its scores as an array
(trials, rows) in the order of the task's test rows, NaN where there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from harness.comparing.records import Pairing
from harness.data.taskdata import DataReport
from harness.models import Scorer
from harness.records import (
    Brief,
    Example,
    Hardware,
    LedgerEntry,
    Outcome,
    Phase,
    Prediction,
    Step,
    TrialHeader,
)
from harness.running.rows import Row
from harness.scoring.tally import NO_ANSWER, Pair
from harness.suite import Decide

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from harness.calls.pricing import Prices
    from harness.running.store import TrialFolder

    Floats = NDArray[np.float64]


class Answer(NamedTuple):
    """An outcome without what was sent for it.

    Attributes:
        answers: None for a failure.
        failure: Its kind; None for an answer.
        probabilities: By label, where the strategy can tell.
        seconds: Latency, where it was asked alone.
        phase: `sample` or `bulk`.
        notes: The strategy's own, such as what was retrieved.
    """

    answers: tuple[str, ...] | None
    failure: str | None
    probabilities: Mapping[str, float] | None
    seconds: float | None
    phase: Phase
    notes: Mapping[str, str]

    @classmethod
    def of(cls, outcome: Outcome) -> Answer:
        result = outcome.result
        if isinstance(result, Prediction):
            return cls(result.answers, None, result.probabilities, outcome.seconds, outcome.phase, result.notes)
        return cls(None, result.kind, None, outcome.seconds, outcome.phase, {})

    @property
    def confidence(self) -> float | None:
        """Of the answer given; None where the strategy does not tell."""
        if not self.probabilities or not self.answers:
            return None
        return self.probabilities.get(self.answers[0])


@dataclass(frozen=True)
class Trial:
    """One trial's record, read.

    Attributes:
        folder: Where it is, for what is too long to hold.
        header: Its header.
        row: Its figures alone.
        answers: Of the test rows, by query id.
        ledger: What an unbroken run would have used.
        steps: What prepare did.
        served: What endpoints said of what answered its test rows: name and fingerprint.
    """

    folder: TrialFolder
    header: TrialHeader
    row: Row
    answers: Mapping[str, Answer]
    ledger: Sequence[LedgerEntry]
    steps: Sequence[Step]
    served: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contender:
    """A strategy of one run, with all its seeds and repeats.

    Attributes:
        name: What tables call it.
        strategy: Its name in the suite.
        run: The run's id.
        trials: By seed and repeat; those that have no result too.
        models: Names of the models that it uses.
        local: Whether nothing that it uses is beyond this machine; None where that is not known.
        machine: What it ran on.
        prices: What its usage costs.
        decide: Its suite's.
        tuned: Those of its models whose weights it trains.
        asked: Those of its models that it asks as they are.
        labels: Labelled rows of its run, train and validation; None where they are the task's.
    """

    name: str
    strategy: str
    run: str
    trials: tuple[Trial, ...]
    models: tuple[str, ...]
    local: bool | None
    machine: Hardware
    prices: Prices
    decide: Decide
    tuned: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    labels: int | None = None

    @property
    def answered(self) -> tuple[Trial, ...]:
        """Trials with outcomes."""
        return tuple(trial for trial in self.trials if trial.answers)

    @property
    def train_size(self) -> int | None:
        return self.trials[0].header.key.train_size


@dataclass(frozen=True)
class TaskEvidence:
    """Everything recorded about one task.

    Attributes:
        name: The task.
        brief: What it is.
        metric: What verdicts use.
        scorer: Who gives it.
        test: Test rows that every contender was asked, in a fixed order.
        train: Labelled rows.
        validation: Labelled rows.
        report: What was found in the data.
        contenders: In the suite's order, run by run.
        pairing: How rows of several runs were brought together.
        decide: What the recommendation goes by.
        looks: How many earlier runs looked at any of these test rows.
        seeds: Seeds asked for.
        hashes: By query id, what a baseline calls a row whose text was forgotten.
        forgotten: Whether any of the runs has lost its texts.
    """

    name: str
    brief: Brief
    metric: str
    scorer: Scorer
    test: tuple[Example, ...]
    train: tuple[Example, ...]
    validation: tuple[Example, ...]
    report: DataReport
    contenders: tuple[Contender, ...]
    pairing: Pairing
    decide: Decide
    looks: int
    seeds: tuple[int, ...]
    hashes: Mapping[str, str] = field(default_factory=dict)
    forgotten: bool = False
    _cache: dict[str, Floats] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        return tuple(example.query.id for example in self.test)

    @cached_property
    def targets(self) -> Mapping[str, tuple[str, ...]]:
        return {example.query.id: example.targets for example in self.test}

    def rows(self) -> Iterator[tuple[str, Row]]:
        """Each trial's figures alone, under its contender's name."""
        for contender in self.contenders:
            for trial in contender.trials:
                yield contender.name, trial.row

    def contender(self, name: str) -> Contender:
        return next(each for each in self.contenders if each.name == name)

    def pairs(self, trial: Trial, failed_as: str = "wrong") -> list[Pair]:
        """Targets and answers of every test row, in order.

        Args:
            trial: Whose answers.
            failed_as: `wrong` or `right`: what stands for a row that failed or was not asked.
        """
        found: list[Pair] = []
        for query_id, targets in self.targets.items():
            answer = trial.answers.get(query_id)
            given = answer.answers if answer is not None else None
            if given is None:
                given = targets if failed_as == "right" else NO_ANSWER
            found.append((targets, given))
        return found

    def scores(self, contender: Contender) -> Floats:
        """Each row's own score of the task's metric, (trials, rows); NaN where there is no answer."""
        import numpy as np

        if contender.name not in self._cache:
            one, metric = self.scorer.one, self.metric
            table = np.full((len(contender.answered), len(self.test)), np.nan)
            for t, trial in enumerate(contender.answered):
                for r, (query_id, targets) in enumerate(self.targets.items()):
                    answer = trial.answers.get(query_id)
                    if answer is not None and answer.answers is not None:
                        table[t, r] = one(metric, targets, answer.answers)
            self._cache[contender.name] = table
        return self._cache[contender.name]
