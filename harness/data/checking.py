"""All that is doubtful about a task's rows, with the rows: what `harness data check` prints and writes.

Suspicion(name="conflicts", said="2 rows of 1 text have different targets", rows=(…, …))
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from harness.answers import normalised
from harness.data.checks import Member
from harness.data.corrections import told
from harness.data.decoding import SHOWN
from harness.data.items import Item
from harness.data.labels import label_counts
from harness.data.nearing import near_groups
from harness.data.preparing import Prepared, prepare_rows, unmapped_remarks
from harness.data.rare import rare_labels
from harness.data.remarks import read_remarks
from harness.data.saying import counted, few
from harness.data.targets import meaning
from harness.data.taskdata import SPLITS
from harness.records import Kind
from harness.source import Source
from harness.suite import Task

LONG = 4000  # characters: about 1,000 tokens, more than embedders and small models take
_WHO = re.compile(
    r"customer|client|user|author|account|patient|e-?mail|sender|session|thread|conversation|case", re.IGNORECASE
)


class Concerned(NamedTuple):
    """A row that a suspicion is about.

    Attributes:
        place: Where it stands.
        id: The row's; empty where it has none.
        split: Where it went; empty where it is in none.
        group: Rows with the same number belong together; empty where each is alone.
        target: As corrections write it.
        text: The row's.
    """

    place: str
    id: str
    split: str
    group: str
    target: str
    text: str


class Suspicion(NamedTuple):
    """Something that was looked for.

    Attributes:
        name: A file's name without its end.
        said: What was found, for a person.
        rows: The rows concerned.
        counts: Whether it is something to act on, which `--strict` goes by.
    """

    name: str
    said: str
    rows: tuple[Concerned, ...]
    counts: bool = True


class Checked(NamedTuple):
    """What was found out about a task's rows.

    Attributes:
        prepared: The rows in their splits.
        labels: Label to its rows, split by split.
        suspicions: What was found, the gravest first; only what has rows.
        remarks: What was said on the way: how rows were read and divided.
    """

    prepared: Prepared
    labels: dict[str, dict[str, int]]
    suspicions: tuple[Suspicion, ...]
    remarks: tuple[str, ...]


def check_task(task: Task, folder: Path, sources: Mapping[str, Source]) -> Checked:
    """Looks through a task's rows without refusing what a run would refuse.

    Raises:
        DataError: The rows cannot be read or divided at all.
    """
    if task.data.near_duplicates == "drop":  # what a run drops is listed here
        task = task.model_copy(update={"data": task.data.model_copy(update={"near_duplicates": "warn"})})
    prepared = prepare_rows(task, folder, sources, unlisted=True)
    splits = prepared.divided.splits
    members = [Member(name, item) for name in SPLITS for item in splits[name]]
    found = (
        *_of_labels(members, prepared, task),
        *_of_copies(members, task.kind),
        *_of_near(near_groups(splits), task.kind),
        *_of_columns(members, task),
        *_of_reading(members, prepared),
    )
    counts = {name: label_counts((i.targets for i in splits[name]), task.kind) for name in SPLITS}
    every = sorted({label for of in counts.values() for label in of})
    reads = prepared.reads
    return Checked(
        prepared,
        {label: {name: counts[name].get(label, 0) for name in SPLITS} for label in every},
        tuple(each for each in found if each.rows),
        (*read_remarks(reads.values(), task), *unmapped_remarks(reads), *prepared.remarks),
    )


def _row(member: Member, kind: Kind, group: str = "") -> Concerned:
    item = member.item
    return Concerned(item.place, item.id, member.split, group, told(item.targets, kind), item.text)


def _grouped(groups: Sequence[Sequence[Member]], kind: Kind) -> tuple[Concerned, ...]:
    return tuple(_row(each, kind, str(n)) for n, group in enumerate(groups, start=1) for each in group)


def _of_labels(members: Sequence[Member], prepared: Prepared, task: Task) -> Iterator[Suspicion]:
    def having(labels: Sequence[str]) -> tuple[Concerned, ...]:
        wanted = set(labels)
        return tuple(_row(m, task.kind) for m in members if not wanted.isdisjoint(m.item.targets))

    if task.kind not in ("label", "labels"):
        return
    there = label_counts((m.item.targets for m in members), task.kind)
    if task.labels != "auto":
        unlisted = [label for label in there if label not in task.labels]
        yield Suspicion(
            "unlisted-labels", f"labels that the suite does not list: {_named(unlisted, there)}", having(unlisted)
        )
    rare = prepared.kept.rare or rare_labels(prepared.reads, task)
    yield Suspicion(
        "rare-labels",
        f"labels with fewer than {task.data.rare_below} different texts: {_named(list(rare), rare)}",
        having(list(rare)),
    )
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for label in there:
        alike[normalised(label)].append(label)
    same = [label for of in alike.values() if len(of) > 1 for label in of]
    rarer = [label for of in alike.values() for label in sorted(of, key=lambda each: (-there[each], each))[1:]]
    said = f"labels that differ only in case or blanks: {_named(same, there)}"
    yield Suspicion("labels-alike", said, having(rarer))


def _named(labels: Sequence[str], counts: Mapping[str, int]) -> str:
    return few(f"{label!r} ({counts[label]:,})" for label in labels)


def _of_copies(members: Sequence[Member], kind: Kind) -> Iterator[Suspicion]:
    same: defaultdict[str, list[Member]] = defaultdict(list)
    for member in members:
        same[member.item.normal].append(member)
    groups = [of for of in same.values() if len(of) > 1]
    leaks = [of for of in groups if {"test"} < {m.split for m in of}]
    differing = [of for of in groups if len({meaning(m.item.targets, kind) for m in of}) > 1]
    yield Suspicion(
        "leaks", f"{counted(len(leaks), 'text')} of test also in train or validation", _grouped(leaks, kind)
    )
    yield Suspicion(
        "conflicts", f"{counted(len(differing), 'text')} with different targets", _grouped(differing, kind)
    )
    yield Suspicion("duplicates", f"{counted(len(groups), 'text')} more than once", _grouped(groups, kind))


def _of_near(groups: Sequence[Sequence[Member]], kind: Kind) -> Iterator[Suspicion]:
    near = [of for of in groups if len({m.item.normal for m in of}) > 1]
    across = [of for of in near if len({m.split for m in of}) > 1]
    within = [of for of in near if len({m.split for m in of}) == 1]
    differing = [of for of in near if len({meaning(m.item.targets, kind) for m in of}) > 1]
    for name, of, said in (
        ("near-across", across, "of almost the same text in different splits"),
        ("near-within", within, "of almost the same text in one split"),
        ("near-conflicts", differing, "of almost the same text with different targets"),
    ):
        yield Suspicion(name, f"{counted(len(of), 'group')} {said}", _grouped(of, kind))


def _of_columns(members: Sequence[Member], task: Task) -> Iterator[Suspicion]:
    if task.data.splits.group is not None:
        return
    for column in task.data.columns.metadata:
        if not _WHO.search(column):
            continue
        values: defaultdict[str, list[Member]] = defaultdict(list)
        for member in members:
            values[member.item.metadata.get(column, "").strip()].append(member)
        values.pop("", None)
        across = [of for of in values.values() if len({m.split for m in of}) > 1]
        yield Suspicion(
            f"across-{re.sub(r'[^A-Za-z0-9]+', '-', column).strip('-').lower()}",
            f"{len(across):,} of {counted(len(values), 'value')} of {column!r} in more than one split; "
            f"`splits: {{group: {column}}}` keeps each in one",
            _grouped(across, task.kind),
        )


def _of_reading(members: Sequence[Member], prepared: Prepared) -> Iterator[Suspicion]:
    def kind_free(items: Sequence[tuple[str, Item]]) -> tuple[Concerned, ...]:
        return tuple(Concerned(i.place, i.id, split, "", " ".join(i.targets), i.text) for split, i in items)

    broken = [(m.split, m.item) for m in members if SHOWN in m.item.text]
    yield Suspicion(
        "undecodable", "texts with bytes that are not of the encoding, shown as U+FFFD", kind_free(broken)
    )
    blank = tuple(Concerned(place, "", "", "", "", "") for r in prepared.reads.values() for place in r.blank)
    yield Suspicion("without-text", "rows without a text", blank)
    unlabelled = [("", item) for read in prepared.reads.values() for item in read.unlabelled]
    yield Suspicion("without-target", "rows without a target", kind_free(unlabelled))
    long = [(m.split, m.item) for m in members if len(m.item.text) > LONG]
    said = f"texts of more than {LONG:,} characters (about {LONG // 4:,} tokens)"
    yield Suspicion("long-texts", said, kind_free(long), counts=False)
