"""Puts rows into an order by hash, of which every beginning is stratified.

    labels in the file   a a a a b b      the order   a b a a b a
    The first 3 have 2 a and 1 b, as has each half of it.

This is Sainte-Laguë's apportionment: a label's k-th of n rows comes at (k - 1/2)/n. Unlike the largest
remainder it never takes a row back when more are asked for, so that a larger sample holds the smaller one.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence

from harness.data.targets import Targets
from harness.records import Kind


def hash_place(seed: int, key: str) -> float:
    """A number in [0, 1) from a seed and a key: the same in every process, and spread evenly."""
    return int.from_bytes(hashlib.sha256(f"{seed}\0{key}".encode()).digest()[:6], "big") / 2**48


def strata(targets: Sequence[Targets], kind: Kind) -> list[str]:
    """What each row is stratified by: its label; its rarest one of several; nothing for free text."""
    if kind == "label":
        return [each[0] for each in targets]
    if kind == "labels":
        often = Counter(label for each in targets for label in each)
        return [min(each, key=lambda label: (often[label], label), default="") for each in targets]
    return [""] * len(targets)


def spread(of: Sequence[str], places: Sequence[float]) -> list[int]:
    """Indices in an order of which every beginning has the strata in proportion.

    Args:
        of: Each row's stratum.
        places: Each row's hash, which orders the rows of a stratum.
    """
    members: defaultdict[str, list[int]] = defaultdict(list)
    for index in sorted(range(len(of)), key=lambda i: places[i]):
        members[of[index]].append(index)
    order = [
        ((rank + 0.5) / len(indices), places[index], index)
        for indices in members.values()
        for rank, index in enumerate(indices)
    ]
    return [index for _, _, index in sorted(order)]
