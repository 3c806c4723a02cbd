"""The interval of a task's metric, by the method that fits the figure.

every row's score is 0 or 1 (accuracy, exact_match)        Wilson
a mean of other scores (token_f1, jaccard)                 BCa bootstrap of the mean
a figure of sums over rows (macro_f1, mcc, bleu, chrf)     BCa bootstrap of the sums
any other figure of a set, from a plugin                   percentile bootstrap of the rows
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from harness.models import Scorer
from harness.scoring.tally import Pair
from harness.stats import LEVEL, Interval, bootstrap_rows, mean_interval


@runtime_checkable
class KnowsIntervals(Protocol):
    """A scorer that knows how its own figures are distributed."""

    def interval(self, figure: str, pairs: Sequence[Pair], *, level: float, seed: int) -> Interval: ...


def interval(
    scorer: Scorer, figure: str, pairs: Sequence[Pair], *, level: float = LEVEL, seed: int = 0
) -> Interval:
    """Where a figure lies for rows like these.

    Args:
        scorer: Who gives the figure; one with a method `interval` of its own is asked.
        figure: Its name.
        pairs: Targets and answers of each answered row; at least one.
        level: Confidence.
        seed: Of what is drawn.
    """
    if not pairs:
        raise ValueError(f"there is no interval of {figure!r} of no rows")
    if isinstance(scorer, KnowsIntervals):
        return scorer.interval(figure, pairs, level=level, seed=seed)
    scores = [scorer.one(figure, *pair) for pair in pairs]
    if math.isclose(math.fsum(scores) / len(scores), scorer.whole(pairs)[figure], abs_tol=1e-9):
        return mean_interval(scores, level, seed)
    return bootstrap_rows(
        len(pairs), lambda rows: scorer.whole([pairs[i] for i in rows])[figure], level=level, seed=seed
    )
