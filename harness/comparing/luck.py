"""The best figure of several on the same rows, put right for having been picked.

knn   best of 10   0.897 as measured   0.889 corrected (0.852 to 0.924)
"""

from __future__ import annotations

from harness.comparing.evidence import TaskEvidence
from harness.comparing.figures import estimate, possible, scored, seeds_of
from harness.comparing.groups import grouped
from harness.comparing.labelled import with_most
from harness.comparing.pairs import comparable
from harness.comparing.records import Optimism
from harness.scoring.rowsums import row_sums
from harness.stats import Interval, best_of


def optimism(evidence: TaskEvidence) -> Optimism | None:
    """What to expect of the best strategy on new rows; None where there is nothing to pick from."""
    able = with_most(contender for contender in evidence.contenders if comparable(contender))
    if len(able) < 2:
        return None
    counts = [len(scored(contender)) for contender in able]
    trials = [evidence.pairs(trial) for contender in able for trial in scored(contender)]
    sums = row_sums(evidence.scorer, evidence.metric, trials)
    by_group = grouped(sums.parts)
    starts = [sum(counts[:i]) for i in range(len(counts))]
    by_strategy = [by_group.parts[start : start + count] for start, count in zip(starts, counts, strict=True)]
    seeds = [seeds_of(scored(contender)) for contender in able]
    best = best_of(by_strategy, by_group.times, sums.figure, seeds=seeds)
    low, high = best.low, best.high
    known = estimate(evidence, scored(able[best.index]), evidence.metric)
    if known is not None and known.low is not None and known.high is not None:
        # Draws see nothing where every row is right, and too little where a figure rests on few.
        low, high = min(low, known.low - (best.value - best.corrected)), max(high, known.high)
    low, high = possible(Interval(low, high), evidence.metric)
    return Optimism(
        strategy=able[best.index].name,
        among=len(able),
        value=best.value,
        corrected=best.corrected,
        low=low,
        high=high,
        n=len(evidence.test),
    )
