"""The labels that a task has, against those that its rows have.

labels: [positive, negative]      a row has 'Positive' -> refused, since no answer could ever be right
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from harness.answers import normalised
from harness.data.items import Item, Read
from harness.data.saying import counted, few
from harness.data.scales import by_number
from harness.data.targets import Targets
from harness.data.taskdata import SPLITS, SplitName
from harness.errors import DataError, did_you_mean
from harness.records import Kind
from harness.suite import Task

_CLOSED: tuple[Kind, ...] = ("label", "labels")


def label_counts(targets: Iterable[Targets], kind: Kind) -> dict[str, int]:
    """How many rows have each label, the commonest first; nothing for kinds without labels."""
    if kind not in _CLOSED:
        return {}
    counts = Counter(label for each in targets for label in each)
    return dict(sorted(counts.items(), key=lambda c: (-c[1], c[0])))


def refuse_unlisted(reads: Iterable[Read], task: Task) -> None:
    """Refuses labels that stand in the rows and not in the suite's list.

    Raises:
        DataError: Names each with its count and the listed one that it resembles.
    """
    if task.kind not in _CLOSED or task.labels == "auto":
        return
    for read in reads:
        counts = label_counts((item.targets for item in read.items), task.kind)
        unlisted = [label for label in counts if label not in task.labels]
        if not unlisted:
            continue
        said = few(f"{label!r} ({counted(counts[label])})" for label in unlisted)
        raise DataError(
            f"labels in {read.file} that the suite does not list: {said}; it lists: "
            f"{', '.join(map(repr, task.labels))}.{_hint(unlisted[0], task.labels)} "
            f"List them, or leave their rows out with `where: {{{task.data.columns.target}: {{in: [...]}}}}`",
            where="labels",
        )


def brief_labels(task: Task, train: Sequence[Item]) -> dict[str, str]:
    """Label to description, in the suite's order or, for ``auto``, sorted from the training rows.

    Raises:
        DataError: The training rows have one label only: there is nothing to tell apart; or they are to be a scale
            and say no order.
    """
    if task.kind not in _CLOSED:
        return {}
    counts = label_counts((item.targets for item in train), task.kind)
    if len(counts) < (2 if task.kind == "label" else 1):
        only = f"only the label {next(iter(counts))!r}" if counts else "no label"
        raise DataError(
            f"the {len(train):,} training rows have {only}, so there is nothing to learn; "
            f"look at the column {task.data.columns.target!r}, at `where` and at the size of train",
            where="data.columns.target",
        )
    if isinstance(task.labels, Mapping):
        return {name: said if isinstance(said, str) else said.description for name, said in task.labels.items()}
    if task.labels != "auto":
        return dict.fromkeys(task.labels, "")
    return dict.fromkeys(by_number(counts) if task.ordered else sorted(counts), "")


def label_remarks(labels: Collection[str], splits: Mapping[SplitName, Sequence[Item]], kind: Kind) -> list[str]:
    """What a reader must know of the labels, a sentence each."""
    if kind not in _CLOSED:
        return []
    counts = {name: label_counts((i.targets for i in splits[name]), kind) for name in SPLITS}
    everywhere = Counter(dict.fromkeys(labels, 0))
    for each in counts.values():
        everywhere.update(each)
    remarks = []
    never = [label for label in labels if not everywhere[label]]
    if never:
        remarks.append(f"Listed labels that no row of any split has: {few(map(repr, never))}.")
    for name in ("validation", "test"):
        unseen = {label: n for label, n in counts[name].items() if label not in counts["train"]}
        if unseen:
            rows = sum(unseen.values())
            remarks.append(
                f"Labels that {name} has ({counted(rows)}) and no training row: {few(map(repr, unseen))}."
            )
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for label in sorted(everywhere):
        alike[normalised(label)].append(label)
    remarks += [
        f"Labels that differ only in case or blanks: {few(map(repr, each))}; are they one?"
        for each in alike.values()
        if len(each) > 1
    ]
    return remarks


def _hint(label: str, listed: Iterable[str]) -> str:
    for each in listed:
        if normalised(each) == normalised(label):
            return f" {label!r} differs from {each!r} only in case or blanks."
    return did_you_mean(label, listed)
