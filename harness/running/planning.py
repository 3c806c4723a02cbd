"""What a run will do, before anything is spent: its rows and its trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.data.subsets import limit as limit_rows
from harness.data.task import load_task
from harness.data.taskdata import TaskData
from harness.errors import HarnessError, ModelError, SuiteError, suggest
from harness.privacy.staying import staying
from harness.records import TrialKey
from harness.suite.load import Loaded, locate, needs


def read_data(loaded: Loaded, limit: int | None = None) -> dict[str, TaskData]:
    """Reads, checks and divides the rows of every task, before anything is spent.

    Raises:
        DataError: With file, line and field of the suite where it is about one.
    """
    sources = loaded.registry.readers
    found = {}
    for index, task in enumerate(loaded.suite.tasks):
        try:
            with staying(loaded.suite.privacy):
                data = load_task(task, loaded.folder, sources)
        except HarnessError as error:
            raise locate(error, loaded, f"tasks[{index}]") from error
        found[task.name] = data if limit is None else limit_rows(data, limit)
    return found


def plan(loaded: Loaded, only: Sequence[str] = (), sizes: Sequence[int] = ()) -> list[TrialKey]:
    """The trials of a suite in the order in which they run; candidates of matrices are run by their choice.

    Args:
        loaded: The suite.
        only: Strategies to run; all without it.
        sizes: Labelled rows to run each trial with, once with each; with all rows without it.
    """
    visible = [name for name, bound in loaded.strategies.items() if not bound.hidden]
    for name in only:
        if name not in visible:
            raise SuiteError(f"--strategy {name!r} is not in the suite; {suggest(name, visible)}")
    chosen = [name for name in visible if not only or name in only]
    return [
        TrialKey(task=task.name, strategy=name, seed=seed, repeat=repeat, train_size=size)
        for task in loaded.suite.tasks
        for seed in loaded.suite.seeds
        for repeat in range(loaded.suite.repeats)
        for size in (sorted(set(sizes)) or (None,))
        for name in chosen
        if (tasks := loaded.strategies[name].tasks) is None or task.name in tasks
    ]


def models_of(loaded: Loaded, keys: Sequence[TrialKey]) -> list[str]:
    """The names of the models that trials need, in order."""
    return sorted({model for name in {key.strategy for key in keys} for model in needs(loaded, name)})


def check_models(loaded: Loaded, keys: Sequence[TrialKey]) -> None:
    """Asks the models that trials need whether they can be used, before anything is spent.

    Raises:
        ModelError: One cannot: there is no key for it.
    """
    needed = {name: needs(loaded, name) for name in dict.fromkeys(key.strategy for key in keys)}
    for model in sorted(frozenset().union(*needed.values())):
        try:
            loaded.models[model].check()
        except ModelError as error:
            without = [name for name, models in needed.items() if model not in models]
            advice = f". To run the others: --strategy {' --strategy '.join(without)}" if without else ""
            raise ModelError(f"model {model!r}: {error}{advice}") from error


def check_sizes(sizes: Sequence[int], data: Mapping[str, TaskData]) -> None:
    """Refuses sizes that some task has not the rows for, before anything is spent.

    Raises:
        SuiteError: A size is below 2, or larger than train and validation together.
    """
    for name, rows in data.items():
        train, validation = len(rows.train), len(rows.validation)
        there = train + validation
        for size in sizes:
            if size < 2:
                raise SuiteError(
                    f"--sizes {size} is too small: a size counts train and validation together, and each needs a"
                    " row; give 2 or more"
                )
            if size > there:
                raise SuiteError(
                    f"--sizes {size} is more than the {there} labelled rows of task {name!r} ({train} train and"
                    f" {validation} validation): give {there} at most, or more rows under `data.splits`"
                )
