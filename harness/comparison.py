"""Everything that is known of runs when they are done: figures, verdicts, a recommendation, what lies behind them.

The terminal's table, the HTML page, JSON, Markdown, JUnit and the gate are all made from a `Compared`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.comparing.evidence import TaskEvidence
from harness.comparing.records import Optimism, Pair, Pairing, StrategyFigures
from harness.deciding.records import Recommendation
from harness.diagnosing.records import Diagnosis
from harness.records import Kind, Record, RunHeader
from harness.suite import Decide


class TaskComparison(Record):
    """One task, compared.

    Attributes:
        task: Its name.
        kind: Its kind.
        metric: What verdicts use.
        labels: The task's, in the suite's order.
        rows: Test, train and validation rows.
        looks: How many earlier runs looked at the same test rows.
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
    """

    runs: tuple[RunHeader, ...]
    complete: bool
    tasks: tuple[TaskComparison, ...]
    evidence: Mapping[str, TaskEvidence]
