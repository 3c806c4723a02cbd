"""What two recorded strategies would do together, one behind the other.

row  small        large  together
t0   yes, 0.94    yes    yes
t1   no, 0.55     yes    yes      <- under the threshold of 0.70: the large one answers
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING, NamedTuple

from harness.comparing.evidence import Contender, TaskEvidence, Trial
from harness.comparing.records import Cost
from harness.diagnosing.sureness import Sureness
from harness.running.money import Deployed
from harness.scoring.rowsums import RowSums, row_sums
from harness.suite import Decide

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVELS = 40  # thresholds tried: more would follow single validation rows


@dataclass(frozen=True)
class Alone:
    """A contender by itself.

    Attributes:
        contender: Who.
        trial: The one that is looked at.
        cost: What it costs.
        seconds: Mean latency; None where nothing was timed.
    """

    contender: Contender
    trial: Trial
    cost: Cost
    seconds: float | None

    @property
    def name(self) -> str:
        return self.contender.name


@dataclass(frozen=True)
class Able(Alone):
    """A contender that may be part of a cascade.

    Attributes:
        validation: Its answers of the validation rows that it was asked.
        test: Its answers of the test rows.
    """

    validation: Sureness
    test: Sureness


class Spent(NamedTuple):
    """What an answer takes; None where it is not known.

    Attributes:
        per_answer: Dollars.
        per_month: Dollars.
        seconds: Mean latency.
    """

    per_answer: float | None
    per_month: float | None
    seconds: float | None


class Found(NamedTuple):
    """A cascade.

    Attributes:
        small: Asked always.
        large: Asked where the small one is unsure.
        threshold: Under which it is.
        value: The task's metric on validation; rows without an answer are wrong.
        planned: What it takes by the share of validation rows that the large one answers.
        escalated: Whether the large one answers, (test rows,).
        spent: What it takes by the share of test rows that the large one answers.
    """

    small: Able
    large: Able
    threshold: float
    value: float
    planned: Spent
    escalated: NDArray[np.bool_]
    spent: Spent


class Single(NamedTuple):
    """A strategy alone: the task's metric on validation, and what it takes."""

    value: float
    planned: Spent


class Tried(NamedTuple):
    """All that was tried on some validation rows."""

    found: list[Found]
    singles: list[Single]


def among(evidence: TaskEvidence, able: Sequence[Able]) -> Tried:
    """Every cascade of two strategies that were asked the same validation rows, and each of them alone.

    The first of the two tells probabilities and is cheaper or faster than the second. Nothing that test targets
    say goes into any of it: what is shown and in which order is chosen before test is looked at.
    """
    import numpy as np

    sums = row_sums(evidence.scorer, evidence.metric, [each.validation.pairs for each in able])
    found = []
    for i, j in permutations(range(len(able)), 2):
        small, large = able[i], able[j]
        if np.isnan(small.validation.confidence).all() or not _lesser(small, large):
            continue
        threshold = choose(small.validation.confidence, sums, i, j)
        planned = ~(small.validation.confidence >= threshold)
        escalated = ~(small.test.confidence >= threshold)
        chosen = planned.reshape(-1, *[1] * (sums.parts[i].ndim - 1))
        value = _figure(sums, np.where(chosen, sums.parts[j], sums.parts[i]))
        shares = float(planned.mean()), float(escalated.mean())
        before, after = (_spent(small, large, share, evidence.decide) for share in shares)
        found.append(Found(small, large, threshold, value, before, escalated, after))
    singles = [
        Single(_figure(sums, part), Spent(each.cost.per_answer_deployed, each.cost.per_month, each.seconds))
        for each, part in zip(able, sums.parts, strict=True)
    ]
    return Tried(found, singles)


def _figure(sums: RowSums, part: Floats) -> float:
    return round(float(sums.figure(part.sum(axis=0)[None])[0]), 9)  # sums in another order differ by rounding


def choose(confidence: Floats, sums: RowSums, small: int, large: int) -> float:
    """The threshold with the best metric; of equal ones that which asks the large one least.

    Args:
        confidence: The small one's, (rows,); nan goes to the large one at any threshold.
        sums: What rows add to the metric, for every contender.
        small: Which of them is the small one.
        large: Which of them is the large one.

    Returns:
        Infinity where the large one should answer all rows.
    """
    import numpy as np

    values = np.unique(confidence[~np.isnan(confidence)])
    if len(values) > LEVELS:
        values = np.unique(np.quantile(values, np.linspace(0, 1, LEVELS), method="lower"))
    thresholds = np.append(values, np.inf)
    kept = confidence >= thresholds[:, None]  # (thresholds, rows)
    by_small = kept.astype(np.float64) @ sums.parts[small].reshape(len(confidence), -1)
    by_large = (~kept).astype(np.float64) @ sums.parts[large].reshape(len(confidence), -1)
    together = (by_small + by_large).reshape(len(thresholds), *sums.parts[small].shape[1:])
    figures = np.round(sums.figure(together), 9)  # sums in another order differ by rounding
    return float(thresholds[int(figures.argmax())])


def _lesser(small: Able, large: Able) -> bool:
    for one, other in (
        (small.cost.per_month, large.cost.per_month),
        (small.cost.per_answer_deployed, large.cost.per_answer_deployed),
        (small.seconds, large.seconds if _same_machine(small, large) else None),
    ):
        if one is not None and other is not None and one < other:
            return True
    return False


def _same_machine(small: Able, large: Able) -> bool:
    return small.contender.machine == large.contender.machine


def _spent(small: Able, large: Able, share: float, decide: Decide) -> Spent:
    """What a cascade takes whose large one answers some share of the rows."""
    one, other = small.cost.per_answer_deployed, large.cost.per_answer_deployed
    per_month = None
    if decide.answers_per_month is not None and small.cost.per_month is not None:
        cost = large.cost
        served = Deployed(
            cost.per_answer_deployed, cost.serving_per_month, cost.capacity_per_month, decide.serving.replicas
        )
        of_large = served.per_month(decide.answers_per_month * share)
        per_month = None if of_large is None else small.cost.per_month + of_large
    seconds = None
    if small.seconds is not None and large.seconds is not None and _same_machine(small, large):
        seconds = small.seconds + share * large.seconds
    per_answer = None if one is None or other is None else one + share * other
    return Spent(per_answer, per_month, seconds)
