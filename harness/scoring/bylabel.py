"""Intervals of what one label's rows say: of so few that drawing rows again sees too little.

"recall[late]", 10 of 10 rows found    -> 0.722 to 1, n = 10
"balanced_accuracy", 10 rows and 190   -> the labels' recalls, each as unsure as its own rows
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from harness.scoring.tally import OfLabel, Pair, Tally, tally
from harness.stats import Interval, across_parts, label_intervals, wilson


class LabelFigure(NamedTuple):
    """One label's precision, recall or F1: its interval after Wilson, and the rows that it rests on."""

    interval: Interval
    rows: int


def label_figure(one: OfLabel, times: Mapping[Pair, int]) -> LabelFigure | None:
    """How sure one label's figure is; None where the label is in no row.

    Args:
        one: Which.
        times: How often each pair of targets and answers occurs.
    """
    found = tally(times)
    if one.label not in found.labels:
        return None
    hits, targets, answers = map(int, found.counts[:, found.labels.index(one.label)])
    rows = {"recall": targets, "precision": answers, "f1": targets + answers - hits}
    interval: Interval = getattr(label_intervals(hits, targets, answers), one.figure)
    return LabelFigure(interval, rows[one.figure])


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
