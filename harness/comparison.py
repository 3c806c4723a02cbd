"""Everything that is known of runs when they are done: figures, verdicts, a recommendation, what lies behind them.

The terminal's table, the HTML page, JSON, Markdown, JUnit and the gate are all made from a `Compared`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from harness.comparing.evidence import TaskEvidence
from harness.comparing.figures import strategy_figures
from harness.comparing.luck import optimism
from harness.comparing.pairs import pairs
from harness.comparing.reading import Opened, read
from harness.comparing.records import Optimism, Pair, Pairing, StrategyFigures
from harness.deciding.limits import check_names, known_figures
from harness.deciding.mistakes import check_prices
from harness.deciding.recommendation import recommend
from harness.deciding.records import Recommendation
from harness.diagnosing.diagnosis import diagnose
from harness.diagnosing.records import Diagnosis
from harness.drift.records import Canaries, load
from harness.records import Kind, Record, RunHeader
from harness.running.forgotten import Kept, kept
from harness.running.gaps import Gap, gaps
from harness.suite import Decide


class TaskComparison(Record):
    """One task, compared.

    Attributes:
        task: Its name.
        kind: Its kind.
        metric: What verdicts use.
        labels: The task's, in the suite's order.
        rows: Test, train and validation rows.
        looks: How many earlier runs looked at any of the same test rows.
        seeds: Seeds asked for.
        decide: What the recommendation goes by.
        strategies: The best figure first; those without a result last.
        pairs: Every two strategies with a result.
        optimism: The best figure, put right for having been picked.
        pairing: How rows of several runs were brought together.
        recommendation: What to use.
        diagnosis: What lies behind the figures.
    """

    task: str
    kind: Kind
    metric: str
    labels: tuple[str, ...] = ()
    rows: Mapping[str, int]
    looks: int = 0
    seeds: tuple[int, ...] = (0,)
    decide: Decide = Decide()
    strategies: tuple[StrategyFigures, ...] = ()
    pairs: tuple[Pair, ...] = ()
    optimism: Optimism | None = None
    pairing: Pairing
    recommendation: Recommendation
    diagnosis: Diagnosis = Diagnosis()

    def figures(self, name: str) -> StrategyFigures:
        return next(each for each in self.strategies if each.name == name)

    def pair(self, a: str, b: str) -> Pair | None:
        """The verdict on two strategies, in whichever order it is kept."""
        return next((each for each in self.pairs if {each.a, each.b} == {a, b}), None)


@dataclass(frozen=True)
class Compared:
    """One run or several, compared.

    Attributes:
        runs: Their headers, in the order given.
        complete: Whether every trial of every run has ended with a result.
        tasks: What was found, task by task.
        evidence: What it was found in, by task; it has the texts.
        gaps: Trials that the runs were to have and that have no whole record, of the strategies compared.
        unshared: By run, tasks that are not compared because another run lacks them.
        canaries: By run, what endpoints answered again before it, where it asked.
    """

    runs: tuple[RunHeader, ...]
    complete: bool
    tasks: tuple[TaskComparison, ...]
    evidence: Mapping[str, TaskEvidence]
    gaps: tuple[Gap, ...] = ()
    unshared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    canaries: Mapping[str, Canaries] = field(default_factory=dict)


def compare(runs: Sequence[Opened], only: Sequence[str] = ()) -> Compared:
    """Compares what runs recorded; asks no model and writes nothing.

    Args:
        runs: In the order in which they were named; the last one's targets, metric and limits hold.
        only: Names of strategies; all without it.

    Raises:
        SuiteError: A limit or a strategy is not among what there is, or the runs have no task in common.
    """
    evidence = read(runs, only)
    shared = {each.name for each in evidence}
    known = {each.name: known_figures(each.scorer, tuple(each.brief.labels)) for each in evidence}
    check_names(runs[-1].decide, known)
    check_prices(runs[-1].decide, evidence)
    missing = tuple(gap for run in runs for gap in gaps(run.folder) if not only or gap.key.strategy in only)
    return Compared(
        runs=tuple(run.header for run in runs),
        complete=not missing and all(run.header.finished is not None for run in runs),
        tasks=tuple(_task(each, known[each.name], _stays(runs, each, only)) for each in evidence),
        evidence={each.name: each for each in evidence},
        gaps=missing,
        unshared={run.header.id: lone for run in runs if (lone := tuple(sorted(set(run.header.data) - shared)))},
        canaries={run.header.id: asked for run in runs if (asked := load(run.folder.path)) is not None},
    )


def _stays(runs: Sequence[Opened], evidence: TaskEvidence, only: Sequence[str]) -> Kept | None:
    """What was computed before the texts went; it is of all strategies of the one run."""
    alone = evidence.forgotten and len(runs) == 1 and not only
    return kept(runs[0].folder, evidence.name) if alone else None


class _Whole(NamedTuple):
    """What was computed of answers that were texts; `exact` where the scores of rows do not give the metric."""

    strategies: Mapping[str, StrategyFigures]
    pairs: tuple[Pair, ...]
    optimism: Optimism | None
    exact: bool


def _of_texts(stays: Kept) -> _Whole:
    of = {kind: [v for k, v in stays.found.items() if k.startswith(kind)] for kind in ("strategy", "pair", "opti")}
    strategies = [StrategyFigures.model_validate_json(each) for each in of["strategy"]]
    return _Whole(
        strategies={each.name: each for each in strategies},
        pairs=tuple(Pair.model_validate_json(each) for each in of["pair"]),
        optimism=Optimism.model_validate_json(of["opti"][0]) if of["opti"] else None,
        exact=len(of["pair"]) + len(of["opti"]) > 0,
    )


def _as_before(now: StrategyFigures, before: StrategyFigures | None, *, exact: bool) -> StrategyFigures:
    """A strategy's figures with those of sets that rows' scores do not give."""
    if before is None or exact:
        return before or now
    return now.model_copy(update={"figures": {**now.figures, **before.figures}})


def _task(evidence: TaskEvidence, known: Sequence[str], stays: Kept | None = None) -> TaskComparison:
    decide = evidence.decide
    limited = [name for name in dict.fromkeys((*decide.minimum, *decide.maximum)) if name in known]
    found = [strategy_figures(evidence, contender, limited) for contender in evidence.contenders]
    tested = pairs(evidence)
    lucky = optimism(evidence)
    if stays is not None and stays.found:
        whole = _of_texts(stays)
        found = [_as_before(each, whole.strategies.get(each.name), exact=whole.exact) for each in found]
        tested, lucky = (whole.pairs, whole.optimism) if whole.exact else (tested, lucky)
    recommendation = recommend(evidence, found, tested, lucky)
    return TaskComparison(
        task=evidence.name,
        kind=evidence.brief.kind,
        metric=evidence.metric,
        labels=tuple(evidence.brief.labels),
        rows={
            "test": len(evidence.test),
            "train": len(evidence.train),
            "validation": len(evidence.validation),
        },
        looks=evidence.looks,
        seeds=evidence.seeds,
        decide=decide,
        strategies=tuple(sorted(found, key=lambda each: -each.value.value if each.value else 2.0)),
        pairs=tested,
        optimism=lucky,
        pairing=evidence.pairing,
        recommendation=recommendation,
        diagnosis=diagnose(evidence, found, recommendation.strategy)
        if stays is None or stays.diagnosis is None
        else Diagnosis.model_validate_json(stays.diagnosis),
    )
