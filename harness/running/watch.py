"""What a run tells whoever watches it: a progress bar, a notebook, nobody."""

from __future__ import annotations

from collections.abc import Sequence

from harness.records import RunHeader, TrialHeader, TrialKey


class Watcher:
    """Hears of a run's progress, from whichever thread; this one does nothing with it."""

    def run_started(self, run: RunHeader, trials: Sequence[TrialKey]) -> None: ...

    def trial_started(self, key: TrialKey) -> None: ...

    def progress(self, key: TrialKey, done: int, total: int, what: str) -> None: ...

    def trial_finished(self, header: TrialHeader) -> None: ...

    def message(self, text: str) -> None: ...
