"""Before the first trial: endpoints are asked again what earlier runs recorded, and trusted accordingly."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from harness.drift.asking import Asking
from harness.drift.records import Canaries, load
from harness.drift.saying import lines
from harness.running.bench import Workbench
from harness.running.store import RunFolder, runs


def ask_again(
    folder: RunFolder, models: Sequence[str], bench: Workbench, most: int, *, old_cache: bool
) -> Canaries | None:
    """Asks the run's endpoints recorded prompts again, says what moved, and leaves what it cached before then.

    A run that is taken up again goes by what it found when it began.

    Args:
        folder: The run.
        models: Names of the models that it needs.
        bench: Its models and calls.
        most: Prompts of each endpoint; 0 for none.
        old_cache: Whether earlier answers are used again whatever is found.
    """
    found = load(folder.path)
    if found is None:
        if not most:
            return None
        remote = [name for name in models if not bench.pool.is_local(name)]
        found = Asking(
            run=folder.path,
            earlier=_earlier(folder),
            pool=bench.pool,
            calls=bench.calls,
            say=bench.watcher.message,
            check_stop=bench.check_stop,
        ).ask(remote, most, old_cache=old_cache)
        if not found.found:
            bench.watcher.message("canary: this run asks no endpoint, so that there is nothing to ask again")
    for line in lines(found):
        bench.watcher.message(line)
    if not (old_cache or found.old_cache):
        bench.calls.moved.update({each.identity: found.at for each in found.found if each.moved})
    return found


def _earlier(folder: RunFolder) -> list[Path]:
    others = [run for run in runs(folder.path.parent) if run.id != folder.id and run.header.forgotten is None]
    return [run.path for run in sorted(others, key=lambda run: run.header.started, reverse=True)]
