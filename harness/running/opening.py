"""Prepares a trial's strategy, or takes up what an earlier attempt prepared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from harness import journal
from harness.calls.ledger import Meter
from harness.errors import PluginError
from harness.running.context import Bench, TrialContext
from harness.running.job import Job, Opened, Prepared
from harness.running.long_rows import Noting, usable


@contextmanager
def opened(job: Job, bench: Bench, ledger: Path | None = None) -> Iterator[Opened]:
    """Prepares a trial, or takes up what an earlier attempt prepared; leaving frees what it holds.

    Args:
        job: The trial.
        bench: The run's.
        ledger: Where its use is booked; its own ledger without it.
    """
    meter = Meter(ledger or job.folder / "ledger.jsonl", job.key, job.phase)
    with ExitStack() as stack:
        stack.callback(meter.close)
        context = bench.contexts(job.key, job.folder, bench, meter, job.data.brief.long)
        # Another strategy may use this one while its own trial runs: jobs and calls are made once all the same.
        with bench.alone(job.key):
            trial = _prepared(job, context, stack)
        yield trial


def _prepared(job: Job, context: TrialContext, stack: ExitStack) -> Opened:
    done = job.folder / "prepared.json"
    with ExitStack() as timing:
        clock = timing.enter_context(context.timed())
        if not done.exists():
            timing.enter_context(context.booking_own("own"))
        rows = usable(job, context)
        fitted = stack.enter_context(
            job.bound.strategy.prepare(job.data.brief, rows.train, rows.validation, context)
        )
        outside = clock()
    if not callable(getattr(fitted, "answer", None)):
        raise PluginError(f"prepare of {job.bound.use!r} gave {fitted!r}, which has no answer(queries)")
    if not done.exists():
        prepared = Prepared(seconds=context.prepared_seconds(outside), warnings=context.warnings)
        journal.replace(done, prepared.model_dump_json())
    prepared = Prepared.model_validate_json(done.read_bytes())
    return Opened(Noting(fitted, context.long_texts), context, prepared)
