"""Which scorer gives a task's metric."""

from __future__ import annotations

from harness.errors import SuiteError
from harness.plugins import Registry
from harness.scoring import default_metric
from harness.suite import Suite, Task
from harness.suite.problems import Problems


def check_metric(task: Task, registry: Registry, at: str, problems: Problems) -> None:
    """Says so where no scorer gives the task's metric for its kind."""
    try:
        metric = task.metric or default_metric(task.kind)
        registry.scorer_of(metric, task.kind)
    except SuiteError as error:
        problems.add(at, error.message)


def with_metrics(suite: Suite) -> Suite:
    """The suite with every task's metric filled in."""
    tasks = tuple(
        task.model_copy(update={"metric": task.metric or default_metric(task.kind)}) for task in suite.tasks
    )
    return suite.model_copy(update={"tasks": tasks})
