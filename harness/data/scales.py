"""The order of a scale whose labels are not listed: that of their numbers.

labels 10, 9, 2.5   ->   2.5, 9, 10
labels low, high    ->   refused: which comes first is for the suite to say
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from harness.data.saying import few
from harness.errors import DataError


def by_number(labels: Iterable[str]) -> list[str]:
    """Labels of a scale in the order of their numbers.

    Raises:
        DataError: One is no number, or two are the same one.
    """
    told = {label: _number(label) for label in sorted(labels)}
    words = [label for label, number in told.items() if number is None]
    if words:
        raise DataError(
            f"`ordered: true` without listed labels needs numbers, and these are none: {few(map(repr, words))}; "
            "list the labels in their order, the lowest first: `labels: [poor, fair, good]`",
            where="ordered",
        )
    numbers = {label: number for label, number in told.items() if number is not None}
    for label, number in numbers.items():
        twin = next((other for other in numbers if other < label and numbers[other] == number), None)
        if twin is not None:
            raise DataError(
                f"{twin!r} and {label!r} are one number and two labels; make them one with "
                f"`data.map: {{{label!r}: {twin!r}}}`",
                where="ordered",
            )
    return sorted(numbers, key=lambda label: numbers[label])


def _number(label: str) -> float | None:
    try:
        found = float(label)
    except ValueError:
        return None
    return found if math.isfinite(found) else None
