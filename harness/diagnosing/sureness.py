"""How sure a strategy was of each answer, and whether the answer was right, as arrays.

row        t0    t1    t2
confidence 0.94  0.55  nan     <- failed, or no probability told
right      1     0     0

A row that failed is not right, and no answer that could be left out or kept: its confidence is nan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from harness.comparing.evidence import Answer, Contender, TaskEvidence, Trial
from harness.comparing.labelled import labelled
from harness.records import Example
from harness.scoring.tally import NO_ANSWER, Pair

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Sureness(NamedTuple):
    """One trial on the rows of one split.

    Attributes:
        ids: Of the rows.
        confidence: Probability of the answer given, (rows,); nan where there is none.
        right: 1 or 0, (rows,).
        pairs: Targets and answers of each row; `NO_ANSWER` for a failure.
    """

    ids: tuple[str, ...]
    confidence: Floats
    right: Floats
    pairs: list[Pair]


def of_test(evidence: TaskEvidence, trial: Trial) -> Sureness:
    """A trial's answers of the test rows."""
    return sureness(evidence.test, trial.answers)


def of_validation(evidence: TaskEvidence, trial: Trial) -> Sureness | None:
    """A trial's answers of the validation rows that it was asked; None where it was asked none."""
    answers = {outcome.query_id: Answer.of(outcome) for outcome in trial.folder.validation()}
    asked = [example for example in evidence.validation if example.query.id in answers]
    return sureness(asked, answers) if asked else None


def sureness(examples: Sequence[Example], answers: Mapping[str, Answer]) -> Sureness:
    """Answers in the order of the rows; a row that was not asked stands as one that failed."""
    import numpy as np

    confidence, right = np.full(len(examples), np.nan), np.zeros(len(examples))
    pairs: list[Pair] = []
    for i, example in enumerate(examples):
        answer = answers.get(example.query.id)
        given = answer.answers if answer is not None and answer.answers is not None else NO_ANSWER
        pairs.append((example.targets, given))
        right[i] = given[:1] == example.targets[:1]
        if answer is not None and answer.confidence is not None:
            confidence[i] = answer.confidence
    return Sureness(tuple(example.query.id for example in examples), confidence, right, pairs)


def settled(evidence: TaskEvidence) -> list[Contender]:
    """Contenders with answers; of a learning curve's sizes the largest alone."""
    largest: dict[tuple[str, str], Contender] = {}
    for each in evidence.contenders:
        if each.answered:
            known = largest.setdefault((each.run, each.strategy), each)
            if labelled(each) > labelled(known):
                largest[each.run, each.strategy] = each
    return list(largest.values())
