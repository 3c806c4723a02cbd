"""The real FAISS index over a few vectors."""

from __future__ import annotations

from collections.abc import Sequence

import faiss
import numpy as np
import pytest

from harness_retrieval.index import Hit, Index
from harness_retrieval.mmr import marginal


def index_of(vectors: Sequence[Sequence[float]]) -> Index:
    array = np.array(vectors, dtype=np.float32)
    built = faiss.IndexFlatIP(array.shape[1])
    built.add(array / np.linalg.norm(array, axis=1, keepdims=True))
    return Index(built)


NOBODY = frozenset[int]()
QUERY = np.array([[1.0, 0.0]], dtype=np.float32)


def test_similarity_is_the_cosine() -> None:
    index = index_of([[0, 1], [1, 1], [5, 0], [-1, 0]])
    (hits,) = index.nearest(QUERY, 4, [NOBODY])
    assert [Hit(2, 1.0), Hit(1, 0.70711), Hit(0, 0.0), Hit(3, -1.0)] == hits


def test_what_is_left_out_makes_room_for_the_next() -> None:
    index = index_of([[1, 0], [1, 0.1], [1, 0.2], [1, 0.3]])
    (hits,) = index.nearest(QUERY, 2, [frozenset({0, 2})])
    assert [1, 3] == [hit.place for hit in hits]


def test_of_equals_the_first_is_found_alone_as_in_bulk() -> None:
    index = index_of([[1, 0]] * 40)
    alone = index.nearest(QUERY, 3, [NOBODY])
    bulk = index.nearest(np.repeat(QUERY, 64, axis=0), 3, [NOBODY] * 64)  # FAISS computes large calls otherwise
    assert [0, 1, 2] == [hit.place for hit in alone[0]]
    assert bulk == alone * 64


def test_more_than_there_is_finds_all_there_is() -> None:
    index = index_of([[1, 0], [0, 1]])
    assert [[1]] == [[h.place for h in hits] for hits in index.nearest(QUERY, 9, [frozenset({0})])]
    assert [[]] == index.nearest(QUERY, 9, [frozenset({0, 1})])


# Two near-duplicates close to the query, and something else farther away.
TWINS = [[1, 0.1], [1, 0.11], [1, -0.8]]


@pytest.mark.parametrize(
    ("balance", "picked"), [(1.0, [0, 1]), (0.3, [0, 2]), (0.0, [0, 2])], ids=["nearness", "balance", "diversity"]
)
def test_mmr_passes_over_what_repeats_what_is_picked(balance: float, picked: list[int]) -> None:
    index = index_of(TWINS)
    (pool,) = index.nearest(QUERY, 3, [NOBODY])
    assert picked == [hit.place for hit in marginal(index, pool, 2, balance)]


def test_mmr_gives_its_picks_nearest_first() -> None:
    index = index_of([*TWINS, [1, 0.3]])
    (pool,) = index.nearest(QUERY, 4, [NOBODY])
    similarities = [hit.similarity for hit in marginal(index, pool, 3, 0.2)]
    assert sorted(similarities, reverse=True) == similarities


def test_mmr_of_an_empty_pool_picks_nothing() -> None:
    assert [] == marginal(index_of(TWINS), [], 2, 0.5)
