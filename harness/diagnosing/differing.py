"""The difference of two sets of trials on the same rows, of a strategy or of what was made from several."""

from __future__ import annotations

from collections.abc import Sequence

from harness.comparing.evidence import TaskEvidence, Trial
from harness.comparing.figures import seeds_of
from harness.comparing.groups import grouped
from harness.scoring.rowsums import row_sums
from harness.stats import LEVEL, Difference, crossed_difference, mcnemar


def difference(evidence: TaskEvidence, a: Sequence[Trial], b: Sequence[Trial], level: float = LEVEL) -> Difference:
    """The task's metric of `a` minus that of `b`, each the mean over its trials; a row that failed is wrong.

    McNemar's test for one trial each of answers that are right or wrong, else rows and seeds drawn together.
    """
    import numpy as np

    sums = row_sums(evidence.scorer, evidence.metric, [evidence.pairs(trial) for trial in (*a, *b)])
    margin = evidence.decide.margin
    if len(sums.parts) == 2 and sums.is_mean and np.isin(sums.scores, (0.0, 1.0)).all():
        mine, other = sums.scores
        return mcnemar(int((mine > other).sum()), int((other > mine).sum()), len(mine), margin, level)
    by_group = grouped(sums.parts)
    split = len(a)
    return crossed_difference(
        by_group.parts[:split],
        by_group.parts[split:],
        by_group.times,
        sums.figure,
        margin,
        seeds=(seeds_of(a), seeds_of(b)),
        level=level,
    )
