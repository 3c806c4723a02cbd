"""The faults that `benchmarks.faults` injects."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from suites.local_service.service import Service

Do = Callable[[Service], None]


@dataclass(frozen=True)
class Case:
    """One fault.

    Attributes:
        name: What goes wrong.
        faults: As `--fault` of the service takes them.
        tuned: Whether a model is tuned, else one is asked.
        batch: Whether it is asked by batches.
        strategy: More parameters of `hosted-finetune`.
        timeout: Seconds that a request may take.
        kill: Killed with signal 9 where the service's log first holds this pattern.
        during: What happens on the service's side meanwhile.
        between: What happens there before the run is taken up again.
    """

    name: str
    faults: tuple[str, ...] = ()
    tuned: bool = False
    batch: bool = False
    strategy: str = ""
    timeout: float = 30
    kill: str = ""
    during: Do | None = None
    between: Do | None = None


def _resume_later(service: Service) -> None:
    """Somebody resumes a paused job on the provider's page."""
    while not (paused := [job for job in service.jobs.shelf.all() if job["status"] == "paused"]):
        time.sleep(0.05)
    time.sleep(1)
    service.jobs.say(paused[0]["id"], "Job resumed", "queued")
    service.trainer.wake()


def _loosen(service: Service) -> None:
    """A job that was stuck goes on."""
    for job in service.jobs.shelf.all():
        service.jobs.shelf.change(job["id"], _stuck=False)
    service.trainer.wake()


def _kill(name: str, mark: str, *, tuned: bool = True) -> Case:
    return Case(f"kill -9 {name}", tuned=tuned, kill=mark)


_ANSWERED = r"(chat/completions.*?){6}"

CASES = (
    Case("none, asked"),
    Case("none, tuned", tuned=True),
    Case("429 with Retry-After, 5 times", ("rate-limit=5",)),
    Case("429 `insufficient_quota`", ("quota=40",), between=lambda s: s.faults.clear()),
    Case("500, 3 times", ("server=3",)),
    Case("no answer in time, once", ("slow=6",), timeout=3),
    Case("200 with HTML, 2 times", ("html=2",)),
    Case("`choices: null`, 2 times", ("null-choices=2",)),
    Case("`choices: []`, 2 times", ("no-choices=2",)),
    Case("half a JSON object, 2 times", ("truncated=2",)),
    Case("a connection that ends early, 2 times", ("cut-off=2",)),
    Case("an unknown finish reason, 12 times", ("odd-finish=12",)),
    Case("a content filter, 12 times", ("filter=12",)),
    Case("empty with `length`, 12 times", ("empty-length=12",)),
    Case("a create whose answer is lost", ("lost-create",), tuned=True),
    Case("a create that times out", ("slow-create=6",), tuned=True, timeout=3),
    Case("no new jobs for this account", ("closed=9",), tuned=True, between=lambda s: s.faults.clear()),
    Case("an unknown job state", ("odd-state",), tuned=True),
    Case("a file that is ready late", ("late-file=2",), tuned=True),
    Case("a tuned model that is ready late", ("late-model=2",), tuned=True),
    Case("a job that fails", ("fail",), tuned=True),
    Case("a job that is paused, and resumed", ("pause",), tuned=True, during=_resume_later),
    Case(
        "a job that is stuck past its deadline",
        ("stuck",),
        tuned=True,
        strategy=", deadline_hours: 0.0005",
        between=_loosen,
    ),
    _kill("after the upload", "POST /v1/files"),
    _kill("after the create", "POST /v1/fine_tuning/jobs"),
    _kill("while the job runs", r"GET /v1/fine_tuning/jobs/ftjob-\w+\""),
    _kill("while the tuned model answers", _ANSWERED),
    _kill("while a model answers", _ANSWERED, tuned=False),
    Case("no fault, by batch", batch=True),
    Case("a batch that expires half done", ("expire",), batch=True),
    Case("kill -9 after the batch was sent", batch=True, kill="POST /v1/batches"),
)
