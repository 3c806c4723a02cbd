"""Of which kind a task is, by the column that holds its answers."""

from __future__ import annotations

import re
from collections import Counter

from harness.errors import DataError
from harness.records import Kind
from harness.starting.columns import Column

_SEPARATOR = re.compile(r"\s*[;|]\s*")
_MOST_LABELS = 300


def kind_of(column: Column) -> Kind:
    """The kind of a task with such answers.

    Raises:
        DataError: They are numbers without end, which no kind is.
    """
    if column.what == "object":
        return "fields"
    if column.what == "list":
        return "labels" if _shared(column) else "text"
    if column.what in ("category", "number", "constant", "id") and _separated(column):
        return "labels"
    if column.what == "number" and column.different > min(_MOST_LABELS, max(12, column.filled / 5)):
        raise DataError(
            f"the column {column.name!r} holds {column.different:,} different numbers: to predict a number is no "
            "kind of task here. Make steps of them, or name another column with --target"
        )
    if column.what in ("category", "number", "constant", "date"):
        return "label"
    return "label" if column.different <= min(_MOST_LABELS, column.filled / 3) else "text"


def _separated(column: Column) -> bool:
    """Whether cells hold several labels each, parts of which come back."""
    several = [value for value in column.counts if _SEPARATOR.search(value)]
    if len(several) < 0.1 * column.different or not several:
        return False
    parts = Counter(part for value in column.counts for part in _SEPARATOR.split(value.strip()) if part)
    return len(parts) <= 0.7 * sum(parts.values())


def _shared(column: Column) -> bool:
    import json

    items = [item for value in column.counts for item in json.loads(value) if isinstance(item, str)]
    return bool(items) and len(set(items)) <= 0.5 * len(items)
