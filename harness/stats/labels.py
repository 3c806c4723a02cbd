"""One label's precision, recall and F1.

label_intervals(hits=40, targets=50, answers=44)
-> precision 0.909, recall 0.800, f1 0.851, each with its interval
"""

from __future__ import annotations

from typing import NamedTuple

from harness.stats.intervals import LEVEL, Interval, wilson


class LabelIntervals(NamedTuple):
    """Of one label; all of 0 to 1 where no row bears on it."""

    precision: Interval
    recall: Interval
    f1: Interval


def label_intervals(hits: int, targets: int, answers: int, level: float = LEVEL) -> LabelIntervals:
    """Intervals of how well one label is found.

    Source: Wilson, 1927, for all three. Precision is a share of the rows answered so, recall of the rows that
    are so. F1 is 2J / (1 + J), where J is the share of hits among the rows that are so or were answered so, and
    so has the ends of J's interval, moved by that formula.

    Args:
        hits: Rows with this label that were answered so.
        targets: Rows with this label.
        answers: Rows answered with this label.
        level: Confidence.
    """
    if not 0 <= hits <= min(targets, answers):
        raise ValueError(f"no such counts: {hits!r} hits of {targets!r} targets and {answers!r} answers")
    either = wilson(hits, targets + answers - hits, level)
    return LabelIntervals(
        precision=wilson(hits, answers, level),
        recall=wilson(hits, targets, level),
        f1=Interval(*(2 * share / (1 + share) for share in either)),
    )
