"""What the trials of a run share: models, calls, rows, scorers, tables, and each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Lock, RLock

from harness.calls.calling import Calls
from harness.calls.ledger import Meter
from harness.calls.pool import ModelPool
from harness.calls.tuning_book import TuningBook
from harness.data.saying import counted, few
from harness.data.subsets import subset
from harness.data.tables import with_test_texts
from harness.data.taskdata import TaskData
from harness.errors import SuiteError, suggest
from harness.models import Scorer
from harness.records import Phase, Row, TrialKey
from harness.running import trial
from harness.running.context import Inner, TrialContext
from harness.running.job import Job, Rephrased
from harness.running.watch import Watcher
from harness.suite import Probes
from harness.suite.binding import Bound


@dataclass(frozen=True)
class TaskBench:
    """A task as trials need it.

    Attributes:
        data: Its rows.
        metric: The figure that choices use.
        scorer: Who gives that figure.
        probes: What is asked in another form.
        draw: Seed of what is drawn for all strategies alike.
    """

    data: TaskData
    metric: str
    scorer: Scorer
    probes: Probes = field(default_factory=Probes)
    draw: int = 0


@dataclass
class Workbench:
    """Implements `trial.TrialBench`.

    Attributes:
        run_id: The run's.
        folder: Where `trials/` is.
        strategies: By name, candidates of matrices too.
        tasks: By name.
        tables: By name; read when first asked for.
        pool: The models.
        calls: Cache, budget, endpoints.
        jobs: What was made with providers of fine-tuning; one for the whole run.
        latency_sample: How many test queries are asked one at a time.
        validation: Whether validation rows are asked too.
        contexts: What strategies are handed.
        phase: What preparing is booked as.
        watcher: Who hears of progress.
        stop: Set once the user asked to stop.
    """

    run_id: str
    folder: Path
    strategies: Mapping[str, Bound]
    tasks: Mapping[str, TaskBench]
    tables: Mapping[str, Callable[[], Sequence[Row]]]
    pool: ModelPool
    calls: Calls
    jobs: TuningBook
    latency_sample: int
    validation: bool = False
    contexts: type[TrialContext] = TrialContext
    phase: Phase = "prepare"
    watcher: Watcher = field(default_factory=Watcher)
    stop: Event = field(default_factory=Event)
    _rows: dict[str, Sequence[Row]] = field(default_factory=dict)
    _locks: dict[str, RLock] = field(default_factory=lambda: defaultdict(RLock))
    _table_warnings: dict[tuple[str, str], str | None] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def job(self, key: TrialKey) -> Job:
        task = self.tasks[key.task]
        data = task.data
        whole = key.train_size is None
        if key.train_size is not None:
            cut = subset(data.train, data.validation, key.train_size, key.seed, data.brief.kind)
            data = replace(data, train=cut.train, validation=cut.validation)
        return Job(
            key=key,
            bound=self.strategies[key.strategy],
            data=data,
            folder=self.folder / "trials" / str(key),
            latency_sample=self.latency_sample,
            # A learning curve needs the figure of each size alone.
            validation=self.validation and whole,
            probes=task.probes if whole else Probes(),
            draw=task.draw,
            phase=self.phase,
        )

    def rephrased(self, job: Job, folder: Path, instructions: str) -> Rephrased:
        """The same trial with other instructions, in a folder of its own; all that it uses is booked as a probe.

        Strategies that it uses are prepared anew in that folder too.
        """
        task = self.tasks[job.key.task]
        brief = task.data.brief.model_copy(update={"instructions": instructions})
        bench = replace(
            self,
            run_id=f"{self.run_id}/{job.key}/{folder.name}",
            folder=folder,
            tasks={**self.tasks, job.key.task: replace(task, data=replace(task.data, brief=brief))},
            phase="probe",
            _locks=defaultdict(RLock),
        )
        return Rephrased(replace(bench.job(job.key), folder=folder), bench)

    def table(self, name: str) -> Sequence[Row]:
        with self._lock:
            if name not in self._rows:
                if name not in self.tables:
                    raise SuiteError(f"no table {name!r} in the suite; {suggest(name, self.tables)}")
                self._rows[name] = self.tables[name]()
            return self._rows[name]

    def table_warning(self, name: str, task: str) -> str | None:
        """What is to be said of a table that holds texts of the task's test rows; None where it holds none."""
        known = (name, task)
        if known not in self._table_warnings:
            ids = with_test_texts(self.table(name), self.tasks[task].data.test)
            self._table_warnings[known] = (
                f"table {name!r} has the text of a test row in {counted(len(ids))} ({few(ids)}): what learns from"
                " them has seen what it is tested on; take them out of the table"
                if ids
                else None
            )
        return self._table_warnings[known]

    def score(self, task: str, answers: Sequence[tuple[tuple[str, ...], tuple[str, ...]]]) -> float:
        bench = self.tasks[task]
        return bench.scorer.whole(answers)[bench.metric]

    def row_score(self, task: str, targets: tuple[str, ...], answers: tuple[str, ...]) -> float:
        bench = self.tasks[task]
        return bench.scorer.one(bench.metric, targets, answers)

    @contextmanager
    def inner(self, key: TrialKey, meter: Meter) -> Iterator[Inner]:
        with trial.inner(self.job(key), self, meter) as inner:
            yield inner

    @contextmanager
    def alone(self, key: TrialKey) -> Iterator[None]:
        with self._lock:
            lock = self._locks[str(key)]
        with lock:
            yield

    def progress(self, key: TrialKey, done: int, total: int, what: str) -> None:
        self.check_stop()
        self.watcher.progress(key, done, total, what)

    def check_stop(self) -> None:
        if self.stop.is_set():
            raise KeyboardInterrupt
