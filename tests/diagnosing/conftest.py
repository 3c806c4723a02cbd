"""Evidence that is made by hand, from plain lists and arrays: no run, no model.

    make = make_evidence(["yes", "no", "yes"], validation=["no", "yes"])
    make.trial("features", ["yes", "no", None], probabilities=[[0.1, 0.9], [0.7, 0.3], [0.5, 0.5]])
    make.trial("features", ["yes", "yes", "yes"])      # a second seed
    evidence = make.build()

None is a row that failed. Probabilities are (rows, labels), in the order of `labels`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import ArrayLike

from harness import journal
from harness.calls.pricing import Prices
from harness.comparing.evidence import Answer, Contender, TaskEvidence, Trial
from harness.comparing.records import Pairing
from harness.data.taskdata import DataReport
from harness.records import (
    Brief,
    Example,
    Failed,
    Hardware,
    Kind,
    LedgerEntry,
    Outcome,
    Phase,
    PluginStamp,
    Prediction,
    Problem,
    Query,
    Status,
    Step,
    TrialHeader,
    TrialKey,
    Usage,
)
from harness.running.rows import Row
from harness.running.trial_folder import TrialFolder
from harness.scoring import builtin_scorers, default_metric
from harness.suite import Decide, PriceBook

AT = datetime(2026, 1, 1, tzinfo=UTC)
Label = str | tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """What is told of a trial beside its answers.

    Attributes:
        status: Where it stands.
        used: Its ledger: the name of an entry to what it used; the name begins with the phase.
        bulk: Whether its rows were asked in bulk, instead of one at a time.
        chosen: The candidate of its matrix, or of its own search.
        prepare_seconds: Wall seconds.
        warnings: Of its header.
        yardstick: Whether the harness added it.
        problem: Why it has no result.
        seed: The next one without it; a seed that was there already makes this a repeat.
    """

    status: Status = "finished"
    used: Mapping[str, Usage] = field(default_factory=dict)
    bulk: bool = False
    chosen: str | None = None
    prepare_seconds: float | None = None
    warnings: tuple[str, ...] = ()
    yardstick: bool = False
    problem: str | None = None
    seed: int | None = None


@dataclass(frozen=True)
class Uses:
    """What a strategy uses.

    Attributes:
        models: Names.
        tuned: Those whose weights it trains.
        asked: Those that it asks as they are.
        local: Whether it stays on this machine.
    """

    models: tuple[str, ...] = ()
    tuned: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    local: bool | None = True


class EvidenceMaker:
    """Collects trials; `build` gives the evidence.

    Args:
        folder: Where trials write what is read from disk.
        targets: Of the test rows.
        validation: Targets of the validation rows.
        train: Targets of the training rows.
        labels: In the order of the columns of all probabilities; sorted targets without it.
        kind: The task's.
        metric: The kind's own without it.
        texts: Of the test rows.
        metadata: Of the test rows.
        decide: The user's limits and prices.
        prices: What usage costs.
        uses: What each strategy uses; nothing without it.
    """

    def __init__(
        self,
        folder: Path,
        targets: Sequence[Label],
        *,
        validation: Sequence[Label] = (),
        train: Sequence[Label] = (),
        labels: Sequence[str] | None = None,
        kind: Kind = "label",
        metric: str | None = None,
        texts: Sequence[str] | None = None,
        metadata: Sequence[Mapping[str, str]] | None = None,
        decide: Decide | None = None,
        prices: PriceBook | None = None,
        uses: Mapping[str, Uses] | None = None,
    ) -> None:
        self.folder = folder
        self.test = _examples("t", targets, texts, metadata)
        self.validation = _examples("v", validation, None, None)
        self.train = _examples("r", train, None, None)
        known = sorted({label for e in (*self.test, *self.validation, *self.train) for label in e.targets})
        self.labels = tuple(labels if labels is not None else known)
        self.kind, self.metric = kind, metric or default_metric(kind)
        self.decide = decide or Decide()
        self.prices = prices or PriceBook()
        self.uses = dict(uses or {})
        self.trials: dict[tuple[str, str, int | None], list[Trial]] = {}

    def trial(
        self,
        strategy: str,
        answers: Sequence[Label | None],
        *,
        probabilities: ArrayLike | None = None,
        validation: Sequence[Label | None] | None = None,
        validation_probabilities: ArrayLike | None = None,
        seconds: Sequence[float] | None = None,
        train_size: int | None = None,
        steps: Sequence[Step] = (),
        run: str = "run",
        use: str = "made",
        facts: Facts | None = None,
    ) -> EvidenceMaker:
        """Adds a trial; another one of the same strategy, size and run has the next seed."""
        trials = self.trials.setdefault((strategy, run, train_size), [])
        told = facts or Facts()
        seed = len(trials) if told.seed is None else told.seed
        repeat = sum(trial.header.key.seed == seed for trial in trials)
        key = TrialKey(task="made", strategy=strategy, seed=seed, repeat=repeat, train_size=train_size)
        folder = self.folder / run / str(key)
        asked = self.test[: len(answers)] if told.status != "finished" else self.test
        outcomes = self._outcomes(asked, answers, probabilities, "bulk" if told.bulk else "sample", seconds)
        if validation is not None:
            beside = self._outcomes(self.validation, validation, validation_probabilities, "validation", None)
            lines = "".join(outcome.model_dump_json(exclude_defaults=True) + "\n" for outcome in beside)
            journal.replace(folder / "validation.jsonl", lines)
        header = TrialHeader(
            key=key,
            use=use,
            params={},
            plugin=PluginStamp(name="made", version="0", sha256=""),
            status=told.status,
            yardstick=told.yardstick,
            prepare_seconds=told.prepare_seconds,
            warnings=told.warnings,
            problem=Problem(kind="Made", message=told.problem) if told.problem else None,
            started=AT,
        )
        row = Row(
            task="made",
            strategy=strategy,
            seed=key.seed,
            repeat=repeat,
            train_size=train_size,
            yardstick=told.yardstick,
            status=told.status,
            chosen=told.chosen,
            n=len(answers),
            failed=sum(answer is None for answer in answers),
            metric=self.metric,
        )
        by_id = {outcome.query_id: Answer.of(outcome) for outcome in outcomes}
        ledger = [
            LedgerEntry(
                name=name,
                trial=key,
                phase=name.partition("/")[0],
                usage=usage,
                seconds=usage.device_seconds,
                paid=True,
                at=AT,
            )
            for name, usage in told.used.items()
        ]
        trials.append(Trial(TrialFolder(folder), header, row, by_id, ledger, tuple(steps)))
        return self

    def build(self) -> TaskEvidence:
        prices = Prices(self.prices)
        nothing = Uses()
        machine = Hardware(cores=1, cpu="made", memory_gib=1.0, platform="made")
        contenders = [
            Contender(
                strategy if size is None else f"{strategy} n={size}",
                strategy,
                run,
                tuple(trials),
                (of := self.uses.get(strategy, nothing)).models,
                of.local,
                machine,
                prices,
                self.decide,
                of.tuned,
                of.asked,
            )
            for (strategy, run, size), trials in self.trials.items()
        ]
        labels = dict.fromkeys(self.labels, "") if self.kind in ("label", "labels") else {}
        return TaskEvidence(
            name="made",
            brief=Brief(name="made", instructions="?", kind=self.kind, labels=labels),
            metric=self.metric,
            scorer=builtin_scorers()[self.kind],
            test=self.test,
            train=self.train,
            validation=self.validation,
            report=DataReport(),
            contenders=tuple(contenders),
            pairing=Pairing(rows=len(self.test)),
            decide=self.decide,
            looks=0,
            seeds=tuple(range(max((len(trials) for trials in self.trials.values()), default=1))),
        )

    def _outcomes(
        self,
        examples: Sequence[Example],
        answers: Sequence[Label | None],
        probabilities: ArrayLike | None,
        phase: Phase,
        seconds: Sequence[float] | None,
    ) -> list[Outcome]:
        assert len(examples) == len(answers)
        table = None if probabilities is None else np.asarray(probabilities, dtype=np.float64).tolist()
        found = []
        for i, (example, answer) in enumerate(zip(examples, answers, strict=True)):
            name = example.query.id
            result: Prediction | Failed = Failed(query_id=name, kind="timeout", error="made to fail")
            if answer is not None:
                by_label = None if table is None else dict(zip(self.labels, table[i], strict=True))
                result = Prediction(query_id=name, answers=_tuple(answer), probabilities=by_label)
            took = None if seconds is None else seconds[i]
            found.append(Outcome(query_id=name, result=result, phase=phase, seconds=took, at=AT))
        return found


def _examples(
    prefix: str,
    targets: Sequence[Label],
    texts: Sequence[str] | None,
    metadata: Sequence[Mapping[str, str]] | None,
) -> tuple[Example, ...]:
    return tuple(
        Example(
            query=Query(
                id=f"{prefix}{i}",
                text=texts[i] if texts is not None else f"text {prefix}{i}",
                metadata=metadata[i] if metadata is not None else {},
            ),
            targets=_tuple(target),
        )
        for i, target in enumerate(targets)
    )


def _tuple(label: Label) -> tuple[str, ...]:
    return (label,) if isinstance(label, str) else tuple(label)


@pytest.fixture
def make_evidence(tmp_path: Path) -> Callable[..., EvidenceMaker]:
    """Starts an `EvidenceMaker`: its arguments but the folder."""

    def start(*args: object, **options: object) -> EvidenceMaker:
        return EvidenceMaker(tmp_path, *args, **options)  # type: ignore[arg-type]

    return start
