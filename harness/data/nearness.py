"""Texts that are almost the same: templates with another name in them, mails sent twice with a new greeting.

0  "Your parcel 4711 from Bern has not arrived yet, we are sorry for the delay."
1  "Your parcel 4712 from Bern has not arrived yet, we are sorry for the delay."
2  "How do I change my password?"                                                    -> [[0, 1]]

Two texts are near when the runs of five characters that they have in common are at least a share, the threshold,
of all that either has (Jaccard's similarity), whatever the case, white space and Unicode form.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from harness.answers import normalised

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

THRESHOLD = 0.8
SHINGLE = 5  # characters; also what a text needs to have more than one shingle
_PERMUTATIONS = 128
_MISSED = 1e-4  # the chance that a pair exactly at the threshold is never looked at
# An estimate from 128 permutations lies this far below a similarity of 0.8 with a chance of 1e-4 at most.
_SLACK = 0.13
_SEED = 1
_BASE = 0x01000193
_KEPT = 20_000  # texts whose shingles are kept in memory


def near_duplicates(texts: Sequence[str], threshold: float = THRESHOLD) -> list[list[int]]:
    """Groups of texts that are almost the same.

    Candidates come from MinHash signatures in a locality-sensitive index; each pair is then verified with the
    exact similarity, so that no pair is false and the same texts give the same groups in every process. A pair at
    the threshold is missed with a chance of some in ten thousand, a nearer one far less often. A group holds what
    a chain of near texts joins: its first and last may be less alike than the threshold. It takes about 0.5 ms
    of one core for a tweet and 25 ms for a text of ten pages.

    Source: Broder, 1997, "On the resemblance and containment of documents"; the index by datasketch.

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
    index = _indexed(texts, threshold)
    shingles: Callable[[int], frozenset[str]] = lru_cache(maxsize=_KEPT)(lambda number: _shingles(texts[number]))
    refuted: set[tuple[int, int]] = set()

    def near(a: int, b: int) -> bool:
        if (a, b) in refuted:
            return False
        if _jaccard(shingles(a), shingles(b)) >= threshold:
            return True
        refuted.add((a, b))
        return False

    for bucket in index.buckets:
        _join_bucket(bucket, index.signatures, threshold - _SLACK, joined, near)


def _join_bucket(
    bucket: Sequence[int],
    signatures: NDArray[np.uint32],
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

    for place in range(1, len(bucket)):
        if roots[place] != roots[0] and near(bucket[0], bucket[place]):
            join(0, place)
        others = np.flatnonzero(roots[:place] != roots[place])
        if not len(others):
            continue
        alike = (signatures[members[others]] == signatures[bucket[place]]).mean(axis=1) >= likely
        for other in others[alike].tolist():
            if roots[other] != roots[place] and near(bucket[other], bucket[place]):
                join(other, place)


class _Index(NamedTuple):
    """Signatures, (texts, permutations), and the numbers of texts that share a band of them, ascending."""

    signatures: NDArray[np.uint32]
    buckets: Iterator[list[int]]


def _indexed(texts: Sequence[str], threshold: float) -> _Index:
    import numpy as np
    from datasketch import MinHash, MinHashLSH

    rows = _rows_of_a_band(threshold)
    index = MinHashLSH(num_perm=_PERMUTATIONS, params=(_PERMUTATIONS // rows, rows))
    signature = MinHash(num_perm=_PERMUTATIONS, seed=_SEED, hashfunc=int)
    signatures = np.empty((len(texts), _PERMUTATIONS), dtype=np.uint32)
    for number, text in enumerate(texts):
        signature.clear()
        signature.update_batch(_hashes(text))
        signatures[number] = signature.hashvalues
        index.insert(number, signature, check_duplication=False)
    buckets = (table.get(key) for table in index.hashtables for key in table.keys())  # noqa: SIM118 - no mapping
    return _Index(signatures, (sorted(bucket) for bucket in buckets if len(bucket) > 1))


def _rows_of_a_band(threshold: float) -> int:
    """As many as leave a pair at the threshold its chance to share a band: more make fewer pairs to look at."""
    for rows in range(_PERMUTATIONS // 2, 1, -1):
        if (1 - threshold**rows) ** (_PERMUTATIONS // rows) <= _MISSED:
            return rows
    return 1


def _hashes(text: str) -> list[int]:
    """A 32-bit number for each run of characters, all at once; datasketch mixes them further."""
    import numpy as np

    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    if len(points) <= SHINGLE:
        return [zlib.crc32(points.tobytes())]
    runs = np.lib.stride_tricks.sliding_window_view(points, SHINGLE)
    powers = np.array([pow(_BASE, SHINGLE - 1 - i, 2**32) for i in range(SHINGLE)], dtype=np.uint32)
    found: list[int] = np.unique((runs * powers).sum(axis=1, dtype=np.uint32)).tolist()
    return found


def _shingles(text: str) -> frozenset[str]:
    return frozenset(text[i : i + SHINGLE] for i in range(max(1, len(text) - SHINGLE + 1)))


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    both = len(a & b)
    return both / (len(a) + len(b) - both)
