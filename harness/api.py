"""The same from Python and notebooks.

run = harness.run("suites/sentiment.yaml")
run.compare().tasks[0].recommendation.sentence
harness.compare("results/A", "results/B").to_frame()
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rich.jupyter import JupyterMixin

from harness.errors import StoreError, SuiteError
from harness.records import Record, RunHeader, TrialHeader
from harness.running.gaps import is_complete
from harness.running.runner import Options
from harness.running.runner import run as _run
from harness.running.store import RunFolder, find, runs
from harness.running.watch import Watcher
from harness.suite import Decide, PriceBook
from harness.suite.complaints import check
from harness.suite.load import Loaded, load_suite

if TYPE_CHECKING:  # a run compares nothing before its end: what does is imported where it is needed
    import pandas
    from rich.console import RenderableType

    from harness.comparison import Compared, TaskComparison
    from harness.running.rows import Row

R = TypeVar("R", bound=Record)

__all__ = ["Comparison", "Run", "compare", "load_suite", "resumable", "run"]


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
            _ = self.folder.kept_suite  # what is wrong with the file itself is told as a run's
            self._loaded = load_suite(self.folder.path / "suite.json", folder=Path(self.header.suite_folder))
        return self._loaded

    def trials(self) -> list[TrialHeader]:
        """Headers of all trials, candidates of a matrix too."""
        return [trial.header for trial in self.folder.trials()]

    def rows(self) -> list[Row]:
        """Every trial's figures, in the suite's order, by training size, seed and repeat."""
        from harness.comparing.reading import opened, read

        if not self.folder.tasks():
            return []
        return [row for evidence in read([opened(self.folder, self.loaded)]) for _, row in evidence.rows()]

    def compare(
        self,
        *,
        prices: PriceBook | Mapping[str, object] | None = None,
        decide: Decide | Mapping[str, object] | None = None,
    ) -> Comparison:
        """Verdicts, a recommendation and what lies behind them, computed from what is on disk.

        Args:
            prices: Instead of the suite's.
            decide: Instead of the suite's; of a mapping each field that it has, such as
                ``{"minimum": {"accuracy": 0.85}}``.

        Raises:
            SuiteError: Something is wrong with either.
        """
        return compare(self, prices=prices, decide=decide)

    def to_json(self) -> str:
        """The document that `-o out.json` writes; `harness schema --results` describes it."""
        return self.compare().to_json()

    def write(self, path: str | Path, *, texts: bool = True) -> None:
        """Writes a report, by the file's extension: .html, .json, .csv, .md, .xml (JUnit) or .eml (a mail)."""
        self.compare().write(path, texts=texts)

    def __rich__(self) -> RenderableType:
        return self.compare().__rich__()


class Comparison(JupyterMixin):
    """Runs, compared.

    Args:
        compared: What was found.
    """

    def __init__(self, compared: Compared) -> None:
        self.compared = compared

    @property
    def tasks(self) -> tuple[TaskComparison, ...]:
        """Task by task: strategies, pairs, recommendation, diagnosis."""
        return self.compared.tasks

    def to_frame(self) -> pandas.DataFrame:
        """A row for each strategy of each task."""
        from harness.report import frames

        return frames.strategies(self.compared)

    def pairs_frame(self) -> pandas.DataFrame:
        """A row for each two strategies of a task, with the verdict."""
        from harness.report import frames

        return frames.pairs(self.compared)

    def to_json(self) -> str:
        """The document that `-o out.json` writes; `harness schema --results` describes it."""
        from harness.report import files

        return files.json_text(self.compared)

    def to_html(self, *, texts: bool = True) -> str:
        """The report, one page that needs nothing else."""
        from harness.report import files

        return files.text(self.compared, ".html", texts=texts)

    def write(self, path: str | Path, *, texts: bool = True) -> None:
        """Writes a report, by the file's extension: .html, .json, .csv, .md, .xml (JUnit) or .eml (a mail).

        Args:
            path: Where to.
            texts: Whether what tells of single rows goes along: without, no text, prompt, answer, warning, row id
                or value of metadata is written; figures, names and the task's labels stay.
        """
        from harness.report import files

        files.write(self.compared, Path(path), texts=texts)

    def __rich__(self) -> RenderableType:
        from harness.report.terminal import table

        return table(self.compared)


def compare(
    *of: Run | RunFolder | Path | str,
    prices: PriceBook | Mapping[str, object] | None = None,
    decide: Decide | Mapping[str, object] | None = None,
    strategies: Sequence[str] = (),
) -> Comparison:
    """Compares what one run or several recorded; asks no model.

    Args:
        of: Run folders; the last one's targets, metric and limits hold for all.
        prices: Instead of each suite's.
        decide: Instead of the last suite's; of a mapping each field that it has.
        strategies: Only these.

    Raises:
        SuiteError: The runs have no task in common, a limit names no figure, or prices or `decide` are wrong.
        StoreError: A folder is no run.
    """
    from harness.comparing.reading import opened
    from harness.comparison import compare as compared

    found = [each if isinstance(each, Run) else Run(each) for each in of]
    if not found:
        raise SuiteError("name a run to compare")
    book = _checked(PriceBook, prices, {}, "prices")
    limits = _checked(Decide, decide, found[-1].loaded.suite.decide.model_dump(), "decide")
    return Comparison(compared([opened(run.folder, run.loaded, book, limits) for run in found], strategies))


def _checked(model: type[R], given: object, under: Mapping[str, object], what: str) -> R | None:
    """A record as it is, or made of a mapping that is laid over another."""
    if given is None or isinstance(given, model):
        return given
    if not isinstance(given, Mapping):
        raise SuiteError(f"{what} is a {model.__name__} or a mapping of its fields, not {given!r}")
    made = check(model, {**under, **given})
    if isinstance(made, list):
        raise SuiteError(made[0].message, where=".".join(map(str, (what, *made[0].path))))
    return made


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


def resumable(loaded: Loaded, results: Path, name: str = "", *, curve: bool | None = None) -> RunFolder:
    """The run to go on with: the one named, else the latest unfinished one of this suite.

    Args:
        loaded: The suite.
        results: Where run folders are.
        name: Of the run.
        curve: Only runs with several training sizes (True), or only those with all rows (False).

    Raises:
        StoreError: Where there is none.
    """
    if name:
        return find(results, name)
    unfinished = [folder for folder in _of_suite(loaded, results) if not is_complete(folder)]
    open_runs = [folder for folder in unfinished if curve in (None, bool(folder.header.sizes))]
    if unfinished and not open_runs:
        kind, command = ("runs", "run") if curve else ("learning curves", "curve")
        raise StoreError(
            f"the unfinished runs of {loaded.suite.name!r} in {str(results)!r} are {kind}, which"
            f" `harness {command} --resume` goes on with; without --resume a new one begins"
        )
    if not open_runs:
        raise StoreError(
            f"no unfinished run of {loaded.suite.name!r} in {str(results)!r}; without --resume a new one begins"
        )
    return max(open_runs, key=_started)


def _of_suite(loaded: Loaded, results: Path) -> Iterator[RunFolder]:
    for folder in runs(results):
        if folder.header.name == loaded.suite.name and folder.header.forgotten is None:
            yield folder


def _started(folder: RunFolder) -> datetime:
    return folder.header.started
