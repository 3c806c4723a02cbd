"""What is done about texts that are almost the same.

data: {near_duplicates: warn}      # or drop: one row of each group stays; together: a group is in one split; allow
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from harness.data.checks import Member, finding
from harness.data.items import Item, Read
from harness.data.nearness import near_duplicates
from harness.data.saying import counted, quoted
from harness.data.spread import hash_place
from harness.data.targets import meaning
from harness.data.taskdata import SPLITS, Finding, SplitName
from harness.records import Kind


class NearFound(NamedTuple):
    """Near-duplicates in the splits; the fields of the same names in DataReport say what each is."""

    near_duplicates: Finding
    near_across: Finding
    near_leaks: Finding
    near_conflicts: Finding


class Thinned(NamedTuple):
    """What was read, with one row of each group of near-duplicates.

    Attributes:
        reads: By the suite's field.
        dropped: How many rows were left out.
        remarks: What a reader must know.
    """

    reads: dict[str, Read]
    dropped: int
    remarks: list[str]


def thin(reads: Mapping[str, Read], seed: int, kind: Kind) -> Thinned:
    """Keeps one row of each group: of test's own file before validation's, train's and the main one.

    Within a file the row with the lowest hash of its text stays, so that the file's order decides nothing.
    """
    ranks = {"splits.test": 0, "splits.validation": 1, "splits.train": 2}
    rows = [(field, item) for field, read in reads.items() for item in read.items]
    dropped: set[tuple[str, str]] = set()
    differing = 0
    for group in near_duplicates([item.said for _, item in rows]):
        members = sorted(
            (rows[i] for i in group), key=lambda m: (ranks.get(m[0], 3), hash_place(seed, m[1].normal), m[1].id)
        )
        differing += len({meaning(item.targets, kind) for _, item in members}) > 1
        dropped |= {(field, item.place) for field, item in members[1:]}
    remarks = []
    if dropped:
        remarks.append(
            f"{counted(len(dropped))} almost the same as another {_were(len(dropped))} dropped: one of "
            "each group stays."
        )
    if differing:
        remarks.append(
            f"In {counted(differing, 'group')} of near-duplicates the targets differed, and the row that stayed "
            "decides: `harness data check` lists them."
        )
    thinned = {
        field: replace(read, items=tuple(i for i in read.items if (field, i.place) not in dropped))
        for field, read in reads.items()
    }
    return Thinned(thinned, len(dropped), remarks)


def find_near(splits: Mapping[SplitName, Sequence[Item]], kind: Kind) -> NearFound:
    """Looks for rows whose text is almost another's, but not the same after normalisation."""
    groups = [g for g in near_groups(splits) if len({m.item.normal for m in g}) > 1]

    def across(group: Sequence[Member]) -> int:
        return len(group) if len({m.split for m in group}) > 1 else 0

    def leaking(group: Sequence[Member]) -> int:
        learnt = {m.item.normal for m in group if m.split != "test"}
        return sum(m.split == "test" and m.item.normal not in learnt for m in group) if learnt else 0

    def differing(group: Sequence[Member]) -> int:
        return len(group) if len({meaning(m.item.targets, kind) for m in group}) > 1 else 0

    return NearFound(
        near_duplicates=finding(groups, len),
        near_across=finding(groups, across),
        near_leaks=finding(groups, leaking),
        near_conflicts=finding(groups, differing),
    )


def near_groups(splits: Mapping[SplitName, Sequence[Item]]) -> list[list[Member]]:
    """Rows of all splits whose texts are almost the same, or the same."""
    members = [Member(name, item) for name in SPLITS for item in splits.get(name, ())]
    return [[members[i] for i in group] for group in near_duplicates([m.item.said for m in members])]


def near_remarks(found: NearFound, policy: str) -> list[str]:
    """What a reader must know of them, what is across splits first."""
    every, across, leaks = found.near_duplicates, found.near_across, found.near_leaks
    if not every.rows:
        return []
    ways = "`near_duplicates: together` keeps them on one side, `drop` keeps one of each, `allow` is silent"
    remarks = []
    if across.rows:
        shown = across.examples[0]
        splits = ", ".join(dict.fromkeys(copy.split for copy in shown.copies))
        leaked = f", {leaks.rows:,} of them in test with train or validation" if leaks.rows else ""
        remarks.append(
            f"{counted(across.rows)} in {counted(across.groups, 'group')} {_are(across.rows)} almost the "
            "same as a row "
            f"of another split{leaked}, such as {quoted(shown.text)} ({splits}): figures on test are better than "
            f"they will be. {ways}."
        )
    within = every.groups - across.groups
    if within > 0:
        alone = next((g for g in every.examples if len({c.split for c in g.copies}) == 1), every.examples[0])
        hint = "" if across.rows or policy != "warn" else f" {ways}."
        remarks.append(
            f"{counted(every.rows - across.rows)} in {counted(within, 'group')} are almost the same as another of "
            f"their split, such as {quoted(alone.text)}.{hint}"
        )
    conflicts = found.near_conflicts
    if conflicts.groups:
        remarks.append(
            f"In {counted(conflicts.groups, 'group')} of near-duplicates the targets differ, such as "
            f"{quoted(conflicts.examples[0].text)}."
        )
    return remarks


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
