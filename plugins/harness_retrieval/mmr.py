"""Maximal marginal relevance (Carbonell & Goldstein, 1998): near to the query, and not the same thing twice."""

from __future__ import annotations

from collections.abc import Sequence

from harness_retrieval.index import Hit, Index


def marginal(index: Index, pool: Sequence[Hit], count: int, balance: float) -> list[Hit]:
    """Picks hits one by one, each the best by `balance` · nearness - (1 - balance) · likeness to those picked.

    Args:
        index: Where the pool was found; likeness is cosine similarity in it.
        pool: What to pick from, nearest first.
        count: How many to pick.
        balance: Carbonell and Goldstein's lambda: 1 is nearness alone, 0 diversity alone.

    Returns:
        Those picked, nearest first.
    """
    import numpy as np

    if not pool:
        return []
    vectors = np.stack([index.vector(hit.place) for hit in pool])
    # (pool, pool); rounded like the similarities of the hits
    likeness = (vectors @ vectors.T).round(5)
    picked = [0]  # the first pick has nothing to be like: it is the nearest
    while len(picked) < min(count, len(pool)):
        worth = {
            i: balance * hit.similarity - (1 - balance) * float(likeness[i, picked].max())
            for i, hit in enumerate(pool)
            if i not in picked
        }
        picked.append(max(worth, key=lambda i: worth[i]))  # of equals the nearest
    return [pool[i] for i in sorted(picked)]
