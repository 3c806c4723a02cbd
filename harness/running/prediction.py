"""A fitted strategy of a run, put to new rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from harness.errors import StoreError, SuiteError, suggest
from harness.records import Failed, Prediction, Query, TrialKey
from harness.running.forgotten import refuse
from harness.running.opening import opened
from harness.running.runner import open_bench
from harness.running.store import RunFolder
from harness.suite.load import Loaded


def find_trial(folder: RunFolder, strategy: str, task: str | None, seed: int | None) -> TrialKey:
    """The finished trial to answer with; of several seeds the first.

    Raises:
        SuiteError: The run has none, or the task has to be named.
        StoreError: What it fitted was not kept.
    """
    refuse(folder, "nothing can be answered")
    headers = [each.header for each in folder.trials()]
    keys = [h.key for h in headers if h.status in ("finished", "candidate")]
    of_strategy = [key for key in keys if key.strategy == strategy]
    if not of_strategy:
        known = {key.strategy for key in keys}
        raise SuiteError(f"no finished strategy {strategy!r} in run {folder.id!r}; {suggest(strategy, known)}")
    tasks = {key.task for key in of_strategy}
    if task is None and len(tasks) > 1:
        raise SuiteError(f"{strategy!r} ran on several tasks: say which with --task; {suggest('', tasks)}")
    chosen = [k for k in of_strategy if task in (None, k.task) and seed in (None, k.seed)]
    if not chosen:
        raise SuiteError(f"no trial of {strategy!r} with task {task!r} and seed {seed!r} in run {folder.id!r}")
    # Of several sizes the largest, all rows before any.
    key = min(chosen, key=lambda k: (k.seed, k.repeat, k.train_size is not None, -(k.train_size or 0)))
    if not (folder.trial(key).path / "fit").is_dir():
        raise StoreError(
            f"what {strategy!r} fitted was not kept: the run's suite says `keep: false`. Run it again with"
            " `keep: true`"
        )
    return key


def predict(
    loaded: Loaded, folder: RunFolder, key: TrialKey, queries: Sequence[Query], out: Path | None = None
) -> Iterator[Prediction | Failed]:
    """Answers new queries with what a trial fitted; nothing is trained or paid for again.

    Args:
        loaded: The run's suite.
        folder: The run.
        key: The trial; see `find_trial`.
        queries: What is asked; ids must differ.
        out: Where the ledger of these answers goes; a file beside the run's trials without it.
    """
    with ExitStack() as stack:
        bench = open_bench(loaded, folder, stack)
        ledger = out or folder.path / "predictions.jsonl"
        trial = stack.enter_context(opened(bench.job(key), bench, ledger))
        trial.context.meter.phase = "bulk"
        open_ids = {query.id for query in queries}
        for result in trial.fitted.answer(queries):
            if result.query_id in open_ids:
                open_ids.discard(result.query_id)
                yield result
        for query_id in sorted(open_ids):
            yield Failed(query_id=query_id, kind="unanswered", error="the strategy gave no answer")
