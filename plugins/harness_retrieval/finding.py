"""Finds what stands near a query: top-k, a floor, MMR, and never the query itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness import Example, Query
from harness.answers import normalised
from harness.turns import key_of
from harness_retrieval.index import Hit, Index
from harness_retrieval.mmr import marginal
from harness_retrieval.passages import Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Rule:
    """How hits are picked.

    Attributes:
        count: At most so many.
        floor: No hit of a smaller cosine similarity; None for any.
        mmr: Lambda of maximal marginal relevance; None to take the nearest.
        pool: Nearest texts that MMR picks from.
    """

    count: int
    floor: float | None = None
    mmr: float | None = None
    pool: int = 20


@dataclass(frozen=True)
class Own:
    """Which places are the query's own: by id and by normalised text, with earlier turns where there are any."""

    by_id: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    by_text: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    turns: bool = True

    @staticmethod
    def examples(examples: Iterable[Example]) -> Own:
        own = Own()
        for place, example in enumerate(examples):
            own.by_id[example.query.id].append(place)
            own.by_text[key_of(example.query)].append(place)
        return own

    @staticmethod
    def passages(passages: Iterable[Passage]) -> Own:
        """By text alone: a table's ids are its own, and `12` there is not the task's row `12`."""
        own = Own(turns=False)
        for place, passage in enumerate(passages):
            own.by_text[passage.whole].append(place)
        return own

    def of(self, query: Query) -> frozenset[int]:
        own = key_of(query) if self.turns else normalised(query.text)
        return frozenset((*self.by_id.get(query.id, ()), *self.by_text.get(own, ())))


@dataclass(frozen=True)
class Finder:
    """Texts that can be found."""

    index: Index
    own: Own
    rule: Rule

    def find(self, queries: Sequence[Query], vectors: NDArray[np.float32]) -> list[list[Hit]]:
        """Hits of each query, nearest first; `vectors` are the queries', (queries, width)."""
        rule = self.rule
        looked_at = rule.count if rule.mmr is None else max(rule.pool, rule.count)
        found = self.index.nearest(vectors, looked_at, [self.own.of(query) for query in queries])
        if rule.floor is not None:
            found = [[hit for hit in hits if hit.similarity >= rule.floor] for hits in found]
        if rule.mmr is None:
            return found
        return [marginal(self.index, hits, rule.count, rule.mmr) for hits in found]
