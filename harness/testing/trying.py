"""One trial of a strategy, through the runner, without a suite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from harness import plugins
from harness.calls.batches import Batches
from harness.calls.budget import Budget
from harness.calls.cache import Cache
from harness.calls.calling import Calls
from harness.calls.ledger import costed, entries
from harness.calls.pool import ModelPool
from harness.calls.pricing import Prices
from harness.calls.tuning_book import JOBS, TuningBook
from harness.data.taskdata import DataReport, TaskData
from harness.journal import read
from harness.models import Model, scorer_for
from harness.records import (
    Brief,
    Example,
    Exchange,
    Failed,
    LedgerEntry,
    Outcome,
    PluginStamp,
    Prediction,
    Query,
    Row,
    TrialHeader,
    TrialKey,
)
from harness.running import trial
from harness.running.bench import TaskBench, Workbench
from harness.running.store import TrialFolder
from harness.scoring import default_metric
from harness.strategy import Strategy
from harness.suite import PriceBook
from harness.suite.binding import Bound

if TYPE_CHECKING:
    pass


from harness.testing.tiny import tiny_task


class Tried(NamedTuple):
    """What `try_strategy` saw.

    Attributes:
        outcomes: By query id.
        exchanges: What was sent to models, by query id.
        steps: Results of steps by name.
        warnings: What a reader must know.
        ledger: What an unbroken run would have used.
        paid: Every entry that was really paid, over all attempts in the folder.
        header: The trial's.
    """

    outcomes: Mapping[str, Prediction | Failed]
    exchanges: Mapping[str, Sequence[Exchange]]
    steps: Mapping[str, object]
    warnings: tuple[str, ...]
    ledger: Sequence[LedgerEntry]
    paid: Sequence[LedgerEntry]
    header: TrialHeader


def try_strategy(  # noqa: PLR0913  (a test names what it varies)
    strategy: Strategy,
    *,
    folder: Path,
    brief: Brief | None = None,
    train: Sequence[Example] | None = None,
    validation: Sequence[Example] | None = None,
    queries: Sequence[Query | Example] | None = None,
    models: Mapping[str, Model] | None = None,
    tables: Mapping[str, Sequence[Row]] | None = None,
    strategies: Mapping[str, Strategy] | None = None,
    metric: str | None = None,
    seed: int = 0,
    latency_sample: int = 1,
    cost_limit: float | None = None,
) -> Tried:
    """Runs one trial as the runner does; again with the same folder, it is a resume.

    What is left out comes from `tiny_task`.

    Raises:
        AssertionError: When the trial failed; with the strategy's own traceback.
    """
    tiny = tiny_task()
    asked = tiny.test if queries is None else queries
    # A bare query has no target: any will do, since nothing is scored here.
    blank = ("",) if brief is None or not brief.labels else (next(iter(brief.labels)),)
    blank = ("{}",) if brief is not None and brief.kind == "fields" else blank
    test = tuple(q if isinstance(q, Example) else Example(query=q, targets=blank) for q in asked)
    data = TaskData(
        brief=brief or tiny.brief,
        train=tuple(tiny.train if train is None else train),
        validation=tuple(tiny.validation if validation is None else validation),
        test=test,
        fingerprint="",
        report=DataReport(),
    )
    bench = _bench(strategy, data, models, tables, strategies, metric, folder, latency_sample, cost_limit)
    try:
        header = trial.run(bench.job(TrialKey(task=data.brief.name, strategy="tried", seed=seed)), bench)
    finally:
        bench.pool.close()
        bench.calls.loop.close()
        bench.calls.budget.close()
        bench.calls.batches.close()
        bench.calls.cache.close()
    assert header.problem is None, header.problem.traceback or header.problem.message
    path = folder / "trials" / str(header.key)
    outcomes = list(read(path / "outcomes.jsonl", Outcome))
    return Tried(
        outcomes={o.query_id: o.result for o in outcomes},
        exchanges={o.query_id: o.exchanges for o in outcomes},
        steps={step.name: step.result for step in TrialFolder(path).steps()},
        warnings=header.warnings,
        ledger=costed(path / "ledger.jsonl"),
        paid=[entry for entry in entries(path / "ledger.jsonl") if entry.paid],
        header=header,
    )


def _bench(  # noqa: PLR0913, PLR0917  (what try_strategy takes)
    strategy: Strategy,
    data: TaskData,
    models: Mapping[str, Model] | None,
    tables: Mapping[str, Sequence[Row]] | None,
    strategies: Mapping[str, Strategy] | None,
    metric: str | None,
    folder: Path,
    latency_sample: int,
    cost_limit: float | None,
) -> Workbench:
    registry = plugins.load()
    metric = metric or default_metric(data.brief.kind)
    budget = Budget(cost_limit, Prices(PriceBook()), folder / "budget.jsonl", ())
    bound = {
        name: Bound(
            name=name,
            strategy=each,
            use=type(each).__name__,
            plugin=PluginStamp(name="tried", version="", sha256=""),
            yardstick=False,
            tasks=None,
        )
        for name, each in {**(strategies or {}), "tried": strategy}.items()
    }
    return Workbench(
        run_id=folder.name,
        folder=folder,
        strategies=bound,
        tasks={
            data.brief.name: TaskBench(
                data, metric, scorer_for(registry.scorer_of(metric, data.brief.kind).item, data.brief)
            )
        },
        tables={name: (lambda rows=rows: rows) for name, rows in (tables or {}).items()},  # type: ignore[misc]
        pool=ModelPool(models or {}),
        calls=Calls(
            Cache(folder / "cache.sqlite"),
            budget,
            "tests",
            batches=Batches(folder / "batches.jsonl", pause=0.01),
        ),
        jobs=TuningBook(folder / JOBS),
        latency_sample=latency_sample,
    )
