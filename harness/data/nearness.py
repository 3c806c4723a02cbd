"""Texts that are almost the same: templates with another name in them, mails sent twice with a new greeting.

0  "Your parcel 4711 from Bern has not arrived yet, we are sorry for the delay."
1  "Your parcel 4712 from Bern has not arrived yet, we are sorry for the delay."
2  "How do I change my password?"                                                    -> [[0, 1]]

Two texts are near when the runs of five characters that they have in common are at least a share, the threshold,
of all that either has (Jaccard's similarity), whatever the case, white space and Unicode form.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.answers import normalised
from harness.data.minhash import PERMUTATIONS, SHINGLE, shared_bands, signatures

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

THRESHOLD = 0.8
_MISSED = 1e-4  # the chance that a pair exactly at the threshold is never looked at
# An estimate from 128 permutations lies this far below a similarity of 0.8 with a chance of 1e-4 at most.
_SLACK = 0.13
_KEPT = 1_000  # texts whose shingles are kept in memory: those of ten pages take megabytes each
_SMALL = 16  # texts of a bucket, up to which all its pairs are looked at, those of all such buckets at once
_PAIRS_AT_ONCE = 10_000


def near_duplicates(texts: Sequence[str], threshold: float = THRESHOLD) -> list[list[int]]:
    """Groups of texts that are almost the same.

    Candidates come from MinHash signatures in a locality-sensitive index; each pair is then verified with the
    exact similarity, so that no pair is false and the same texts give the same groups in every process. A pair at
    the threshold is missed with a chance of some in ten thousand, a nearer one far less often. A group holds what
    a chain of near texts joins: its first and last may be less alike than the threshold. It takes about 0.2 ms
    of one core for a tweet and 7 ms for a text of ten pages.

    Source: Broder, 1997, "On the resemblance and containment of documents".

    Args:
        texts: In any order; blank ones are near to none.
        threshold: The least similarity of a pair, above 0 and at most 1.

    Returns:
        Indices of each group with two texts or more, ascending, groups by their first; texts that are the same
        after normalisation are in one group.

    Raises:
        ValueError: The threshold is none.
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"a threshold lies above 0 and is at most 1, {threshold} does not")
    same: defaultdict[str, list[int]] = defaultdict(list)
    for index, text in enumerate(texts):
        same[normalised(text)].append(index)
    same.pop("", None)
    distinct = list(same)
    joined = _Joined(len(distinct))
    if threshold < 1 and len(distinct) > 1:
        _join_near(distinct, threshold, joined)
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for number, text in enumerate(distinct):
        groups[joined.root(number)] += same[text]
    return sorted(sorted(group) for group in groups.values() if len(group) > 1)


def similarity(a: str, b: str) -> float:
    """Jaccard's similarity of two texts' runs of five characters, 0 to 1, after normalisation."""
    return _jaccard(_shingles(normalised(a)), _shingles(normalised(b)))


class _Joined:
    """Which numbers are one group (union-find); the smallest of a group is its root."""

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))

    def root(self, number: int) -> int:
        parents = self._parents
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    def join(self, a: int, b: int) -> None:
        a, b = self.root(a), self.root(b)
        self._parents[max(a, b)] = min(a, b)


def _join_near(texts: Sequence[str], threshold: float, joined: _Joined) -> None:
    """Joins the numbers of near texts, which all differ and none of which is blank."""
    signed = signatures(texts)
    likely = threshold - _SLACK
    shingles: Callable[[int], frozenset[str]] = lru_cache(maxsize=_KEPT)(lambda number: _shingles(texts[number]))
    refuted: set[tuple[int, int]] = set()

    def near(a: int, b: int) -> bool:
        if (a, b) in refuted:
            return False
        if _jaccard(shingles(a), shingles(b)) >= threshold:
            return True
        refuted.add((a, b))
        return False

    for buckets in shared_bands(signed, _rows_of_a_band(threshold)):
        small = [bucket for bucket in buckets if len(bucket) <= _SMALL]
        for a, b in _likely_pairs(small, signed, likely, joined):
            if joined.root(a) != joined.root(b) and near(a, b):
                joined.join(a, b)
        for bucket in buckets:
            if len(bucket) > _SMALL:
                _join_bucket(bucket.tolist(), signed, likely, joined, near)


def _likely_pairs(
    buckets: Sequence[NDArray[np.intp]], signed: NDArray[np.uint32], likely: float, joined: _Joined
) -> list[tuple[int, int]]:
    """The pairs within buckets that no earlier pair joined and whose signatures are alike."""
    import numpy as np

    pairs = []
    for size in sorted({len(bucket) for bucket in buckets}):
        members = np.stack([bucket for bucket in buckets if len(bucket) == size])  # (buckets, size)
        pairs += [members[:, [a, b]] for a in range(size) for b in range(a + 1, size)]
    if not pairs:
        return []
    every = np.concatenate(pairs)
    roots = {number: joined.root(number) for number in np.unique(every).tolist()}
    apart = np.fromiter((roots[a] != roots[b] for a, b in every.tolist()), dtype=bool, count=len(every))
    every = every[apart]
    found: list[tuple[int, int]] = []
    for start in range(0, len(every), _PAIRS_AT_ONCE):
        some = every[start : start + _PAIRS_AT_ONCE]
        alike = (signed[some[:, 0]] == signed[some[:, 1]]).mean(axis=1) >= likely
        found += map(tuple, some[alike].tolist())
    return found


def _join_bucket(
    bucket: Sequence[int],
    signed: NDArray[np.uint32],
    likely: float,
    joined: _Joined,
    near: Callable[[int, int], bool],
) -> None:
    """Joins what is near in a bucket, each number with those before it that no earlier pair joined it with.

    Thousands of copies of one template take a step each, not one for each pair.
    """
    import numpy as np

    members = np.asarray(bucket)
    roots = np.asarray([joined.root(number) for number in bucket])
    if (roots == roots[0]).all():
        return

    def join(a: int, b: int) -> None:
        joined.join(bucket[a], bucket[b])
        roots[(roots == roots[a]) | (roots == roots[b])] = joined.root(bucket[a])

    like_first = (signed[members] == signed[bucket[0]]).mean(axis=1) >= likely
    for place in range(1, len(bucket)):
        if roots[place] != roots[0] and like_first[place] and near(bucket[0], bucket[place]):
            join(0, place)
        others = np.flatnonzero(roots[:place] != roots[place])
        if not len(others):
            continue
        alike = (signed[members[others]] == signed[bucket[place]]).mean(axis=1) >= likely
        for other in others[alike].tolist():
            if roots[other] != roots[place] and near(bucket[other], bucket[place]):
                join(other, place)


def _rows_of_a_band(threshold: float) -> int:
    """As many as leave a pair at the threshold its chance to share a band: more make fewer pairs to look at."""
    for rows in range(PERMUTATIONS // 2, 1, -1):
        if (1 - threshold**rows) ** (PERMUTATIONS // rows) <= _MISSED:
            return rows
    return 1


def _shingles(text: str) -> frozenset[str]:
    return frozenset(text[i : i + SHINGLE] for i in range(max(1, len(text) - SHINGLE + 1)))


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    both = len(a & b)
    return both / (len(a) + len(b) - both)
