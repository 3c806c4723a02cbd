"""Intervals of what one label's rows say: of so few that drawing rows again sees too little.

"recall[late]", 10 of 10 rows found    -> 0.722 to 1, n = 10
"balanced_accuracy", 10 rows and 190   -> the labels' recalls, each as unsure as its own rows
"""

from __future__ import annotations

from harness.scoring.tally import Tally
from harness.stats import Interval, across_parts, label_intervals, wilson


def rows_behind(figure: str, found: Tally) -> int | None:
    """How many rows a figure of one label rests on; None for other figures."""
    counts = _counts(figure, found)
    if counts is None:
        return None
    hits, targets, answers = counts
    return {"recall": targets, "precision": answers, "f1": targets + answers - hits}[figure.partition("[")[0]]


def label_interval(figure: str, found: Tally) -> Interval | None:
    """Of one label's precision, recall or F1, after Wilson; None for other figures."""
    counts = _counts(figure, found)
    if counts is None:
        return None
    known: Interval = getattr(label_intervals(*counts), figure.partition("[")[0])
    return known


def recall_interval(found: Tally, drawn: Interval) -> Interval:
    """Of balanced accuracy: from each label's own recall, and no narrower than the bootstrap's.

    Args:
        found: The counts.
        drawn: The bootstrap's interval.
    """
    known = [
        (hits / targets, wilson(int(hits), int(targets)))
        for hits, targets in zip(found.counts[0], found.counts[1], strict=True)
        if targets
    ]
    parts = across_parts([value for value, _ in known], [interval for _, interval in known])
    return Interval(min(parts.low, drawn.low), max(parts.high, drawn.high))


def _counts(figure: str, found: Tally) -> tuple[int, int, int] | None:
    what, bracket, label = figure.rstrip("]").partition("[")
    if not bracket or what not in ("precision", "recall", "f1") or label not in found.labels:
        return None
    hits, targets, answers = found.counts[:, found.labels.index(label)]
    return int(hits), int(targets), int(answers)
