"""How often the right label was among the candidates that a query was asked with.

zero-shot   10 of 60 labels   test 0.953 (0.923 to 0.972, n = 300)   validation 0.960 (n = 200)

Where it was not, no answer can be right: the strategy's accuracy cannot be above this.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from harness import numbers
from harness.candidates import STEP, Shortlisted
from harness.comparing.evidence import Answer, Contender, TaskEvidence
from harness.comparing.figures import scored
from harness.comparing.records import Estimate
from harness.diagnosing.error_records import CandidateRecall
from harness.diagnosing.sureness import settled
from harness.shortlist import NOTE
from harness.stats import mean_interval, wilson


def candidate_recalls(evidence: TaskEvidence) -> tuple[CandidateRecall, ...]:
    """Of each strategy that asked with candidates; the rows that it answered, the mean over seeds."""
    found = (_recall(evidence, contender) for contender in settled(evidence))
    return tuple(each for each in found if each is not None)


def _recall(evidence: TaskEvidence, contender: Contender) -> CandidateRecall | None:
    hits: dict[str, list[float]] = {}
    sizes: set[int] = set()
    for trial in scored(contender):
        for query_id, targets in evidence.targets.items():
            listed = _listed(trial.answers.get(query_id))
            if listed is not None:
                sizes.add(len(listed))
                hits.setdefault(query_id, []).append(float(set(targets) <= set(listed)))
    if not hits:
        return None
    test = _estimate([sum(each) / len(each) for each in hits.values()])
    validation = _of_validation(contender)
    k, labels = max(sizes), len(evidence.brief.labels)
    before = ""
    if validation is not None:
        before = f"; of the validation rows {numbers.proportion(validation.value)}, n = {validation.n:,}"
    unknown = len(evidence.targets) - len(hits)
    failed = f"; {numbers.plural(unknown, 'row')} without an answer left out" if unknown else ""
    ends = f"{numbers.proportion(test.low)} to {numbers.proportion(test.high)}"
    return CandidateRecall(
        strategy=contender.name,
        k=k,
        labels=labels,
        test=test,
        validation=validation,
        words=(
            f"asked with {k} of {labels} labels; the right one was among them for "
            f"{numbers.proportion(test.value)} ({ends}, n = {test.n:,}) of the test rows"
            f"{before}{failed}"
        ),
    )


def _listed(answer: Answer | None) -> Sequence[str] | None:
    """The candidates in a prediction's notes; None where there are none, or a note of that name is another's."""
    try:
        found = json.loads(answer.notes[NOTE]) if answer is not None and NOTE in answer.notes else None
    except ValueError:
        return None
    return found if isinstance(found, list) and found and all(isinstance(each, str) for each in found) else None


def _of_validation(contender: Contender) -> Estimate | None:
    """From the steps of prepare, the mean over seeds; the rows are the same for each."""
    told = [
        Shortlisted.model_validate(step.result)
        for trial in scored(contender)
        for step in trial.steps
        if step.name == STEP
        and isinstance(step.result, Mapping)
        and Shortlisted.model_fields.keys() == step.result.keys()
    ]
    rows = max((each.rows for each in told), default=0)
    if not rows:
        return None
    share = sum(each.found for each in told) / sum(each.rows for each in told)
    ends = wilson(round(share * rows), rows)
    return Estimate(value=share, low=min(ends.low, share), high=max(ends.high, share), n=rows)


def _estimate(shares: Sequence[float]) -> Estimate:
    value, (low, high) = sum(shares) / len(shares), mean_interval(shares)
    return Estimate(value=value, low=min(low, value), high=max(high, value), n=len(shares))
