"""What a LoRA trial writes down as it goes: its rows, one record an epoch, and which epoch was kept.

rows      {"rows": 398, "left_out": 2, "tokens": 35118, "longest": 153, …}
epoch-1   {"epoch": 1, "train_loss": 0.41, "validation_loss": 0.33, "validation_metric": 0.885, …}
epoch-2   {"epoch": 2, "train_loss": 0.19, "validation_loss": 0.30, "validation_metric": 0.895, …}
best      {"epoch": 2, "by": "metric", …}
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from harness import Record


class Rows(Record):
    """What is trained on."""

    rows: int = Field(description="Training rows used; of a text in chunks each chunk is one.")
    shortened: int = Field(0, description="Those longer than `limit` that were cut or are trained on in chunks.")
    left_out: int = Field(description="Training rows longer than `limit`, left out.")
    cut: int = Field(0, description="Training rows whose oldest turns were left out to fit `limit`.")
    validation_rows: int = Field(description="Validation rows that each epoch is measured on.")
    limit: int = Field(description="The longest row allowed, question and answer together, in tokens.")
    longest: int = Field(description="The longest row used, in tokens.")
    tokens: int = Field(description="Tokens of all rows used.")
    answer_tokens: int = Field(description="Those of them that the loss is on; for a classifier one a row.")
    question: str = Field(description="The first row as the model sees it, up to the answer.")
    answer: str = Field(description="What it is taught to say there.")


class Trained(Record):
    """One pass over the training rows.

    Losses are means of the negative log-likelihood in nats: by answer token, or by row for a classifier.
    """

    train_loss: float = Field(description="Over the epoch, each row before the step that learnt from it.")
    train_accuracy: float = Field(description="Rows whose answer was the likeliest, likewise, 0 to 1.")
    validation_loss: float | None = Field(None, description="After the epoch, where the same pass measures it.")
    gradient_norm: float = Field(description="The largest norm of the gradient, before it was clipped.")
    learning_rate: float = Field(description="At the last step.")
    steps: int = Field(description="Steps of the optimiser.")
    tokens: int = Field(description="Tokens trained on.")
    seconds: float = Field(description="Seconds that the device was held.")


class Epoch(Trained):
    """An epoch and what the model was worth after it."""

    epoch: int = Field(description="Counted from 1.")
    validation_metric: float | None = Field(None, description="The task's metric on the validation rows.")


class Best(Record):
    """Which epoch answers."""

    epoch: int
    by: Literal["metric", "loss", "last"]
    validation_loss: float | None = None
    validation_metric: float | None = None
    epochs: int = Field(description="Epochs that were trained.")
    stopped_early: bool = Field(description="Whether patience ended it before all epochs were trained.")
