"""Batches under a budget of tokens."""

from __future__ import annotations

from collections.abc import Sequence


def by_length(lengths: Sequence[int], budget: int, most: int | None = None) -> list[list[int]]:
    """Indices in batches, longest first, so that what does not fit in memory fails at once.

    A batch costs its size times its longest member, for all are padded to that. A member that alone is over
    the budget is a batch of its own.

    Args:
        lengths: In tokens.
        budget: The most tokens of a batch, padding included.
        most: The most members of a batch.

    >>> by_length([3, 9, 4, 10], 20)
    [[3, 1], [2, 0]]
    """
    batches: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        longest = lengths[batches[-1][0]] if batches else 0
        size = len(batches[-1]) + 1 if batches else 1
        if batches and longest * size <= budget and (most is None or size <= most):
            batches[-1].append(i)
        else:
            batches.append([i])
    return batches


def first_within(tokens: Sequence[int], budget: int) -> int:
    """How many of the first are within the budget; one at least.

    >>> first_within([3, 9, 4, 10], 14)
    2
    """
    total = 0
    for count, each in enumerate(tokens):
        total += each
        if total > budget and count:
            return count
    return len(tokens)
