"""One trial: prepare, warm up, ask the sample one at a time, ask the rest in bulk.

trials/tweets/few-shot/0-0/
    trial.json       which trial, its parameters, where it stands
    prepared.json    once prepare is done: its seconds
    steps/ fit/      what prepare did and keeps
    outcomes.jsonl   one line a test query, on disk before the next matters
    ledger.jsonl     one line a use
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from harness import journal
from harness.calls.ledger import Meter
from harness.errors import BudgetError, HarnessError, PluginError, StoreError
from harness.records import (
    Problem,
    TrialHeader,
)
from harness.running.asking import ALL_FAILED, Asking, put_aside
from harness.running.context import Bench, Inner, TrialContext
from harness.running.job import Job, Opened, Prepared, TrialBench


def run(job: Job, bench: TrialBench) -> TrialHeader:
    """Runs a trial, or what is left of it.

    A strategy's error ends in the header and nowhere else; the cap, a full disk and Ctrl-C end the run.

    Raises:
        BudgetError: When the cap is reached.
        StoreError: When results cannot be written.
    """
    header = begin(job)
    if job.data.brief.kind not in job.bound.strategy.kinds:
        return _end(job, header, status="not-applicable")
    try:
        with opened(job, bench) as trial:
            header = header.model_copy(
                update={"prepare_seconds": trial.prepared.seconds, "warnings": trial.warnings}
            )
            write_header(job.folder, header)
            with Asking(job, trial, bench) as asking:
                asking.ask_all()
        warnings = (*trial.warnings, *asking.warnings())
        if asking.all_failed is not None:
            return _end(job, header, status="failed", problem=asking.all_failed, warnings=warnings)
        return _end(job, header, status="finished", warnings=warnings)
    except KeyboardInterrupt:
        _end(job, header, status="stopped")
        raise
    except BudgetError as error:
        _end(job, header, status="stopped", problem=_problem(error))
        raise
    except StoreError:
        raise
    except Exception as error:
        return _end(job, header, status="failed", problem=_problem(error))


def begin(job: Job, *, candidate: bool = False) -> TrialHeader:
    """The trial's header, on disk: a new one, or the old one taken up again."""
    old = read_header(job.folder)
    if old is not None:
        if candidate:
            return old
        if old.problem is not None and old.problem.kind == ALL_FAILED:
            put_aside(job.folder / "outcomes.jsonl")  # what it failed at may work by now
        again = 0 if old.status == "candidate" else 1
        header = old.model_copy(
            update={"status": "running", "attempts": old.attempts + again, "problem": None, "finished": None}
        )
    else:
        header = TrialHeader(
            key=job.key,
            use=job.bound.use,
            params=job.bound.strategy.model_dump(mode="json"),
            yardstick=job.bound.yardstick,
            plugin=job.bound.plugin,
            status="candidate" if candidate else "running",
            started=datetime.now(UTC),
        )
    write_header(job.folder, header)
    return header


def read_header(folder: Path) -> TrialHeader | None:
    path = folder / "trial.json"
    return TrialHeader.model_validate_json(path.read_bytes()) if path.exists() else None


def write_header(folder: Path, header: TrialHeader) -> None:
    journal.replace(folder / "trial.json", header.model_dump_json(indent=1))


def _end(job: Job, header: TrialHeader, **update: object) -> TrialHeader:
    header = header.model_copy(update={"finished": datetime.now(UTC), **update})
    write_header(job.folder, header)
    return header


def _problem(error: Exception) -> Problem:
    message = str(error) if isinstance(error, HarnessError) else f"{type(error).__name__}: {error}"
    return Problem(
        kind=type(error).__name__, message=message, traceback="".join(traceback.format_exception(error))
    )


@contextmanager
def opened(job: Job, bench: Bench, ledger: Path | None = None) -> Iterator[Opened]:
    """Prepares a trial, or takes up what an earlier attempt prepared; leaving frees what it holds.

    Args:
        job: The trial.
        bench: The run's.
        ledger: Where its use is booked; its own ledger without it.
    """
    meter = Meter(ledger or job.folder / "ledger.jsonl", job.key)
    with ExitStack() as stack:
        stack.callback(meter.close)
        context = TrialContext(job.key, job.folder, bench, meter)
        done = job.folder / "prepared.json"
        data = job.data
        with ExitStack() as timing:
            clock = timing.enter_context(context.timed())
            if not done.exists():
                timing.enter_context(context.booking_own("own"))
            fitted = stack.enter_context(
                job.bound.strategy.prepare(data.brief, data.train, data.validation, context)
            )
            outside = clock()
        if not callable(getattr(fitted, "answer", None)):
            raise PluginError(f"prepare of {job.bound.use!r} gave {fitted!r}, which has no answer(queries)")
        if not done.exists():
            prepared = Prepared(seconds=context.prepared_seconds(outside), warnings=context.warnings)
            journal.replace(done, prepared.model_dump_json())
        prepared = Prepared.model_validate_json(done.read_bytes())
        yield Opened(fitted, context, prepared)


@contextmanager
def inner(job: Job, bench: Bench, payer: Meter) -> Iterator[Inner]:
    """A prepared trial for another one to use: from here on `payer` is charged."""
    begin(job, candidate=True)
    with opened(job, bench) as trial:
        trial.context.meter = payer
        yield Inner(trial.fitted, trial.prepared.seconds, job.folder / "ledger.jsonl", trial.warnings)
