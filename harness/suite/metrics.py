"""Which scorer gives a task's metric."""

from __future__ import annotations

from harness.errors import SuiteError
from harness.plugins import Registry
from harness.scoring import default_metric
from harness.scoring.ordinal import OF_SCALE, STEPS
from harness.suite import Suite, Task
from harness.suite.problems import Problems


def check_metric(task: Task, registry: Registry, at: str, problems: Problems) -> None:
    """Says so where no scorer gives the task's metric for its kind."""
    try:
        metric = task.metric or default_metric(task.kind)
        if metric in OF_SCALE and task.kind == "label" and not task.ordered:
            raise SuiteError(
                f"{metric!r} is of labels that are a scale; say `ordered: true`, and list them in order"
            )
        if metric in STEPS and task.kind == "label":
            told = "`metric: closeness` is the same, larger the better"
            raise SuiteError(f"{metric!r} is better the smaller it is, and a metric the larger; {told}")
        registry.scorer_of(metric, task.kind)
    except SuiteError as error:
        problems.add(at, error.message)


def with_metrics(suite: Suite) -> Suite:
    """The suite with every task's metric filled in."""
    tasks = tuple(
        task.model_copy(update={"metric": task.metric or default_metric(task.kind)}) for task in suite.tasks
    )
    return suite.model_copy(update={"tasks": tasks})
