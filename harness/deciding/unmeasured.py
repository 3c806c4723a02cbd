"""What a recommendation cannot say, a sentence each."""

from __future__ import annotations

from collections.abc import Iterator

from harness import numbers
from harness.comparing.evidence import TaskEvidence
from harness.deciding.case import Case
from harness.deciding.saying import listed


def not_measured(evidence: TaskEvidence, case: Case) -> tuple[str, ...]:
    """What the figures cannot say."""
    return tuple(_not_measured(evidence, case))


def _not_measured(evidence: TaskEvidence, case: Case) -> Iterator[str]:
    if case.strategies and all(each.spread is None for each in case.strategies):
        yield "training variance, for there is one seed: add `seeds: [0, 1, 2]`."
    for each in case.strategies:
        if len(each.by_trial) < each.trials:
            missing = each.trials - len(each.by_trial)
            yield (
                f"{missing} of {each.trials} trials of {each.name}, which did not finish: its figures come"
                " from the others."
            )
    timed = [each for each in case.strategies if each.latency and each.latency.p95]
    if not timed:
        yield "the 95th percentile of latency, which takes 72 rows asked one at a time: `latency_sample: 72`."
    unpriced = [each.name for each in case.strategies if each.cost.per_answer is None]
    if unpriced:
        yield f"the money of {listed(unpriced)}: a price is missing under `prices:`."
    if case.failing:
        names = listed([each.name for each in case.failing])
        yield f"{names}, of whose rows more than {100 * case.decide.maximum_failed:g} % failed: no verdict."
    if evidence.looks:
        runs = numbers.plural(evidence.looks, "earlier run")
        yield f"rows that nobody has seen: {runs} looked at these, and every look makes the best a little luckier."
    yield "larger models and other data: what these models show here need not hold there."
