"""`-o out.json`: the figures of a run under names that scripts and CI can rely on.

{"version": 1, "run": "2026-11-21-0915-sentiment", "rows": [{"task": "tweets", "strategy": "lora", …}],
 "comparisons": [{"a": "features", "b": "lora", "verdict": "too few to tell", …}],
 "recommendations": [{"task": "tweets", "strategy": "features", "sentence": "Use features: …", …}], …}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from harness.calls.price_list import PriceUsed
from harness.comparing.records import Optimism, Pair, Pairing, StrategyFigures
from harness.comparison import Compared
from harness.deciding.records import Recommendation
from harness.diagnosing.records import Diagnosis
from harness.drift.records import Canaries
from harness.records import Hardware, Record, SplitSummary
from harness.report.prices import prices_of
from harness.report.silent import row as silent_row
from harness.report.silent import silent
from harness.running.gaps import Gap
from harness.running.rows import Row


class Document(Record):
    """What a run, or several compared, came to.

    No text and no prompt is in it, but warnings and problems may quote a row, and there are ids of rows and values
    of metadata: `--no-text` leaves those out.

    Attributes:
        version: Of this schema: a field that is there stays, and means the same.
        run: The run's id; of several compared the last one's.
        runs: All that were compared.
        suite: The suite's name.
        complete: Whether every trial has ended with a result.
        gaps: Trials that the runs were to have and that have no whole record.
        unshared: By run, tasks that are not compared because another run lacks them.
        hardware: What it ran on; latencies hold for that.
        versions: Of what it ran with.
        data: Rows by task.
        looks: By task, how many earlier runs looked at any of the same test rows.
        rows: Every strategy of every task, by seed.
        strategies: Every strategy over its seeds, by task.
        comparisons: Every two strategies of a task, tested.
        recommendations: One for each task.
        optimism: The best figure of each task, put right for having been picked.
        pairing: How rows of several runs were brought together, by task.
        diagnoses: What lies behind the figures, by task.
        prices: What all of it was priced at, with the source and the day of each price.
        canaries: By run, what endpoints answered again before it, where it asked (`--canary`).
    """

    version: Literal[1] = 1
    run: str
    runs: tuple[str, ...]
    suite: str
    complete: bool
    gaps: tuple[Gap, ...] = ()
    unshared: Mapping[str, tuple[str, ...]] = {}
    hardware: Hardware
    versions: Mapping[str, str]
    data: Mapping[str, SplitSummary]
    looks: Mapping[str, int]
    rows: tuple[Row, ...]
    strategies: Mapping[str, tuple[StrategyFigures, ...]]
    comparisons: tuple[Pair, ...]
    recommendations: tuple[Recommendation, ...]
    optimism: Mapping[str, Optimism]
    pairing: Mapping[str, Pairing]
    diagnoses: Mapping[str, Diagnosis]
    prices: tuple[PriceUsed, ...] = ()
    canaries: Mapping[str, Canaries] = {}


def document(compared: Compared, *, texts: bool = True) -> Document:
    """The figures of a comparison.

    Args:
        compared: What was found.
        texts: Without, what `harness.report.silent` names is left out.
    """
    compared = compared if texts else silent(compared)
    header = compared.runs[-1]
    return Document(
        run=header.id,
        runs=tuple(run.id for run in compared.runs),
        suite=header.name,
        complete=compared.complete,
        gaps=compared.gaps,
        unshared=compared.unshared,
        hardware=header.hardware,
        versions=header.versions,
        data=header.data,
        looks=header.looks,
        rows=rows(compared, texts=texts),
        strategies={task.task: task.strategies for task in compared.tasks},
        comparisons=tuple(pair for task in compared.tasks for pair in task.pairs),
        recommendations=tuple(task.recommendation for task in compared.tasks),
        optimism={task.task: task.optimism for task in compared.tasks if task.optimism is not None},
        pairing={task.task: task.pairing for task in compared.tasks},
        diagnoses={task.task: task.diagnosis for task in compared.tasks},
        prices=prices_of(compared),
        canaries=compared.canaries,
    )


def rows(compared: Compared, *, texts: bool = True) -> tuple[Row, ...]:
    """Every trial's figures, in the suite's order; of several runs under the names that comparisons have."""
    several = len(compared.runs) > 1
    found = (
        row.model_copy(update={"strategy": name}) if several else row
        for evidence in compared.evidence.values()
        for name, row in evidence.rows()
    )
    return tuple(found) if texts else tuple(map(silent_row, found))
