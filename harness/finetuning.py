"""Tuning on a provider's machines: what an adapter of a provider writes, and what a strategy is handed.

    upload(train.jsonl)      file-abc
    create(order)            ftjob-123   waiting -> running -> succeeded
    endpoint("ft:…")         answers like any other endpoint

A model plugin gives an adapter in `Opened.tuning`. It makes one attempt at each step and raises `CallFailed`;
core retries what may be repeated, keeps each job on disk, and looks for a job before it makes one again:
`Context.fine_tuning` hands out the adapter behind that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from harness.endpoints import Endpoint
from harness.records import Record

Method = Literal["supervised", "dpo"]
JobState = Literal["waiting", "running", "paused", "succeeded", "failed", "cancelled", "unknown"]
ENDED: frozenset[JobState] = frozenset({"succeeded", "failed", "cancelled"})


class FileRules(Record):
    """What a provider asks of a training file.

    Attributes:
        provider: Its name, such as ``openai``.
        methods: Ways to tune that it takes.
        minimum: Examples that a training file must have.
        example_tokens: The longest example, in tokens; longer ones are cut or refused.
        file_bytes: The largest file.
        epochs: Passes over the file where the order leaves that to the provider; None where it does not say.
        byte_order_mark: Whether the file must begin with one (Azure).
        lag_seconds: How far its lists may be behind what was made: so long a file or a job whose making ended
            unclear is looked for before it is made again.
        as_of: The day on which this was read in the provider's documentation.
    """

    provider: str
    methods: tuple[Method, ...] = ("supervised",)
    minimum: int = 1
    example_tokens: int | None = None
    file_bytes: int | None = None
    epochs: int | None = None
    byte_order_mark: bool = False
    lag_seconds: float = 15.0
    as_of: str | None = None


class JobOrder(Record):
    """A job to create.

    Attributes:
        key: The run's own key for it, the same after every resume; stands in the job's metadata or name.
        training_file: The id of the uploaded file.
        validation_file: Likewise.
        method: How to tune.
        epochs: Passes over the file; None leaves it to the provider.
        batch_size: Likewise.
        learning_rate: Likewise, as the provider counts it (a multiplier with OpenAI).
        beta: Of DPO.
        seed: Of the provider's own draws, where it takes one.
        suffix: Part of the tuned model's name, where the provider takes one.
    """

    key: str
    training_file: str
    validation_file: str | None = None
    method: Method = "supervised"
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    beta: float | None = None
    seed: int | None = None
    suffix: str | None = None


class TuningJob(Record):
    """A job as the provider tells it.

    Attributes:
        id: The provider's.
        state: What it comes to; `unknown` for a word that is not known, which ends nothing.
        told: The provider's own word for it.
        model: The tuned model's name, once there is one.
        trained_tokens: What is billed, over all epochs; None until it is told, or where it never is.
        error: Why it failed, without any secret.
        created: When the provider took it.
        finished: When it ended.
        result_files: Ids of files with its curves.
        checkpoints: Names of models kept along the way.
    """

    id: str
    state: JobState
    told: str
    model: str | None = None
    trained_tokens: int | None = None
    error: str | None = None
    created: datetime | None = None
    finished: datetime | None = None
    result_files: tuple[str, ...] = ()
    checkpoints: tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        return self.state in ENDED


class JobEvent(Record):
    """Something that the provider says of a job.

    Attributes:
        id: The provider's, so that each is told once.
        at: When.
        message: In its own words: untrusted wherever it is shown.
        warning: Whether it is a warning or an error.
    """

    id: str
    at: datetime | None = None
    message: str
    warning: bool = False


class CurvePoint(Record):
    """One step of training; None for what the provider does not tell of it."""

    step: int
    train_loss: float | None = None
    train_accuracy: float | None = None
    valid_loss: float | None = None
    valid_accuracy: float | None = None


class FineTuning(Protocol):
    """A provider's fine-tuning of one base model. Each method is one attempt.

    Raises (all methods):
        CallFailed: With whether another attempt may help. `kind` is ``closed`` where the provider takes no new
            jobs (of this account), ``quota`` where there is no credit, ``file`` where the file is refused.
    """

    @property
    def name(self) -> str:
        """What prices of training and of tuned answers go by: ``openai/ft:gpt-4.1-mini-2025-04-14``."""
        ...

    @property
    def rules(self) -> FileRules: ...

    def upload(self, path: Path, key: str) -> str:
        """Sends a file; its id. `key` names it, so that `find_file` knows it again."""
        ...

    def find_file(self, key: str) -> str | None:
        """The id of the file that was sent under this key; None where there is none."""
        ...

    def file_ready(self, file: str) -> bool:
        """Whether a file can be used yet; `CallFailed` of kind ``file`` where the provider refuses it."""
        ...

    def create(self, order: JobOrder) -> TuningJob:
        """Makes a job. Never retried by itself: look with `find` first."""
        ...

    def find(self, key: str) -> TuningJob | None:
        """The job that was made under this key; None where the provider's list has none."""
        ...

    def job(self, job: str) -> TuningJob: ...

    def events(self, job: str) -> Sequence[JobEvent]:
        """What the provider said of it so far, oldest first."""
        ...

    def curve(self, job: TuningJob) -> Sequence[CurvePoint]:
        """Losses by step, from its result files; empty where there are none."""
        ...

    def cancel(self, job: str) -> None: ...

    def deploy(self, job: TuningJob, key: str) -> str:
        """Makes a tuned model answer, where that is a step of its own (Azure); the name to ask it by.

        May be called again under the same key until it no longer raises a `CallFailed` that may be retried.
        """
        ...

    def endpoint(self, model: str) -> Endpoint:
        """The tuned model, asked as the base is."""
        ...

    def delete_model(self, model: str) -> None:
        """Deletes a tuned model, and what answers for it; no error where it is gone already."""
        ...

    def delete_file(self, file: str) -> None:
        """Deletes a file; no error where it is gone already."""
        ...
