"""What a strategy usually answers: over its seeds the answer given most often, so that each row counts once.

row        seed 0     seed 1     seed 2     usual      wrong
a61c331a   positive   negative   positive   positive   no
220fa0f9   -          neutral    -          neutral    yes      <- failures are no answers
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from harness.comparing.evidence import Contender, TaskEvidence
from harness.comparing.figures import scored


class Usual(NamedTuple):
    """Of one row.

    Attributes:
        targets: What is right.
        answers: What was answered most often; of a tie the earlier seed's.
        wrong: Whether the two differ.
    """

    targets: tuple[str, ...]
    answers: tuple[str, ...]
    wrong: bool


def usual(evidence: TaskEvidence, contender: Contender) -> dict[str, Usual]:
    """By id, in the order of the test rows; rows without any answer are left out. For kinds label and labels."""
    one = evidence.brief.kind == "label"
    trials = scored(contender)
    found: dict[str, Usual] = {}
    for query_id, targets in evidence.targets.items():
        given: Counter[tuple[str, ...]] = Counter()
        for trial in trials:
            answer = trial.answers.get(query_id)
            if answer is not None and answer.answers is not None:
                given[answer.answers[:1] if one else tuple(sorted(set(answer.answers)))] += 1
        if given:
            wanted = targets[:1] if one else tuple(sorted(set(targets)))
            most = given.most_common(1)[0][0]
            found[query_id] = Usual(wanted, most, most != wanted)
    return found


def is_constant(answers: dict[str, Usual]) -> bool:
    """Whether a strategy answers the same whatever it is asked, as `majority` does."""
    return len({each.answers for each in answers.values()}) < 2
