"""What a provider of fine-tuning keeps: files, jobs that walk through states, and tuned models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.servers.http import Reply, Server

CURVE = (
    "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy\n"
    "1,2.5,0.4,,\n2,1.5,0.6,1.75,0.5\n3,0.5,0.9,1.25,0.75\n"
)


@dataclass
class StoredFile:
    id: str
    name: str
    content: bytes
    purpose: str
    looks: int = 0  # how often somebody asked whether it is ready


@dataclass
class StoredJob:
    """A job: what was ordered, and how far it is.

    Attributes:
        at: Where in the server's walk it is.
        model: The tuned model's name once it has succeeded.
    """

    id: str
    number: int
    order: dict[str, Any]
    kind: str = "supervised"
    at: int = 0
    state: str = ""
    model: str | None = None
    results: list[str] = field(default_factory=list)


def told(left: list[str]) -> str:
    """The next state that a look is told; the last one stays."""
    return left.pop(0) if len(left) > 1 else left[0]


class Store(Server):
    """What every dialect does with it.

    Attributes:
        walk: States of every job: each look at it moves it on by one, and it stays in the last.
        done: The state in which there is a model.
        error: Told of a job in a state of failure.
        late_file: Looks at a file before it is ready.
        bad_file: Whether files are refused once they are looked at.
        late_model: Questions to a tuned model that find none before it answers.
        page: The most that a list gives at once.
        curve: The result file; `encoded` gives it in base64, as the service was seen to.
        checkpoints: How many a job that succeeded has.
        answer: What a model says: (its name, the messages) to text.
        trained: Called with a job and its training file once it succeeds.
        files, jobs, models: What there is now.
    """

    walk: Sequence[str] = ("validating_files", "queued", "running", "succeeded")
    done: str = "succeeded"
    cancelled: str = "cancelled"
    failures: frozenset[str] = frozenset({"failed"})

    def __init__(self) -> None:
        super().__init__()
        self.error = {"code": "invalid_training_file", "message": "The job failed: planted", "param": None}
        self.late_file = 0
        self.bad_file = False
        self.late_model = 0
        self.page = 100
        self.curve = CURVE
        self.encoded = False
        self.checkpoints = 0
        self.trained_tokens: int | None = 1234
        self.answer: Callable[[str, list[dict[str, Any]]], str] = lambda model, messages: f"{model} says hello"
        self.trained: Callable[[StoredJob, bytes], None] = lambda job, content: None
        self.files: dict[str, StoredFile] = {}
        self.jobs: dict[str, StoredJob] = {}
        self.models: dict[str, str] = {}  # the tuned model's name: its job's id
        self._numbers = 0

    def new(self, before: str) -> str:
        self._numbers += 1
        return f"{before}{self._numbers}"

    def store(self, name: str, content: bytes, purpose: str) -> StoredFile:
        made = StoredFile(self.new("file-"), name, content, purpose)
        self.files[made.id] = made
        return made

    def order(self, order: dict[str, Any], job_id: str | None = None, kind: str = "supervised") -> StoredJob:
        job = StoredJob(job_id or self.new("ftjob-"), len(self.jobs), order, kind, state=self.walk[0])
        self.jobs[job.id] = job
        return job

    def look(self, job: StoredJob) -> None:
        """Moves a job on by a state."""
        if job.state == self.cancelled or job.at + 1 >= len(self.walk):
            return
        job.at += 1
        job.state = self.walk[job.at]
        if job.state == self.done and job.model is None:
            self.finish(job)

    def finish(self, job: StoredJob) -> None:
        job.model = self.tuned_name(job)
        self.models[job.model] = job.id
        job.results = [self.store("results.csv", b"", "fine-tune-results").id]
        source = self.files.get(self.training_file(job))
        self.trained(job, source.content if source else b"")

    def tuned_name(self, job: StoredJob) -> str:
        return f"ft:{job.order.get('model')}:acme:{job.order.get('suffix') or ''}:{job.number}"

    def training_file(self, job: StoredJob) -> str:
        return str(job.order.get("training_file"))

    @staticmethod
    def missing(what: str) -> Reply:
        return Reply({"error": {"message": f"No such {what}", "code": None, "type": "invalid_request_error"}}, 404)
