"""The labels that a column has: which are one written in two ways, which are rare, and whether they are a scale.

Billing 40, " billing " 3, billing 2      one label: {" billing ": Billing, billing: Billing}
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.answers import normalised
from harness.data.targets import read_targets
from harness.records import Kind
from harness.starting.names import SCALE, rank

RARE = 3  # different texts, below which a label cannot be in every split
_LONGEST_SCALE = 11  # 0 to 10
_NUMBERED = re.compile(r"(-?\d+)(\D*)")
_SCALES = (
    ("low", "medium", "high"),
    ("low", "medium", "high", "critical"),
    ("low", "medium", "high", "urgent"),
    ("low", "normal", "high"),
    ("low", "normal", "high", "urgent"),
    ("minor", "major", "critical"),
    ("bad", "neutral", "good"),
    ("negative", "neutral", "positive"),
    ("very negative", "negative", "neutral", "positive", "very positive"),
    ("strongly disagree", "disagree", "neutral", "agree", "strongly agree"),
)


@dataclass(frozen=True)
class Labels:
    """What is known of a task's labels.

    Attributes:
        counts: Label, as the map writes it, to its rows; a scale in its order, else the commonest first.
        map: Label as the file has it to the one that it stands for.
        rare: Those with fewer than three different texts, to how many they have.
        ordered: Whether they are a scale.
    """

    counts: Mapping[str, int]
    map: Mapping[str, str]
    rare: Mapping[str, int]
    ordered: bool

    @property
    def commonest_share(self) -> float:
        return max(self.counts.values(), default=0) / max(1, sum(self.counts.values()))


def labels_of(cells: Sequence[str], texts: Sequence[str], kind: Kind, column: str) -> Labels:
    """Counts the labels of a column.

    Args:
        cells: The column.
        texts: What each row asks; copies of one text go to one split, so that only different ones count.
        kind: `label` or `labels`.
        column: Its name, which may say that it is a scale.
    """
    each_row = [read_targets(cell, kind) or () for cell in cells]
    raw = Counter(label for labels in each_row for label in labels)
    merged = _merged(raw)
    different: defaultdict[str, set[str]] = defaultdict(set)
    for labels, text in zip(each_row, texts, strict=True):
        for label in labels:
            different[merged.get(label, label)].add(normalised(text))
    counts: Counter[str] = Counter()
    for label, rows in raw.items():
        counts[merged.get(label, label)] += rows
    scale = _scale(list(counts), column) if kind == "label" else None
    ordered = scale or [label for label, _ in sorted(counts.items(), key=lambda each: (-each[1], each[0]))]
    return Labels(
        counts={label: counts[label] for label in ordered},
        map=merged,
        rare={label: len(of) for label, of in different.items() if len(of) < RARE},
        ordered=scale is not None,
    )


def _merged(raw: Mapping[str, int]) -> dict[str, str]:
    """Every label that differs from another in case or blanks only, to the commonest, without stray blanks."""
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for label in raw:
        alike[normalised(label)].append(label)
    merged: dict[str, str] = {}
    for each in alike.values():
        # A writing without stray blanks before one that is as common.
        best = max(each, key=lambda label: (raw[label], label == " ".join(label.split()), label))
        name = " ".join(best.split())
        merged |= {label: name for label in each if label != name}
    return merged


def _scale(labels: Sequence[str], column: str) -> list[str] | None:
    folded = {label.casefold(): label for label in labels}
    for scale in _SCALES:
        if folded.keys() == set(scale):
            return [folded[step] for step in scale]
    numbered = [_NUMBERED.fullmatch(label) for label in labels]
    if not 3 <= len(labels) <= _LONGEST_SCALE or not all(numbered):
        return None
    steps = {label: int(match.group(1)) for label, match in zip(labels, numbered, strict=True) if match}
    said = rank(column, SCALE) is not None or any(match and match.group(2).strip() for match in numbered)
    near = max(steps.values()) - min(steps.values()) < _LONGEST_SCALE
    return sorted(labels, key=lambda label: steps[label]) if said and near else None
