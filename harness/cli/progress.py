"""Progress of a run: a live line on a terminal, one line a finished trial everywhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from harness import numbers
from harness.privacy.secrets import hide
from harness.records import RunHeader, TrialHeader, TrialKey
from harness.running.watch import Watcher

_SIGNS = {"finished": "done", "failed": "FAILED", "stopped": "stopped", "not-applicable": "not applicable"}


@contextmanager
def watching() -> Iterator[Live]:
    """A watcher that writes to stderr, so that what a command prints can be piped."""
    console = Console(file=sys.stderr, highlight=False)
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[what]}", markup=False),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        yield Live(console, progress)


class Live(Watcher):
    """Says on the terminal what it hears.

    Attributes:
        run: The run, once it has begun.
    """

    run: RunHeader | None = None

    def __init__(self, console: Console, progress: Progress) -> None:
        self._console = console
        self._progress = progress
        self._tasks: dict[TrialKey, TaskID] = {}
        self._count = self._total = 0
        self._several_seeds = False
        self._lock = Lock()

    def run_started(self, run: RunHeader, trials: Sequence[TrialKey]) -> None:
        self.run = run
        self._total = len(trials)
        self._several_seeds = len(run.seeds) > 1 or run.repeats > 1
        self._say(f"run {run.id}, {len(trials)} trials")

    def trial_started(self, key: TrialKey) -> None:
        with self._lock:
            self._tasks[key] = self._progress.add_task(self._name(key), total=None, what="preparing")

    def progress(self, key: TrialKey, done: int, total: int, what: str) -> None:
        task = self._tasks.get(key)
        if task is not None:
            self._progress.update(task, completed=done, total=total, what=numbers.plain(hide(what)))

    def trial_finished(self, header: TrialHeader) -> None:
        with self._lock:
            self._count += 1
            task = self._tasks.pop(header.key, None)
            if task is not None:
                self._progress.remove_task(task)
        took = header.finished.timestamp() - header.started.timestamp() if header.finished else None
        why = f": {numbers.plain(header.problem.message.splitlines()[0])}" if header.problem else ""
        seconds = "" if took is None or header.status == "not-applicable" else f" {numbers.seconds(took)}"
        place = f"[{self._count}/{self._total}]"
        self._say(f"{place} {self._name(header.key)}: {_SIGNS.get(header.status, header.status)}{seconds}{why}")

    def message(self, text: str) -> None:
        self._say(f"note: {numbers.plain(text)}")

    def _name(self, key: TrialKey) -> str:
        seed = f" #{key.seed}.{key.repeat}" if self._several_seeds else ""
        return numbers.plain(f"{key.task} / {key.contender}{seed}")

    def _say(self, line: str) -> None:
        self._console.print(Text(hide(line)), soft_wrap=True)
