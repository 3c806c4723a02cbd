"""The interval of a task's metric, by the method that fits the figure.

    every row's score is 0 or 1 (accuracy, exact_match)        Wilson
    one label's precision, recall and F1                       Wilson, of that label's rows
    balanced accuracy                                          from the labels' recalls, and the bootstrap
    a mean of other scores (token_f1, jaccard)                 BCa bootstrap of the mean
    a figure of sums over rows (macro_f1, mcc, bleu, chrf)     BCa bootstrap of the sums
    any other figure of a set, from a plugin                   percentile bootstrap of the rows

All are at 95 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from harness.models import Scorer
from harness.scoring.tally import NO_ANSWER, Pair
from harness.stats import Interval, bootstrap_rows, mean_interval


@runtime_checkable
class KnowsIntervals(Protocol):
    """A scorer that knows how its own figures are distributed."""

    def interval(self, figure: str, pairs: Sequence[Pair], *, seed: int) -> Interval: ...


@runtime_checkable
class KnowsRows(Protocol):
    """A scorer some of whose figures rest on some of the rows, as one label's recall does; None for all rows."""

    def rows(self, figure: str, pairs: Sequence[Pair]) -> int | None: ...


def rows_of(scorer: Scorer, figure: str, pairs: Sequence[Pair]) -> int:
    """How many rows a figure rests on."""
    found = scorer.rows(figure, pairs) if isinstance(scorer, KnowsRows) else None
    return len(pairs) if found is None else found


def interval(
    scorer: Scorer,
    figure: str,
    pairs: Sequence[Pair],
    *,
    failed: Sequence[tuple[str, ...]] = (),
    seed: int = 0,
) -> Interval:
    """Where a figure lies for rows like these.

    Args:
        scorer: Who gives the figure; one with a method `interval` of its own is asked.
        figure: Its name.
        pairs: Targets and answers of each answered row.
        failed: Targets of the rows that failed. The worse bound is that of a set in which all of them are wrong,
            the better one that of a set in which all are right (Horowitz and Manski, 2000): for accuracy the
            same as `stats.with_failures`.
        seed: Of what is drawn.
    """
    if not pairs and not failed:
        raise ValueError(f"there is no interval of {figure!r} of no rows")
    if not failed:
        return _of_answered(scorer, figure, pairs, seed)
    wrong = [*pairs, *((targets, NO_ANSWER) for targets in failed)]
    right = [*pairs, *((targets, targets) for targets in failed)]
    ends = [_of_answered(scorer, figure, pairs, seed) for pairs in (wrong, right)]
    # Of a figure that is better when smaller, such as missing[amount], the wrong ones are the high end.
    return Interval(min(end.low for end in ends), max(end.high for end in ends))


def _of_answered(scorer: Scorer, figure: str, pairs: Sequence[Pair], seed: int) -> Interval:
    if isinstance(scorer, KnowsIntervals):
        return scorer.interval(figure, pairs, seed=seed)
    scores = [scorer.one(figure, *pair) for pair in pairs]
    if math.isclose(math.fsum(scores) / len(scores), scorer.whole(pairs)[figure], abs_tol=1e-9):
        return mean_interval(scores, seed=seed)
    return bootstrap_rows(len(pairs), lambda rows: scorer.whole([pairs[i] for i in rows])[figure], seed=seed)
