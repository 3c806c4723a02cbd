"""What wrong answers cost, at the user's price of an error.

error_price: 2.0                                     every wrong answer $2.00
error_price: {urgent: {other: 50}, other: {urgent: 1}}   an urgent ticket called other $50.00; what is not named $0
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from harness.comparing.evidence import Contender, TaskEvidence
from harness.comparing.figures import scored
from harness.errors import SuiteError
from harness.suite import Decide
from harness.suite.figures import priced_labels, unpriced

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def check_prices(decide: Decide, tasks: Sequence[TaskEvidence]) -> None:
    """Says so where prices by label name labels that no task has.

    Raises:
        SuiteError: With the name and what it might have meant.
    """
    for message in unpriced(decide, [(task.brief.kind, tuple(task.brief.labels)) for task in tasks]):
        raise SuiteError(message, where="decide.error_price")


def costs(evidence: TaskEvidence, contender: Contender) -> Floats | None:
    """Dollars that each test row's answer costs, the mean over trials, (rows,); None without a price.

    Prices by label are for the tasks that have these labels; for others there is none. A failure costs as much
    as the dearest wrong answer to its row.
    """
    import numpy as np

    price = evidence.decide.error_price
    if price is None:
        return None
    named = priced_labels(evidence.decide)
    if named and (evidence.brief.kind != "label" or not named <= set(evidence.brief.labels)):
        return None
    trials = scored(contender)
    table = np.zeros((len(trials), len(evidence.test)))
    for t, trial in enumerate(trials):
        for r, (query_id, targets) in enumerate(evidence.targets.items()):
            answer = trial.answers.get(query_id)
            given = answer.answers if answer is not None else None
            table[t, r] = _cost(evidence, price, targets, given)
    mean: Floats = table.mean(axis=0)
    return mean


def _cost(
    evidence: TaskEvidence,
    price: float | Mapping[str, Mapping[str, float]],
    targets: tuple[str, ...],
    answers: tuple[str, ...] | None,
) -> float:
    if isinstance(price, Mapping):
        row = price.get(targets[0], {})
        if answers is None:
            return max(row.values(), default=0.0)
        return (
            0.0
            if answers[:1] == targets[:1]
            else row.get(answers[0], 0.0)
            if answers
            else max(row.values(), default=0.0)
        )
    right = 0.0 if answers is None else evidence.scorer.one(evidence.metric, targets, answers)
    return price * (1 - right)
