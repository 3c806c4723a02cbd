"""One trial: prepare, warm up, ask the sample one at a time, ask the rest in bulk; then what lies beside them.

trials/tweets/few-shot/0-0/
    trial.json       which trial, its parameters, where it stands
    prepared.json    once prepare is done: its seconds
    steps/ fit/      what prepare did and keeps
    outcomes.jsonl   one line a test query, on disk before the next matters
    validation.jsonl one line a validation row, where a threshold is to be chosen
    probes.jsonl     one line a test query in another form, where the suite asks for it
    ledger.jsonl     one line a use
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from harness import journal
from harness.calls.ledger import Meter
from harness.errors import BudgetError, HarnessError, StillRunning, StoreError
from harness.privacy.secrets import hide
from harness.records import Probed, Problem, TrialHeader
from harness.running.asking import Asking, ask_test, ask_validation
from harness.running.context import Bench, Inner
from harness.running.job import Job, TrialBench
from harness.running.opening import opened
from harness.running.outcomes import ALL_FAILED, ask_again, put_aside
from harness.running.probing import FILE as PROBES
from harness.running.probing import Probing
from harness.running.trial_folder import TrialFolder


def run(job: Job, bench: TrialBench) -> TrialHeader:
    """Runs a trial, or what is left of it.

    A strategy's error ends in the header and nowhere else, and so does a job elsewhere that is left to go on;
    the cap, a full disk and Ctrl-C end the run.

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
            asking = Asking(job, trial, bench)
            with asking.outcomes("outcomes.jsonl", job.data.test) as outcomes:
                ask_test(asking, outcomes)
            warnings = [*trial.warnings]
            probing = Probing(job)
            if outcomes.all_failed is None:
                with _beside(warnings, "the validation rows"):
                    if job.validation and job.data.brief.kind == "label" and outcomes.probable:
                        ask_validation(asking)
                with _beside(warnings, "the test rows in another text"):
                    probing.ask_texts(asking)
            warnings += asking.warnings()
        if outcomes.all_failed is not None:
            return _end(job, header, status="failed", problem=outcomes.all_failed, warnings=tuple(warnings))
        with _beside(warnings, "the test rows with other instructions"):
            warnings += probing.ask_rephrased(bench)
        return _end(job, header, status="finished", warnings=tuple(warnings))
    except KeyboardInterrupt:
        _end(job, header, status="stopped")
        raise
    except BudgetError as error:
        _end(job, header, status="stopped", problem=_problem(error))
        raise
    except StoreError:
        raise
    except StillRunning as error:
        return _end(job, header, status="stopped", problem=_problem(error))
    except Exception as error:
        return _end(job, header, status="failed", problem=_problem(error))


@contextmanager
def _beside(warnings: list[str], what: str) -> Iterator[None]:
    """For what is asked beside the test rows: where the strategy breaks at it, the test rows' figures stand."""
    try:
        yield
    except HarnessError:
        raise
    except Exception as error:
        warnings.append(f"{what} were not all asked: {type(error).__name__}: {error}")


def begin(job: Job, *, candidate: bool = False) -> TrialHeader:
    """The trial's header, on disk: a new one, or the old one taken up again."""
    old = read_header(job.folder)
    if old is not None:
        if candidate:
            return old
        if old.problem is not None and old.problem.kind == ALL_FAILED:
            put_aside(job.folder / "outcomes.jsonl")  # what it failed at may work by now
        elif old.status not in ("candidate", "finished"):
            ask_again(job.folder / "outcomes.jsonl")
            ask_again(job.folder / "validation.jsonl")
            ask_again(job.folder / PROBES, Probed)
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
    return TrialFolder(folder).header if (folder / "trial.json").exists() else None


def write_header(folder: Path, header: TrialHeader) -> None:
    journal.replace(folder / "trial.json", header.model_dump_json(indent=1))


def _end(job: Job, header: TrialHeader, **update: object) -> TrialHeader:
    header = header.model_copy(update={"finished": datetime.now(UTC), **update})
    write_header(job.folder, header)
    return header


def _problem(error: Exception) -> Problem:
    message = str(error) if isinstance(error, HarnessError) else f"{type(error).__name__}: {error}"
    return Problem(
        kind=type(error).__name__,
        message=hide(message),
        traceback=hide("".join(traceback.format_exception(error))),
    )


@contextmanager
def inner(job: Job, bench: Bench, payer: Meter) -> Iterator[Inner]:
    """A prepared trial for another one to use: from here on `payer` is charged."""
    with bench.alone(job.key):
        begin(job, candidate=True)
    with opened(job, bench) as trial:
        trial.context.meter = payer
        yield Inner(trial.fitted, trial.prepared.seconds, job.folder / "ledger.jsonl", trial.warnings)
