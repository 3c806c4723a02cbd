"""What a hosted fine-tune writes down as it goes, a step each; a second job's have its number behind their names.

file       {"rows": 398, "left_out": 2, "tokens": 35118, "epochs": 3, "upper_tokens": 105354, …}
uploaded   {"training": "file-abc", "validation": "file-def"}
job        {"id": "ftjob-1", "asked": "2026-11-21T09:15:02Z"}
ended      {"state": "succeeded", "model": "ft:gpt-4.1-mini:…", "trained_tokens": 105000, "seconds": 780.0, …}
tuned      {"job": "ftjob-1", "model": "ft:gpt-4.1-mini:…", "curve": [{"step": 1, "train_loss": 1.9}, …]}
rows, epoch-1, …, best                                          the curve by epoch, as reports read it
deployed   {"name": "ft:gpt-4.1-mini:…"}
"""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from harness import Record
from harness.finetuning import CurvePoint, JobState


class TrainingFile(Record):
    """The training file, and the validation file where there is one."""

    path: str = Field(description="Of the training file, in the trial's folder.")
    sha256: str = Field(description="Of its bytes.")
    rows: int = Field(description="Examples in it.")
    validation_path: str | None = None
    validation_rows: int = 0
    left_out: tuple[str, ...] = Field((), description="Why examples were left out, with how many.")
    doubts: tuple[str, ...] = Field((), description="What is doubtful about it, with how many.")
    tokens: int = Field(description="Of one pass over it.")
    longest: int = Field(description="Tokens of its longest example.")
    counted_by: str = Field(description="The tokenizer, or what stands in for it.")
    epochs: int | None = Field(description="Passes that are expected; None where nobody says.")
    upper_tokens: int = Field(description="Reserved: at most what is trained on.")
    question: str = Field(description="The first example as it is asked.")
    answer: str = Field(description="What it is taught to say there.")


class Uploaded(Record):
    """Ids of the files with the provider."""

    training: str
    validation: str | None = None


class Asked(Record):
    """A job that the provider has taken."""

    id: str
    asked: datetime
    files: Uploaded


class Ended(Record):
    """How a job ended."""

    id: str
    state: JobState
    told: str
    model: str | None = None
    error: str | None = None
    trained_tokens: int | None = Field(None, description="As the provider tells; None where it does not.")
    billed_tokens: int = Field(description="What is booked: the same, or an estimate from above.")
    seconds: float = Field(description="From when the provider took it to its end.")
    checkpoints: tuple[str, ...] = ()
    files: Uploaded


class Tuned(Record):
    """The tuned model."""

    job: str
    model: str
    trained_tokens: int | None
    seconds: float
    curve: tuple[CurvePoint, ...] = Field((), description="By step; of a long one so many points, evenly.")


class Deployed(Record):
    """The name that the tuned model is asked by."""

    name: str


class Rows(Record):
    """What was trained on, as reports of training histories read it."""

    rows: int
    validation_rows: int


class Epoch(Record):
    """One pass over the training rows, likewise; out of the curve's steps."""

    epoch: int
    train_loss: float | None = None
    validation_loss: float | None = None
    train_accuracy: float | None = None


class Best(Record):
    """Which epoch answers: the last."""

    epoch: int
