"""The same from Python and notebooks.

run = harness.run("suites/sentiment.yaml")
run.rows()[0].value
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.jupyter import JupyterMixin

from harness.calls.pricing import Prices
from harness.errors import StoreError
from harness.records import RunHeader, TrialHeader
from harness.report import files
from harness.report.terminal import table
from harness.running.rows import Row, row
from harness.running.runner import Options
from harness.running.runner import run as _run
from harness.running.store import RunFolder, find, runs
from harness.running.watch import Watcher
from harness.suite.load import Loaded, load_suite

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Run", "load_suite", "resumable", "run"]


class Run(JupyterMixin):
    """A run on disk, finished or not.

    Args:
        folder: Its folder.
        loaded: Its suite, where it is at hand.
    """

    def __init__(self, folder: RunFolder | Path | str, loaded: Loaded | None = None) -> None:
        self.folder = folder if isinstance(folder, RunFolder) else RunFolder(Path(folder))
        self._loaded = loaded

    @property
    def header(self) -> RunHeader:
        return self.folder.header

    @property
    def loaded(self) -> Loaded:
        """The suite as it was when the run began, ready to run again."""
        if self._loaded is None:
            self._loaded = load_suite(self.folder.path / "suite.json", folder=Path(self.header.suite_folder))
        return self._loaded

    def trials(self) -> list[TrialHeader]:
        """Headers of all trials, candidates of a matrix too."""
        return [trial.header for trial in self.folder.trials()]

    def rows(self) -> list[Row]:
        """Every strategy's figures, in the suite's order, by training size, seed and repeat; all rows last."""
        suite = self.loaded.suite
        prices = Prices(suite.prices)
        found = []
        for name in self.folder.tasks():
            task, data = self.folder.task(name), self.folder.data(name)
            targets = {example.query.id: example.targets for example in data.test}
            scorer = self.loaded.registry.scorer_of(task.metric, task.brief.kind).item
            for trial in self.folder.trials():
                header = trial.header
                if header.key.task == name and header.status != "candidate":
                    found.append(row(trial, targets, task.metric, scorer, prices, suite.decide))
        tasks = [task.name for task in suite.tasks]
        strategies = list(self.loaded.strategies)

        def place(each: Row) -> tuple[float, ...]:
            size = math.inf if each.train_size is None else each.train_size
            return tasks.index(each.task), strategies.index(each.strategy), size, each.seed, each.repeat

        return sorted(found, key=place)

    def to_json(self) -> str:
        """The document that `-o out.json` writes; `harness schema --results` describes it."""
        return files.json_text(self.header, self.rows())

    def write(self, path: str | Path) -> None:
        """Writes the figures into a file, by its extension: .json or .csv."""
        files.write(self.header, self.rows(), Path(path))

    def __rich__(self) -> RenderableType:
        return table(self.header, self.rows())


def run(
    suite: str | Path | Loaded,
    *,
    options: Options | None = None,
    watcher: Watcher | None = None,
) -> Run:
    """Runs a suite and returns its figures.

    Args:
        suite: A YAML file, or what `load_suite` returned.
        options: Where results go, row and cost limits, what to resume.
        watcher: Hears of progress.

    Raises:
        HarnessError: When the run cannot begin, or ends before its last trial; finished work is kept.
    """
    loaded = suite if isinstance(suite, Loaded) else load_suite(suite)
    return Run(_run(loaded, options or Options(), watcher or Watcher()), loaded)


def resumable(loaded: Loaded, results: Path, name: str = "") -> RunFolder:
    """The run to go on with: the one named, else the latest unfinished one of this suite.

    Raises:
        StoreError: Where there is none.
    """
    if name:
        return find(results, name)
    open_runs = [folder for folder in _of_suite(loaded, results) if not _complete(folder)]
    if not open_runs:
        raise StoreError(
            f"no unfinished run of {loaded.suite.name!r} in {str(results)!r}; without --resume a new one begins"
        )
    return max(open_runs, key=_started)


def _of_suite(loaded: Loaded, results: Path) -> Iterator[RunFolder]:
    for folder in runs(results):
        if folder.header.name == loaded.suite.name:
            yield folder


def _complete(folder: RunFolder) -> bool:
    ended = ("finished", "not-applicable", "candidate")
    return folder.header.finished is not None and all(t.header.status in ended for t in folder.trials())


def _started(folder: RunFolder) -> datetime:
    return folder.header.started
