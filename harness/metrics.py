"""Which scorer gives a task's metric."""

from __future__ import annotations

from harness.errors import suggest
from harness.plugins import Registered, Registry
from harness.problems import Problems
from harness.records import Kind, PluginStamp
from harness.suite import Suite, Task

DEFAULTS: dict[Kind, str] = {
    "label": "accuracy",
    "labels": "micro_f1",
    "fields": "field_accuracy",
    "text": "token_f1",
}


def add_builtin_scorers(registry: Registry) -> Registry:
    """The same registry with the harness's own scorers behind those of plugins."""
    try:
        from harness.scoring import builtin_scorers
    except ImportError:
        return registry
    stamp = PluginStamp(name="harness", version="", sha256="")
    for name, scorer in builtin_scorers().items():
        registry.scorers.setdefault(name, Registered(name, scorer, stamp))
    return registry


def metric_of(task: Task) -> str:
    """The task's own, else its kind's."""
    return task.metric or DEFAULTS[task.kind]


def with_metrics(suite: Suite) -> Suite:
    """The suite with every task's metric filled in."""
    tasks = tuple(task.model_copy(update={"metric": metric_of(task)}) for task in suite.tasks)
    return suite.model_copy(update={"tasks": tasks})


def check_metric(task: Task, registry: Registry, at: str, problems: Problems) -> None:
    """Says so where no scorer gives the task's metric for its kind."""
    metric = metric_of(task)
    figures = {f: r.item.kinds for r in registry.scorers.values() for f in r.item.figures}
    serving = [r for r in registry.scorers.values() if metric in r.item.figures and task.kind in r.item.kinds]
    if serving:
        return
    fitting = [f for r in registry.scorers.values() if task.kind in r.item.kinds for f in r.item.figures]
    if metric in figures:
        kinds = ", ".join(sorted(figures[metric]))
        problems.add(
            at,
            f"the metric {metric!r} is for tasks of kind {kinds}, not {task.kind}; "
            f"for {task.kind} {suggest(metric, fitting)}",
        )
    else:
        problems.add(at, f"no scorer gives the metric {metric!r}; for {task.kind} {suggest(metric, fitting)}")
