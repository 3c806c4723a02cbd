"""Two trials' answers to the same rows, of one run or of two.

query 7   A right "negative"   B wrong "positive"     changed, A better
query 8   A wrong "neutral"    B wrong "positive"     changed, neither right
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from harness.records import Record
from harness.viewing.filters import Filters
from harness.viewing.index import Index

Only = Literal["changed", "a-better", "b-better", "neither"]
ONLY: dict[str, str] = {
    "": "all shared rows",
    "changed": "another answer",
    "a-better": "A better than B",
    "b-better": "B better than A",
    "neither": "neither right",
}
assert set(get_args(Only)) == {*ONLY} - {""}


class Counts(Record):
    """How two trials' answers differ; counts of rows, and no verdict.

    Attributes:
        shared: Rows that both were asked and that have the same id.
        only_a: Rows that B was not asked.
        only_b: Rows that A was not asked.
        retargeted: Shared rows whose right answer was changed between the runs.
        changed: Shared rows with another answer.
        a_better: Shared rows with a better score in A; a failure is below every score.
        b_better: The same of B.
        neither: Shared rows that neither has right.
    """

    shared: int
    only_a: int
    only_b: int
    retargeted: int
    changed: int
    a_better: int
    b_better: int
    neither: int


class Both(NamedTuple):
    """A row's numbers in the two indexes."""

    a: int
    b: int


@dataclass(frozen=True)
class Paired:
    """The shared rows, and which of them a filter lets through.

    Attributes:
        a: Rows in A's index, in its order.
        b: Their rows in B's.
        flags: By row, bits of `_BITS`.
        counts: Of all.
    """

    a: array[int]
    b: array[int]
    flags: bytes
    counts: Counts

    def select(self, only: str, within: set[int] | None = None) -> list[Both]:
        """The rows that pass.

        Args:
            only: One of ONLY.
            within: Rows of A's index, where a search narrowed them.
        """
        bit = _BITS.get(only, 0)
        return [
            Both(a, b)
            for a, b, flags in zip(self.a, self.b, self.flags, strict=True)
            if flags & bit == bit and (within is None or a in within)
        ]


_BITS = {"changed": 1, "a-better": 2, "b-better": 4, "neither": 8}


@dataclass(frozen=True)
class Side:
    """One of the two.

    Attributes:
        index: The task's.
        trial: Its number.
    """

    index: Index
    trial: int


def pair(a: Side, b: Side) -> Paired:
    """Joins two trials by query id."""
    told_a, told_b = a.index.scores(a.trial), b.index.scores(b.trial)
    rows_of_b = {each.id: each for each in told_b}
    rows_a, rows_b, flags = array("I"), array("I"), bytearray()
    retargeted = 0
    for row_a, query_id, target_a, score_a, said_a in told_a:
        in_b = rows_of_b.get(query_id)
        if in_b is None:
            continue
        row_b, _, target_b, score_b, said_b = in_b
        of_a = -1.0 if score_a is None else score_a
        of_b = -1.0 if score_b is None else score_b
        rows_a.append(row_a)
        rows_b.append(row_b)
        retargeted += target_a != target_b
        flags.append((said_a != said_b) | (of_a > of_b) << 1 | (of_b > of_a) << 2 | (of_a < 1 and of_b < 1) << 3)
    counts = Counts(
        shared=len(flags),
        only_a=len(told_a) - len(flags),
        only_b=len(told_b) - len(flags),
        retargeted=retargeted,
        changed=sum(f & 1 for f in flags),
        a_better=sum(f >> 1 & 1 for f in flags),
        b_better=sum(f >> 2 & 1 for f in flags),
        neither=sum(f >> 3 & 1 for f in flags),
    )
    return Paired(rows_a, rows_b, bytes(flags), counts)


def searched(index: Index, text: str) -> set[int] | None:
    """Rows whose text has a part; None without one."""
    return set(index.select(Filters(search=text))) if text else None
