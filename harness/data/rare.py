"""Labels with too few rows to be learnt, chosen on and tested.

'fax' 2 rows, 'telex' 1 row: rare_labels: refuse | drop | allow; or map: {fax: other}
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from harness.answers import normalised
from harness.data.items import Read
from harness.data.saying import counted, few
from harness.errors import DataError
from harness.suite import Task


class Kept(NamedTuple):
    """What was read, without rows of rare labels where the suite drops those.

    Attributes:
        reads: By the suite's field.
        rare: Label to its distinct texts, of those with too few.
        dropped: How many rows were left out.
        labels: Those that left the task with them.
        remarks: What a reader must know.
    """

    reads: dict[str, Read]
    rare: dict[str, int]
    dropped: int
    labels: frozenset[str]
    remarks: list[str]


def rare_labels(reads: Mapping[str, Read], task: Task) -> dict[str, int]:
    """Label to how many different texts it has, of those with fewer than `rare_below` and at least one.

    Labels that only a split's own file has are not among them: nobody could put their rows elsewhere.
    """
    if task.kind not in ("label", "labels"):
        return {}
    texts: defaultdict[str, set[str]] = defaultdict(set)
    divided: set[str] = set()
    for field, read in reads.items():
        for item in read.items:
            for label in item.targets:
                texts[label].add(item.normal)
                if field == "path":
                    divided.add(label)
    few_rows = {
        label: len(of) for label, of in texts.items() if label in divided and len(of) < task.data.rare_below
    }
    return dict(sorted(few_rows.items(), key=lambda each: (each[1], each[0])))


def settle_rare(reads: Mapping[str, Read], task: Task) -> Kept:
    """Drops the rows of rare labels, or keeps them, as the suite says; `refuse_rare` refuses them.

    Raises:
        DataError: Dropping them leaves no row.
    """
    rare = rare_labels(reads, task)
    named = few(f"{label!r} ({counted(count, 'text')})" for label, count in rare.items())
    if not rare or task.data.rare_labels == "refuse":
        return Kept(dict(reads), rare, 0, frozenset(), [])
    if task.data.rare_labels == "allow":
        return Kept(dict(reads), rare, 0, frozenset(), [
            f"Labels with fewer than {task.data.rare_below} different texts, which the suite allows: "
            f"{named}. Some split has none of them, and figures of theirs say next to nothing."
        ])  # fmt: skip
    left = {
        field: replace(read, items=tuple(i for i in read.items if rare.keys().isdisjoint(i.targets)))
        for field, read in reads.items()
    }
    dropped = sum(len(read.items) - len(left[field].items) for field, read in reads.items())
    if not any(read.items for read in left.values()):
        raise DataError(
            f"every label has fewer than {task.data.rare_below} different texts, so that dropping them "
            f"leaves no row: {named}",
            where="data.rare_labels",
        )
    return Kept(left, rare, dropped, frozenset(rare), [
        f"{counted(dropped)} of labels with fewer than {task.data.rare_below} different texts were "
        f"dropped, and these labels with them: {named}."
    ])  # fmt: skip


def refuse_rare(kept: Kept, task: Task) -> None:
    """Refuses rare labels where the suite says so.

    Raises:
        DataError: There are some; names them and the ways out.
    """
    if not kept.rare or task.data.rare_labels != "refuse":
        return
    rare, reads = kept.rare, kept.reads
    named = few(f"{label!r} ({counted(count, 'text')})" for label, count in rare.items())
    counts: defaultdict[str, int] = defaultdict(int)
    for read in reads.values():
        for item in read.items:
            for label in item.targets:
                counts[label] += 1
    common = [label for label in sorted(counts, key=lambda each: (-counts[each], each)) if label not in rare]
    first = next(iter(rare))
    alike = [label for label in common if normalised(label) == normalised(first)]
    merged = f"{first!r}: {next(iter(alike), 'other')!r}"
    one_split = "" if task.data.rare_below != 3 else ", one for each split,"
    raise DataError(
        f"labels with fewer than {task.data.rare_below} different texts{one_split} cannot be learnt, chosen on "
        f"and tested: {named}. Merge them with others (`map: {{{merged}}}`), leave their rows out "
        "(`rare_labels: drop`), or keep them all the same (`rare_labels: allow`)",
        where="data.rare_labels",
    )
