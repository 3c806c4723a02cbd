"""Comparisons that are made by hand, from plain lists of answers: no run, no model.

compared = make_compared({"features": ["yes", "no", None]}, targets=["yes", "no", "yes"])
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.calls.pricing import Prices
from harness.comparing.evidence import Answer, Contender, TaskEvidence, Trial
from harness.comparing.figures import strategy_figures
from harness.comparing.records import Pairing
from harness.comparison import Compared, TaskComparison
from harness.data.taskdata import DataReport
from harness.deciding.records import Recommendation
from harness.records import (
    Brief,
    Example,
    Hardware,
    Kind,
    PluginStamp,
    Problem,
    Query,
    RunHeader,
    Status,
    TrialHeader,
    TrialKey,
)
from harness.running.gaps import Gap
from harness.running.rows import Row
from harness.running.store import TrialFolder
from harness.scoring import builtin_scorers, default_metric
from harness.suite import Decide, PriceBook

AT = datetime(2026, 1, 1, tzinfo=UTC)
MACHINE = Hardware(cores=2, cpu="made", memory_gib=1.0, platform="made")

Given = str | tuple[str, ...] | None
Trials = Mapping[str, Sequence[Given] | Sequence[Sequence[Given]]]


def compared(  # noqa: PLR0917
    strategies: Trials,
    targets: Sequence[str | tuple[str, ...]],
    kind: Kind = "label",
    metric: str | None = None,
    recommended: str | None = "features",
    seconds: float | None = 0.01,
    statuses: Mapping[str, Status] | None = None,
    problem: Problem | None = None,
    ids: Sequence[str] | None = None,
    run: str = "run",
    margin: float = 0.02,
) -> Compared:
    """A comparison of one task; a strategy has a list of answers, or one for each seed. None is a failed row."""
    names = ids or [f"row-{i}" for i in range(len(targets))]
    test = tuple(
        Example(query=Query(id=name, text=f"secret text of {name}"), targets=_tuple(target))
        for name, target in zip(names, targets, strict=True)
    )
    decide = Decide(margin=margin)
    status = dict(statuses or {})
    contenders = tuple(
        Contender(
            name=name,
            strategy=name,
            run=run,
            trials=tuple(
                _trial(name, seed, test, answers, seconds, status.get(name, "finished"), problem)
                for seed, answers in enumerate(_seeds(given))
            ),
            models=(),
            local=True,
            machine=MACHINE,
            prices=Prices(PriceBook()),
            decide=decide,
        )
        for name, given in strategies.items()
    )
    labels = tuple(dict.fromkeys(label for example in test for label in example.targets))
    seeds = tuple(range(max(len(contender.trials) for contender in contenders)))
    evidence = TaskEvidence(
        name="tweets",
        brief=Brief(name="tweets", instructions="?", kind=kind, labels=dict.fromkeys(labels, "")),
        metric=metric or default_metric(kind),
        scorer=builtin_scorers()[kind],
        test=test,
        train=(),
        validation=(),
        report=DataReport(),
        contenders=contenders,
        pairing=Pairing(rows=len(test)),
        decide=decide,
        looks=0,
        seeds=seeds,
    )
    task = TaskComparison(
        task="tweets",
        kind=kind,
        metric=evidence.metric,
        labels=labels if kind in ("label", "labels") else (),
        rows={"test": len(test)},
        decide=decide,
        strategies=tuple(strategy_figures(evidence, contender) for contender in contenders),
        pairing=evidence.pairing,
        recommendation=Recommendation(
            task="tweets",
            outcome="recommended" if recommended else "none meets",
            strategy=recommended,
            sentence=f"Use {recommended}." if recommended else "None meets your limits.",
        ),
    )
    header = RunHeader(
        id=run,
        name="sentiment",
        suite_path="/home/somebody/suite.yaml",
        suite_folder="/home/somebody",
        started=AT,
        finished=AT,
        versions={"harness": "0"},
        hardware=MACHINE,
        seeds=seeds,
    )
    missing = tuple(_gaps(evidence, run))
    return Compared(
        runs=(header,), complete=not missing, tasks=(task,), evidence={"tweets": evidence}, gaps=missing
    )


def _gaps(evidence: TaskEvidence, run: str) -> Iterator[Gap]:
    """What a run folder would tell: trials that did not end, and seeds without one."""
    for contender in evidence.contenders:
        statuses = {trial.header.key.seed: trial.header.status for trial in contender.trials}
        for seed in evidence.seeds:
            what = statuses.get(seed, "missing")
            if what in ("missing", "running", "stopped", "failed"):
                key = TrialKey(task=evidence.name, strategy=contender.name, seed=seed)
                yield Gap(run=run, key=key, what=what, words=what)


@pytest.fixture
def make_compared() -> Callable[..., Compared]:
    return compared


def _seeds(given: Sequence[Given] | Sequence[Sequence[Given]]) -> Sequence[Sequence[Given]]:
    return given if given and isinstance(given[0], list) else [given]  # type: ignore[return-value,list-item]


def _trial(
    strategy: str,
    seed: int,
    test: Sequence[Example],
    given: Sequence[Given],
    seconds: float | None,
    status: Status,
    problem: Problem | None,
) -> Trial:
    key = TrialKey(task="tweets", strategy=strategy, seed=seed)
    header = TrialHeader(
        key=key,
        use="made",
        params={},
        plugin=PluginStamp(name="made", version="0", sha256=""),
        status=status,
        problem=problem if status != "finished" else None,
        started=AT,
    )
    row = Row(
        task="tweets",
        strategy=strategy,
        seed=seed,
        repeat=0,
        train_size=None,
        yardstick=False,
        status=status,
        n=len(given),
        failed=sum(each is None for each in given),
        metric="accuracy",
    )
    answers = {
        example.query.id: Answer(
            answers=None if each is None else _tuple(each),
            failure="timeout" if each is None else None,
            probabilities=None,
            seconds=seconds,
            phase="sample",
            notes={},
        )
        for example, each in zip(test, given, strict=False)
    }
    return Trial(TrialFolder(Path("nowhere")), header, row, answers, (), ())


def _tuple(given: str | tuple[str, ...]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else given
