"""What answers are worth: calibration, what is left to people, cascades. Rows are named by id."""

from __future__ import annotations

from harness.comparing.records import Estimate
from harness.records import Record


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
        recommended: The strategy that is recommended; None for none.
        against_recommended: The metric minus that of the recommended one, paired.
        level: Confidence of the two differences' intervals by themselves; those of all cascades shown hold
            together 95 % of the time.
        tried: Cascades that were tried on validation, of which this is one.
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
    recommended: str | None = None
    against_recommended: Estimate | None = None
    level: float = 0.95
    tried: int = 1
    words: str = ""
