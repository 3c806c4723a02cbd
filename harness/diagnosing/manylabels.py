"""What a confusion of many labels comes to: the labels that most goes wrong with, and the pairs that are confused.

worst   card payment failed     12 of 20 missed, 9 wrongly answered so    most often taken for card declined (7)
pairs   card payment failed answered as card declined     7 of 20
"""

from __future__ import annotations

from typing import NamedTuple

from harness.diagnosing.error_records import Confusion


class LabelErrors(NamedTuple):
    """What goes wrong with one label, over all seeds.

    Attributes:
        label: Which.
        rows: Rows that are so.
        missed: Those of them that were answered otherwise or failed.
        claimed: Rows of other labels that were answered so.
        taken_for: The label that missed rows are answered with most often; None where there is none.
        times: How often.
    """

    label: str
    rows: int
    missed: int
    claimed: int
    taken_for: str | None
    times: int


class Confused(NamedTuple):
    """Rows of one label that were answered with another, over all seeds."""

    target: str
    answer: str
    n: int
    of: int


def worst_labels(found: Confusion) -> list[LabelErrors]:
    """Every label with what goes wrong with it, most errors first; labels that no row bears on are left out."""
    told = []
    for i, label in enumerate(found.labels):
        row = found.counts[i]
        claimed = sum(each[i] for j, each in enumerate(found.counts) if j != i)
        others = [(n, -j) for j, n in enumerate(row[: len(found.labels)]) if j != i and n]
        times, place = max(others, default=(0, 0))
        if sum(row) or claimed:
            name = found.labels[-place] if times else None
            told.append(LabelErrors(label, sum(row), sum(row) - row[i], claimed, name, times))
    return sorted(told, key=lambda each: -(each.missed + each.claimed))


def confused_pairs(found: Confusion) -> list[Confused]:
    """Every pair of different labels that was confused, the most often first."""
    labels = found.labels
    pairs = [
        Confused(labels[i], labels[j], n, sum(row))
        for i, row in enumerate(found.counts)
        for j, n in enumerate(row[: len(labels)])
        if i != j and n
    ]
    return sorted(pairs, key=lambda each: -each.n)
