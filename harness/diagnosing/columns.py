"""Groups of test rows: by the values of a metadata column, or by how long their texts are.

channel       phone  n=74     mail   n=226
age           18 to 31  n=75  31 to 40  n=80  …      <- a number with many values: its quarters
text length   12 to 58 characters  n=75  …
dialogue length   0 to 2 earlier turns  n=120  …
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from harness.comparing.evidence import TaskEvidence
from harness.records import Example

LENGTH = "text length"
TURNS = "dialogue length"
MOST = 30  # values of a column; with more it is an id, a date or a text


def slicings(evidence: TaskEvidence) -> dict[str, dict[str, tuple[str, ...]]]:
    """Column to value to ids of test rows: the metadata's, and the length of texts behind them."""
    found, lengths = of_metadata(evidence), of_length(evidence)
    if lengths:
        found[LENGTH if LENGTH not in found else f"{LENGTH} (characters)"] = lengths
    turns = quarters({e.query.id: float(len(e.query.history)) for e in evidence.test}, " earlier turns")
    return found | ({TURNS: turns} if turns and TURNS not in found else {})


def of_metadata(evidence: TaskEvidence) -> dict[str, dict[str, tuple[str, ...]]]:
    """Column to value to ids of test rows; columns that say nothing are left out.

    A row without a value in a column is in none of its groups.
    """
    names = dict.fromkeys(name for example in evidence.test for name in example.query.metadata)
    return {name: groups for name in names if (groups := _of_column(evidence.test, name))}


def of_length(evidence: TaskEvidence) -> dict[str, tuple[str, ...]]:
    """Range of lengths to ids of test rows, the shortest quarter of the texts first."""
    return quarters({e.query.id: float(len(e.query.text)) for e in evidence.test}, " characters")


def quarters(values: Mapping[str, float], unit: str = "") -> dict[str, tuple[str, ...]]:
    """Ids by quarter of their values, each named by its own range; nothing where all are the same.

    Rows of one value stay together, so that quarters may differ in size or be fewer than four.

    Args:
        values: By id.
        unit: What stands behind a range.
    """
    import numpy as np

    cuts = np.unique(np.quantile(list(values.values()), [0.25, 0.5, 0.75])) if values else np.array([])
    place = {row: int(np.searchsorted(cuts, value)) for row, value in values.items()}
    rows: dict[int, list[str]] = {}
    for row, at in place.items():
        rows.setdefault(at, []).append(row)
    if len(rows) < 2:
        return {}
    ranges = {}
    for quarter in sorted(rows):
        known = [values[row] for row in rows[quarter]]
        ranges[quarter] = (min(known), max(known))
    ends = sorted({end for both in ranges.values() for end in both})
    told = dict(zip(ends, _apart(ends), strict=True))
    return {
        f"{told[low]} to {told[high]}{unit}" if low != high else f"{told[low]}{unit}": tuple(rows[quarter])
        for quarter, (low, high) in ranges.items()
    }


def _apart(values: Sequence[float]) -> list[str]:
    """Different numbers with six digits, or as many more as tell them apart."""
    for digits in range(6, 17):
        told = [f"{value:.{digits}g}" for value in values]
        if len(set(told)) == len(told):
            return told
    return [f"{value:.17g}" for value in values]


def _of_column(test: Sequence[Example], name: str) -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for example in test:
        value = example.query.metadata.get(name, "").strip()
        if value:
            groups.setdefault(value, []).append(example.query.id)
    if 2 <= len(groups) <= MOST:
        return {value: tuple(ids) for value, ids in groups.items()}
    numbers = {value: _number(value) for value in groups}
    if len(groups) > MOST and all(number is not None for number in numbers.values()):
        return quarters({row: numbers[value] or 0.0 for value, ids in groups.items() for row in ids})
    return {}


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None
