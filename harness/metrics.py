"""Which scorer gives a task's metric."""

from __future__ import annotations

from harness.errors import SuiteError
from harness.plugins import Registered, Registry
from harness.problems import Problems
from harness.records import PluginStamp
from harness.scoring import builtin_scorers, default_metric
from harness.suite import Suite, Task


def add_builtin_scorers(registry: Registry) -> Registry:
    """The same registry, with the harness's own scorers behind those of plugins."""
    stamp = PluginStamp(name="harness", version="", sha256="")
    for name, scorer in builtin_scorers().items():
        registry.scorers.setdefault(name, Registered(name, scorer, stamp))
    return registry


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
