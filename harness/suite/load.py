"""YAML to a suite whose every name is resolved: what the runner takes.

Everything that is wrong with the file is told at once, each with file, line, column and field:

    suites/mine.yaml:14:7  tasks[0].data.columns.target
      unknown field 'labl'; there are: id, metadata, target, text
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import JsonValue

from harness import plugins
from harness.errors import HarnessError, SuiteError, suggest
from harness.models import Model
from harness.plugins import Registry
from harness.records import PluginStamp
from harness.suite import Decide, StrategyEntry, Suite, Task
from harness.suite.answer_schemas import check_answers, with_schemas
from harness.suite.binding import Binder, Bound, BoundModel, check_references
from harness.suite.complaints import check, shown
from harness.suite.figures import check_limits
from harness.suite.label_names import check_label_names
from harness.suite.metrics import check_metric, with_metrics
from harness.suite.parts import Parts, entries_of, mapping_of
from harness.suite.privacy import Reaching, check_privacy, unchecked
from harness.suite.problems import Problems
from harness.suite.references import Reference, references
from harness.suite.yaml_positions import Document, join, position, read_yaml


@dataclass(frozen=True)
class Loaded:
    """A suite that can run.

    Attributes:
        suite: What it says, with every default; each task's metric is filled in.
        path: Its file, as the user gave it.
        folder: Where its relative paths start from.
        registry: What plugins offer.
        models: Name to parameters; nothing is loaded yet.
        strategies: The suite's in its order, each matrix followed by its candidates, then yardsticks.
        document: The file, with the place of everything in it.
        model_plugins: Whose code each model is.
    """

    suite: Suite
    path: Path
    folder: Path
    registry: Registry
    models: Mapping[str, Model]
    strategies: Mapping[str, Bound]
    document: Document
    model_plugins: Mapping[str, PluginStamp]

    @property
    def unchecked(self) -> list[str]:
        """Files of the user's own that the suite runs: what they contact cannot be known before."""
        uses = [bound.use for bound in self.strategies.values()]
        return unchecked([*uses, *(model.use for model in self.suite.models.values())])

    def deciding(self, decide: Decide) -> Loaded:
        """The same with other limits, traffic or prices of errors.

        Raises:
            SuiteError: A limit names no figure of its tasks.
        """
        suite = self.suite.model_copy(update={"decide": decide})
        problems = Problems(self.document)
        check_limits(suite, self.registry, problems)
        problems.raise_any()
        return replace(self, suite=suite)

    def resolved(self) -> dict[str, JsonValue]:
        """The suite with every default and every parameter, as JSON; `load_suite` reads it back.

        No secret can be in it: parameters name environment variables, never their values.
        """
        told: dict[str, JsonValue] = self.suite.model_dump(mode="json", by_alias=True)
        told["models"] = {
            name: {"use": self.suite.models[name].use, "with": model.model_dump(mode="json", by_alias=True)}
            for name, model in self.models.items()
        }
        told["strategies"] = [self._resolved(entry) for entry in self.suite.strategies]
        told["yardsticks"] = [name for name, bound in self.strategies.items() if bound.yardstick]
        return told

    def _resolved(self, entry: StrategyEntry) -> JsonValue:
        bound = self.strategies[entry.name]
        first = self.strategies[bound.candidates[0]] if bound.candidates else bound
        params = first.strategy.model_dump(mode="json", by_alias=True)
        told: dict[str, JsonValue] = entry.model_dump(mode="json", by_alias=True)
        told["with"] = {name: value for name, value in params.items() if name not in entry.matrix}
        return told


def load_suite(
    path: str | Path, registry: Registry | None = None, *, folder: Path | None = None, **overrides: JsonValue
) -> Loaded:
    """Reads a suite, finds all that it names and checks all that it says; no model is loaded, no row read.

    Args:
        path: A YAML file.
        registry: What plugins offer; loaded where it is not given.
        folder: Where relative paths start from; the file's own folder where it is not given.
        overrides: Fields of the suite that stand instead of the file's, such as ``seeds=[0, 1]``.

    Raises:
        SuiteError: For all that is wrong with it; with file, line, column and field.
        PluginError: Where all that is wrong is a plugin that does not load.
    """
    path = Path(path)
    document = read_yaml(path)
    if not isinstance(document.value, dict):
        fields = ", ".join(Suite.model_fields)
        raise SuiteError(
            f"a suite is a mapping with the fields {fields}; this is {shown(document.value)}",
            where=position(document, ""),
        )
    raw: dict[str, JsonValue] = {**document.value, **overrides}
    problems = Problems(document)
    _check_names(raw, problems)
    suite = check(Suite, raw)
    if isinstance(suite, list):
        for complaint in suite:
            if complaint.path or not problems.found:
                problems.add(join("", *complaint.path), complaint.message)
    binder = Binder(registry or plugins.load(), folder or path.parent, problems)
    parts = Parts.of(raw)
    models, strategies = _bind(parts, binder)
    _check_tasks(parts, binder.registry, problems)
    check_answers(parts.tasks, binder.folder, problems)
    check_references(strategies, models, parts.names, problems)
    if raw.get("privacy") == "local":
        check_privacy(Reaching(parts.tasks, mapping_of(raw.get("tables")), models, strategies), binder)
    if not strategies and not problems.found:
        problems.add("yardsticks", "there is nothing to run: no strategy is given, and no yardstick")
    problems.raise_any()
    assert isinstance(suite, Suite)  # a list of complaints would have been raised
    suite = with_schemas(with_metrics(suite), binder.folder)
    check_limits(suite, binder.registry, problems)
    problems.raise_any()
    return Loaded(
        suite=suite,
        path=path,
        folder=binder.folder,
        registry=binder.registry,
        models={name: bound.model for name, bound in models.items()},
        strategies=strategies,
        document=document,
        model_plugins={name: bound.plugin for name, bound in models.items()},
    )


def task_of(loaded: Loaded, name: str | None) -> Task:
    """The task of that name, or the only one.

    Raises:
        SuiteError: There is none, or there are several and no name.
    """
    tasks = {task.name: task for task in loaded.suite.tasks}
    if name is None and len(tasks) == 1:
        return next(iter(tasks.values()))
    if name is None or name not in tasks:
        what = "several tasks: say which with --task" if name is None else f"no task {name!r}"
        raise SuiteError(f"{loaded.path} has {what}; {suggest(name or '', tasks)}")
    return tasks[name]


def needs(loaded: Loaded, name: str) -> frozenset[str]:
    """The models that a strategy uses, itself or through strategies that it names."""
    return frozenset(each.name for each in _reached(loaded, name) if each.kind not in ("strategy", "table"))


def tables(loaded: Loaded, name: str) -> frozenset[str]:
    """The tables that a strategy reads, itself or through strategies that it names."""
    return frozenset(each.name for each in _reached(loaded, name) if each.kind == "table")


def _reached(loaded: Loaded, name: str) -> Iterator[Reference]:
    """What a strategy's parameters name, and those of strategies among it."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        for reference in references(loaded.strategies[each].strategy):
            yield reference
            if reference.kind == "strategy":
                waiting.append(reference.name)


def locate(error: HarnessError, loaded: Loaded, prefix: str = "") -> HarnessError:
    """The same error with file, line and column.

    Args:
        error: Its `where` is a field below `prefix`, such as ``data.columns.target``, or None.
        loaded: The suite that it is about.
        prefix: Such as ``tasks[0]``.
    """
    located = copy.copy(error)
    located.where = position(loaded.document, f"{prefix}.{error.where}".strip(".") if error.where else prefix)
    return located


def _bind(parts: Parts, binder: Binder) -> tuple[dict[str, BoundModel], dict[str, Bound]]:
    models = {name: found for name, use in parts.models.items() if (found := binder.model(name, use))}
    strategies: dict[str, Bound] = {}
    for index, entry in parts.strategies.items():
        for bound in binder.strategy(index, entry):
            strategies.setdefault(bound.name, bound)
        if entry.tasks == ():
            binder.problems.add(join("strategies", index, "tasks"), "no task is named; leave it out for all tasks")
        for i, task in enumerate(entry.tasks or ()):
            if task not in parts.names["tasks"]:
                hint = suggest(task, set(parts.names["tasks"]))
                binder.problems.add(join("strategies", index, "tasks", i), f"no task {task!r}; {hint}")
    for bound in binder.yardsticks(parts.yardsticks, set(parts.names["strategies"])):
        strategies[bound.name] = bound
        parts.names["strategies"].append(bound.name)
    return models, strategies


def _check_tasks(parts: Parts, registry: Registry, problems: Problems) -> None:
    for index, task in parts.tasks.items():
        at = join("tasks", index)
        check_metric(task, registry, join(at, "metric"), problems)
        if task.kind not in ("label", "labels") and task.labels != "auto":
            problems.add(join(at, "labels"), f"a task of kind {task.kind!r} has no labels; leave them out")
        check_label_names(task, at, problems)


def _check_names(raw: Mapping[str, JsonValue], problems: Problems) -> None:
    """Names that stand twice, at the second of them."""
    for group, what in (("tasks", "task"), ("strategies", "strategy")):
        seen: dict[str, int] = {}
        for index, each in entries_of(raw.get(group)).items():
            name = each.get("name")
            if isinstance(name, str) and name in seen:
                first = position(problems.document, join(group, seen[name], "name")).partition("  ")[0]
                problems.add(join(group, index, "name"), f"{what} {name!r} stands twice; first at {first}")
            elif isinstance(name, str):
                seen[name] = index
