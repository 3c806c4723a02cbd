"""Who is near a query, and how they vote."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from harness import Brief, Embedder, Example, Failed, Prediction, Query
from harness.turns import all_turns, key_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEAREST = 1e-6  # a smaller distance than this gains a neighbour no further weight
BLOCK = 1024  # queries whose similarities are held at once


class Neighbour(NamedTuple):
    """A training row by its place, and its cosine similarity to the query."""

    row: int
    similarity: float


@dataclass(frozen=True)
class Voters:
    """Training rows that vote.

    Attributes:
        brief: The task.
        train: The rows.
        vectors: Of unit length, (rows, width).
        weights: How a neighbour's vote weighs.
        embedder: Turns queries into vectors.
        k: How many vote.
    """

    brief: Brief
    train: Sequence[Example]
    vectors: NDArray[np.float32]
    weights: Literal["uniform", "distance"]
    embedder: Embedder
    k: int = 1

    def with_k(self, k: int) -> Voters:
        return replace(self, k=k)

    def answer(self, queries: Sequence[Query]) -> Iterator[Prediction | Failed]:
        for query, neighbours in zip(queries, self.near(queries, self.k), strict=True):
            yield self.vote(query, neighbours)

    def near(self, queries: Sequence[Query], k: int) -> list[list[Neighbour]]:
        """For each query its k nearest rows, nearest first, without its own row and rows of the same text."""
        import numpy as np

        if not queries:
            return []
        asked = self.embedder.embed([all_turns(query) for query in queries])
        found = []
        for start in range(0, len(queries), BLOCK):
            # Rounded, so that equals stay equal whether asked alone or in bulk; the sort keeps their order.
            similarities = (asked[start : start + BLOCK] @ self.vectors.T).round(5)
            for query, row in zip(queries[start : start + BLOCK], similarities, strict=True):
                own = self._own(query)
                order = np.argsort(-row, kind="stable")[: k + len(own)].tolist()
                found.append([Neighbour(i, float(row[i])) for i in order if i not in own][:k])
        return found

    def vote(self, query: Query, neighbours: Sequence[Neighbour]) -> Prediction | Failed:
        """What these neighbours say, and in which shares."""
        if not neighbours:
            return Failed(
                query_id=query.id,
                kind="no-neighbours",
                error="no training row is left to vote: all are this query's own row or text",
            )
        votes = [self._weight(n) for n in neighbours]
        shares: dict[str, float] = defaultdict(float)
        nearness: dict[str, float] = defaultdict(float)
        for neighbour, vote in zip(neighbours, votes, strict=True):
            for label in set(self.train[neighbour.row].targets):
                shares[label] += vote / sum(votes)
                nearness[label] += neighbour.similarity
        told = {label: min(1.0, shares[label]) for label in self.brief.labels}
        if self.brief.kind == "labels":
            answers = tuple(label for label, share in told.items() if round(share, 9) >= 0.5)
        else:
            answers = (max(told, key=lambda label: (round(told[label], 9), nearness[label])),)
        ids = " ".join(f"{self.train[n.row].query.id}:{n.similarity:.2f}" for n in neighbours)
        return Prediction(query_id=query.id, answers=answers, probabilities=told, notes={"neighbours": ids})

    def _weight(self, neighbour: Neighbour) -> float:
        return 1.0 if self.weights == "uniform" else 1.0 / max(1.0 - neighbour.similarity, NEAREST)

    def _own(self, query: Query) -> set[int]:
        rows = set(self._by_text.get(key_of(query), ()))
        if query.id in self._by_id:
            rows.add(self._by_id[query.id])
        return rows

    @cached_property
    def _by_id(self) -> dict[str, int]:
        return {example.query.id: i for i, example in enumerate(self.train)}

    @cached_property
    def _by_text(self) -> dict[str, list[int]]:
        rows = defaultdict(list)
        for i, example in enumerate(self.train):
            rows[key_of(example.query)].append(i)
        return dict(rows)
