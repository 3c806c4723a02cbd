"""A run in the list of runs: where it stands, in a line.

2026-11-21-0915-sentiment  sentiment  complete  tweets, tweets-binary  14 finished
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from harness.errors import StoreError
from harness.running.forgotten import when
from harness.running.gaps import is_complete
from harness.running.store import RunFolder


class RunLine:
    """What the list shows of a run; one that cannot be read says why, and hides no other.

    Args:
        name: What its pages are called by.
        folder: The run.
    """

    def __init__(self, name: str, folder: RunFolder) -> None:
        self.name = name
        self.problem = ""
        self.suite = self.state = ""
        self.started = 0.0
        self.at: datetime | None = None
        self.tasks: list[str] = []
        self.counts: Mapping[str, int] = {}
        try:
            header = folder.header
            counts = Counter(trial.header.status for trial in folder.trials())
            whole = is_complete(folder)
        except StoreError as error:
            self.problem = error.message
            return
        counts.pop("candidate", None)
        running = bool(counts["running"]) and folder.is_running
        if counts["running"] and not running:
            counts["stopped"] += counts.pop("running")
        ended = "complete" if whole else "ended"
        self.state = ended if header.finished else "running" if running else "unfinished"
        if header.forgotten is not None:
            self.state += f", texts forgotten {when(header)}"
        self.suite, self.started, self.at = header.name, header.started.timestamp(), header.started
        self.tasks = folder.tasks()
        self.counts = {status: number for status, number in sorted(counts.items()) if number}
