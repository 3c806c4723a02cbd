"""Whether a column gives the answer away.

queue_id 17 -> always "billing", 18 -> always "outage"      it does: a strategy that sees it need not read
channel  mail -> all queues in about their proportions       it does not
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from harness.answers import normalised

_SURE = 0.97  # of the rows, whose answer is the commonest of their value
_ROWS = 5  # of a value, on average: a value of one row tells nothing about the next


def tells(values: Sequence[str], targets: Sequence[str]) -> bool:
    """Whether a value of the column goes with one target nearly always, where targets as such vary."""
    by_value: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for value, target in zip(values, targets, strict=True):
        if value.strip() and target.strip():
            by_value[value][normalised(target)] += 1
    rows = sum(counts.total() for counts in by_value.values())
    if len(by_value) < 2 or rows < _ROWS * len(by_value):
        return False
    commonest = Counter(t for counts in by_value.values() for t in counts.elements()).most_common(1)[0][1]
    right = sum(max(counts.values()) for counts in by_value.values())
    # Against what the commonest answer alone would get: half of its errors at least must go.
    return right >= _SURE * rows and rows - right <= (rows - commonest) / 2
