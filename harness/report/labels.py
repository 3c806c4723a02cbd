"""What a reader must know of many labels, of a scale and of candidates: sentences for terminal and Markdown.

tf-idf confuses most often: card declined as card lost (7 of 20); …
of 60 labels most goes wrong with: card declined (12 of 20 missed, 3 too many), …
"""

from __future__ import annotations

from collections.abc import Iterator

from harness import numbers
from harness.comparing.records import Estimate
from harness.comparison import TaskComparison
from harness.diagnosing.manylabels import confused_pairs, worst_labels
from harness.diagnosing.records import Confusion

MANY = 10  # with no more labels, the table of them all says it better
_PAIRS, _WORST = 3, 5


def of_labels(task: TaskComparison) -> Iterator[str]:
    """Recall of candidates of every strategy; the rest of the one that is recommended, or is the best."""
    found = task.diagnosis
    for recall in found.candidates:
        yield f"{recall.strategy}: {recall.words}"
    shown = {each.strategy: each for each in found.confusions}
    names = [task.recommendation.strategy, *(each.name for each in task.strategies if each.value is not None)]
    first = next((shown[name] for name in names if name in shown), None)
    if first is None:
        return
    if first.off_by_one is not None and first.farther_off is not None:
        yield steps(first.strategy, first.off_by_one, first.farther_off)
    if len(first.labels) > MANY:
        yield from _many(first)


def steps(strategy: str, off_by_one: Estimate, farther_off: Estimate) -> str:
    """How far off answers on a scale are."""
    near, far = (
        f"{numbers.proportion(each.value)} ({numbers.proportion(each.low)} to {numbers.proportion(each.high)})"
        for each in (off_by_one, farther_off)
    )
    return f"{strategy}: one step of the scale off {near} of the rows, farther {far}; n = {off_by_one.n:,}"


def _many(found: Confusion) -> Iterator[str]:
    pairs = confused_pairs(found)
    if not pairs:
        return
    told = "; ".join(f"{each.target} as {each.answer} ({each.n} of {each.of})" for each in pairs[:_PAIRS])
    yield f"{found.strategy} confuses most often: {told}"
    worst = ", ".join(
        f"{each.label} ({each.missed} of {each.rows} missed, {each.claimed} too many)"
        for each in worst_labels(found)[:_WORST]
    )
    yield f"of {len(found.labels)} labels most goes wrong with: {worst}"
