"""Which texts stand more than once, with which targets, and in which splits.

train  reviews.csv line 4   "Great flight!"   positive
test   new.csv line 9       "great  flight!"  negative     <- a leak, and the targets disagree
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import NamedTuple

from harness.data.items import Item
from harness.data.targets import meaning
from harness.data.taskdata import SPLITS, Copy, Finding, Group, SplitName
from harness.records import Kind

_EXAMPLES = 20
_COPIES = 5


class Findings(NamedTuple):
    """What stands more than once; the fields of the same names in DataReport say what each is."""

    exact_within: Finding
    exact_across: Finding
    normalised_within: Finding
    normalised_across: Finding
    conflicts: Finding


class Member(NamedTuple):
    """A row and the split that it is in."""

    split: SplitName
    item: Item


def find_copies(splits: Mapping[SplitName, Sequence[Item]], kind: Kind) -> Findings:
    """Looks for texts that stand more than once."""
    exact = _together(splits, lambda item: (item.text, item.history))
    normalised = _together(splits, lambda item: item.normal)
    return Findings(
        exact_within=finding(exact, _repeated),
        exact_across=finding(exact, _across),
        normalised_within=finding(normalised, _repeated),
        normalised_across=finding(normalised, _across),
        conflicts=finding(normalised, lambda group: _disagreeing(group, kind)),
    )


def find_leaks(splits: Mapping[SplitName, Sequence[Item]]) -> Finding:
    """Looks for test rows whose normalised text also stands in train or validation."""
    return finding(_together(splits, lambda item: item.normal), _leaking)


def leaking_texts(splits: Mapping[SplitName, Sequence[Item]]) -> set[str]:
    """The normalised texts of train and validation, where test has them too."""
    learnt = {item.normal for name in ("train", "validation") for item in splits[name]}
    return learnt & {item.normal for item in splits["test"]}


def _together(splits: Mapping[SplitName, Sequence[Item]], key: Callable[[Item], Hashable]) -> list[list[Member]]:
    groups: defaultdict[Hashable, list[Member]] = defaultdict(list)
    for name in SPLITS:
        for item in splits[name]:
            groups[key(item)].append(Member(name, item))
    return [group for group in groups.values() if len(group) > 1]


def finding(groups: Sequence[list[Member]], rows_of: Callable[[list[Member]], int]) -> Finding:
    """Sums up groups of rows, each by how many of its rows are concerned; those of which none is are left out."""
    found = [(rows, group) for group in groups if (rows := rows_of(group))]
    found.sort(key=lambda f: (-f[0], f[1][0].item.text))
    return Finding(
        rows=sum(rows for rows, _ in found),
        groups=len(found),
        examples=tuple(_group(members) for _, members in found[:_EXAMPLES]),
    )


def _group(members: Sequence[Member]) -> Group:
    # One of each split and target first, so that the few that are shown show why they are.
    shown = {(m.split, m.item.targets): m for m in reversed(members)}
    chosen = [*shown.values(), *(m for m in members if m not in shown.values())][:_COPIES]
    return Group(
        text=members[0].item.text,
        size=len(members),
        copies=tuple(
            Copy(id=m.item.id, split=m.split, place=m.item.place, targets=m.item.targets) for m in chosen
        ),
    )


def _repeated(group: Sequence[Member]) -> int:
    return sum(count - 1 for count in Counter(m.split for m in group).values())


def _across(group: Sequence[Member]) -> int:
    return len(group) if len({m.split for m in group}) > 1 else 0


def _disagreeing(group: Sequence[Member], kind: Kind) -> int:
    return len(group) if len({meaning(m.item.targets, kind) for m in group}) > 1 else 0


def _leaking(group: Sequence[Member]) -> int:
    in_test = sum(m.split == "test" for m in group)
    return in_test if in_test < len(group) else 0
