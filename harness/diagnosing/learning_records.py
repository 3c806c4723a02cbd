"""Learning curves and training histories."""

from __future__ import annotations

from typing import Literal

from harness.comparing.records import Estimate
from harness.records import Record

Finding = Literal["overfitting", "underfitting", "diverged", "stopped improving", "cannot be said", "fine"]


class CurvePoint(Record):
    """A strategy with so many labelled rows."""

    size: int
    value: Estimate
    trials: int


class Forecast(Record):
    """What more labels would bring, from a power law through the curve.

    Attributes:
        strategy: Which.
        size: Labelled rows it is said for: twice the largest size measured.
        gain: The metric there minus that at the largest size.
        words: A sentence.
    """

    strategy: str
    size: int
    gain: Estimate | None
    words: str


class Curve(Record):
    """A strategy against the number of labelled rows."""

    strategy: str
    metric: str
    points: tuple[CurvePoint, ...]
    forecast: Forecast | None = None


class Crossover(Record):
    """From how many labels on one strategy beats another.

    Attributes:
        winner: Better from `size` on.
        loser: Not better from there.
        size: The smallest size measured from which on the winner's figure is higher.
        sure_from: The smallest from which a paired test says so; None where none does.
        words: A sentence.
    """

    winner: str
    loser: str
    size: int
    sure_from: int | None
    words: str


class Epoch(Record):
    """One pass over the training rows.

    Attributes:
        epoch: Counted from 1.
        train_loss: Mean over the epoch, each row before the step that learnt from it.
        validation_loss: After the epoch.
        validation_metric: The task's metric on validation, after the epoch.
        train_accuracy: Training rows answered right, likewise as `train_loss`, 0 to 1.
        gradient_norm: The largest of the epoch, before it was clipped.
    """

    epoch: int
    train_loss: float | None = None
    validation_loss: float | None = None
    validation_metric: float | None = None
    train_accuracy: float | None = None
    gradient_norm: float | None = None


class Advice(Record):
    """Something that a history shows, with the evidence and what to turn.

    Attributes:
        finding: What it shows.
        evidence: The numbers.
        parameter: What to change, and in which direction; empty where nothing is to be changed.
    """

    finding: Finding
    evidence: str
    parameter: str


class Training(Record):
    """A training history, and what it says.

    Attributes:
        strategy: Which.
        seed: Of the trial.
        epochs: As they were trained.
        kept: The epoch that answers.
        advice: Most telling first.
        repeat: Of the trial.
        validation_rows: Rows that each epoch was measured on.
    """

    strategy: str
    seed: int
    epochs: tuple[Epoch, ...]
    kept: int | None = None
    advice: tuple[Advice, ...] = ()
    repeat: int = 0
    validation_rows: int = 0
