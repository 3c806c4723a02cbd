"""A comparison as pandas frames, for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.comparing.records import Estimate, StrategyFigures
from harness.comparison import Compared, TaskComparison

if TYPE_CHECKING:
    import pandas


def strategies(compared: Compared) -> pandas.DataFrame:
    """A row for each strategy of each task; estimates have columns of their ends beside them."""
    import pandas

    return pandas.DataFrame([_strategy(task, each) for task in compared.tasks for each in task.strategies])


def pairs(compared: Compared) -> pandas.DataFrame:
    """A row for each two strategies of a task."""
    import pandas

    return pandas.DataFrame([pair.model_dump() for task in compared.tasks for pair in task.pairs])


def _strategy(task: TaskComparison, each: StrategyFigures) -> dict[str, object]:
    latency = each.latency
    told: dict[str, object] = {
        "task": task.task,
        "strategy": each.name,
        "run": each.run,
        "status": each.status,
        "recommended": each.name == task.recommendation.strategy,
        "trials": each.trials,
        "train_size": each.train_size,
        "n": each.n,
        "failed": each.failed,
        "metric": each.metric,
    }
    told |= _ends("value", each.value) | {"spread": each.spread}
    for name in ("p50", "p95", "p99"):
        told |= _ends(f"{name}_seconds", getattr(latency, name) if latency else None)
    told |= {f"cost_{name}": value for name, value in each.cost.model_dump().items()}
    # The same under the names that rows of the CSV and the JSON have.
    told |= {
        "dollars_per_answer": each.cost.per_answer,
        "served_dollars_per_answer": each.cost.per_answer_deployed,
        "dollars_per_month": each.cost.per_month,
    }
    for name, found in each.figures.items():
        told |= _ends(name, found)
    return told


def _ends(name: str, found: Estimate | None) -> dict[str, object]:
    return {
        name: found.value if found else None,
        f"{name}_low": found.low if found else None,
        f"{name}_high": found.high if found else None,
    }
