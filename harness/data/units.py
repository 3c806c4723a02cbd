"""Rows that stay together, and the hash that says where they go.

text            units by normalised text, so that copies are in one split
splits.group    units by the column's value: a customer with forty tickets is one unit, whatever the tickets say
together        units that near-duplicates join

Copies of one text by two customers do not join these: "thanks" would make one unit of most customers, and every
new row could move others to another split. `leakage` says what is done about them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.data.items import Item
from harness.data.spread import hash_place, strata
from harness.records import Kind


@dataclass(frozen=True)
class Unit:
    """Rows that stay together.

    Attributes:
        place: Its hash, in [0, 1).
        stratum: What most of its rows are stratified by.
        counts: How many rows of each stratum it has.
        items: The rows.
    """

    place: float
    stratum: str
    counts: Mapping[str, int]
    items: tuple[Item, ...]


def unit_key(item: Item) -> str:
    """What the row stays together with: its group, where it has one, else its normalised text."""
    group = item.group.strip()
    return f"group\0{group}" if group else item.normal


def units_of(items: Sequence[Item], seed: int, kind: Kind, together: Sequence[Sequence[int]] = ()) -> list[Unit]:
    """The units of rows.

    Args:
        items: The rows.
        seed: Of the hash.
        kind: The task's; `label` and `labels` are stratified.
        together: Indices of rows that stay together beyond that.
    """
    keys = _joined([unit_key(item) for item in items], seed, together)
    members: defaultdict[str, list[tuple[str, Item]]] = defaultdict(list)
    for stratum, key, item in zip(strata([i.targets for i in items], kind), keys, items, strict=True):
        members[key].append((stratum, item))
    units = []
    for key, each in members.items():
        counts = Counter(stratum for stratum, _ in each)
        most = min(counts, key=lambda stratum: (-counts[stratum], stratum))
        units.append(Unit(hash_place(seed, key), most, counts, tuple(item for _, item in each)))
    return units


def _joined(keys: list[str], seed: int, together: Sequence[Sequence[int]]) -> list[str]:
    """The keys after joining: the one of the lowest hash names them all, so that a new row rarely moves them."""
    if not together:
        return keys
    named = {key: key for key in keys}

    def root(key: str) -> str:
        while named[key] != key:
            named[key] = named[named[key]]
            key = named[key]
        return key

    for group in together:
        roots = {root(keys[index]) for index in group}
        first = min(roots, key=lambda key: (hash_place(seed, key), key))
        named.update(dict.fromkeys(roots, first))
    return [root(key) for key in keys]
