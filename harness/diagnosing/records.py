"""What lies behind the figures of a task. No text of a row is in here: rows are named by id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from harness.comparing.records import Estimate
from harness.records import Record

Finding = Literal["overfitting", "underfitting", "diverged", "stopped improving", "cannot be said", "fine"]


class Bin(Record):
    """Answers of about the same confidence.

    Attributes:
        confidence: Their mean confidence.
        accuracy: The share of them that is right.
    """

    confidence: float
    accuracy: Estimate


class Calibration(Record):
    """Whether a strategy is as often right as it is sure.

    Attributes:
        strategy: Which.
        n: Answers with probabilities, over all seeds.
        ece: Expected calibration error over bins of equally many answers (Guo et al., 2017), less what chance
            adds.
        brier: Brier score over all labels (Brier, 1950), 0 to 2.
        bins: The reliability diagram.
    """

    strategy: str
    n: int
    ece: Estimate
    brier: Estimate
    bins: tuple[Bin, ...]


class RiskPoint(Record):
    """Answering only what is surest.

    Attributes:
        coverage: The share of rows answered.
        threshold: The least confidence answered.
        risk: The share of wrong ones among them.
    """

    coverage: float
    threshold: float
    risk: Estimate


class Selective(Record):
    """Leaving the unsure answers to people.

    Attributes:
        strategy: Which.
        points: The risk-coverage curve on test.
        ceiling: The largest share of errors that the user accepts; None where none was given.
        threshold: The confidence below which people answer, chosen on validation; None where none holds the
            ceiling there.
        validation_rows: Rows that it was chosen on.
        coverage: The share of test rows that the strategy answers at that threshold.
        risk: The share of wrong ones among those.
        held: True where the upper end of that risk is within the ceiling, False where the risk itself is above
            it; None where there are too few rows to tell, or nothing was chosen.
        review_per_month: Dollars for people to answer the rest, at the user's traffic and price of a review.
        words: A sentence.
    """

    strategy: str
    points: tuple[RiskPoint, ...] = ()
    ceiling: float | None = None
    threshold: float | None = None
    validation_rows: int = 0
    coverage: Estimate | None = None
    risk: Estimate | None = None
    held: bool | None = None
    review_per_month: float | None = None
    words: str = ""


class Cascade(Record):
    """The small strategy first, the large one where the small one is unsure; computed from recorded answers.

    Attributes:
        small: Asked always.
        large: Asked where the small one's confidence is under the threshold.
        threshold: Chosen on validation.
        chosen_on: Rows that it was chosen on.
        value: The task's metric.
        escalated: The share of rows that the large one answers.
        per_answer: Dollars of an answer.
        per_month: Dollars a month at the user's traffic, as deployed.
        seconds: Mean latency: the small one's always, the large one's where it is asked.
        against: The metric minus the large one's own, paired.
        words: A sentence.
    """

    small: str
    large: str
    threshold: float
    chosen_on: int
    value: Estimate
    escalated: Estimate
    per_answer: float | None = None
    per_month: float | None = None
    seconds: float | None = None
    against: Estimate | None = None
    words: str = ""


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


class Suspect(Record):
    """A row whose label may be wrong.

    Attributes:
        query_id: The row.
        split: Where it is.
        given: Its label.
        suggested: What the models say.
        probability: Of the given label, by the models.
        how: Whose probabilities.
    """

    query_id: str
    split: Literal["train", "validation", "test"]
    given: str
    suggested: str
    probability: float
    how: str


class Confusion(Record):
    """Which answers were given for which targets, over all seeds.

    Attributes:
        strategy: Which.
        labels: In the order of rows and columns.
        counts: Targets by answers; one more column counts failures.
        per_label: Label to recall, precision and F1 with their intervals, as ``recall[positive]``.
    """

    strategy: str
    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    per_label: Mapping[str, Estimate] = {}


class ErrorGroup(Record):
    """Wrong answers that have something in common.

    Attributes:
        strategy: Which.
        what: Such as ``positive answered as negative`` or ``longest quarter of the texts``.
        n: How many errors.
        of: Rows that it could have happened to.
        share: Errors among those.
        otherwise: The error rate of all other rows.
        p_value: That the two are the same (Fisher, Holm); None where it is no comparison.
        examples: Ids of some of the rows.
    """

    strategy: str
    what: str
    n: int
    of: int
    share: Estimate
    otherwise: Estimate | None = None
    p_value: float | None = None
    examples: tuple[str, ...] = ()


class SliceFigure(Record):
    """A strategy on the rows with one value in one column."""

    strategy: str
    column: str
    value: str
    figure: Estimate


class Gap(Record):
    """The largest difference between the groups of one column.

    Attributes:
        strategy: Which.
        column: The metadata column.
        best: The group with the highest figure.
        worst: The group with the lowest.
        difference: Between the two.
        p_value: That all groups are the same, after Holm over columns and strategies.
        words: A sentence.
    """

    strategy: str
    column: str
    best: str
    worst: str
    difference: Estimate
    p_value: float
    words: str


class Flips(Record):
    """How often an answer changes when only something changes that should not matter.

    Attributes:
        strategy: Which.
        probe: typos, case, whitespace, counterfactual:GROUP or instructions.
        variant: Such as ``he->she``; empty for all together.
        share: Rows whose answer changed, of those asked both ways.
        accuracy_before: On the rows as they are.
        accuracy_after: On the changed rows.
        failed: Rows that failed when changed; not in the share.
    """

    strategy: str
    probe: str
    variant: str
    share: Estimate
    accuracy_before: Estimate | None = None
    accuracy_after: Estimate | None = None
    failed: int = 0


class DataFacts(Record):
    """What the data is like, in numbers."""

    rows: Mapping[str, int]
    labels: Mapping[str, Mapping[str, int]] = {}
    copies: int = 0
    conflicts: int = 0
    leaks: int = 0
    dropped: int = 0
    warnings: tuple[str, ...] = ()


class Diagnosis(Record):
    """All that lies behind a task's figures."""

    data: DataFacts | None = None
    calibration: tuple[Calibration, ...] = ()
    selective: tuple[Selective, ...] = ()
    cascades: tuple[Cascade, ...] = ()
    curves: tuple[Curve, ...] = ()
    crossovers: tuple[Crossover, ...] = ()
    training: tuple[Training, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    confusions: tuple[Confusion, ...] = ()
    errors: tuple[ErrorGroup, ...] = ()
    slices: tuple[SliceFigure, ...] = ()
    gaps: tuple[Gap, ...] = ()
    flips: tuple[Flips, ...] = ()
    notes: tuple[str, ...] = ()
