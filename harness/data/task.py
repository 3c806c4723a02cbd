"""From what a suite says of a task to its rows in their splits, checked before anything is spent.

data = load_task(task, folder, sources)
data.report.warnings        # what a reader must know
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from harness.data.checks import find_copies
from harness.data.codes import label_words
from harness.data.continued import continued_remarks
from harness.data.extraction import settle_fields
from harness.data.fingerprint import fingerprint
from harness.data.ids import refuse_shared
from harness.data.items import Item, Read, read_items
from harness.data.labels import brief_labels, label_counts, label_remarks, refuse_unlisted
from harness.data.leaks import Settled, settle
from harness.data.remarks import copy_remarks, leak_remarks, read_remarks, size_remarks
from harness.data.saying import counted
from harness.data.sources import options_of, read_rows
from harness.data.splits import draw, in_order
from harness.data.taskdata import SPLITS, DataReport, SplitCounts, SplitName, TaskData
from harness.data.within import in_field
from harness.errors import DataError
from harness.records import Brief
from harness.source import Source
from harness.suite import Task


class _Divided(NamedTuple):
    splits: dict[SplitName, tuple[Item, ...]]
    unused: int
    remarks: list[str]


def load_task(task: Task, folder: Path, sources: Mapping[str, Source]) -> TaskData:
    """Reads, filters, divides and checks the rows of a task.

    Args:
        task: What the suite says of it.
        folder: The suite's, which relative paths start from.
        sources: What plugins registered, by name.

    Raises:
        DataError: A file, column, label, split or row is not what the suite says.
        SuiteError: A size or the text's template cannot be. For both, `where` is the field relative to the
            task, such as ``data.columns.target``.
    """
    reads = _read(task, folder, sources)
    refuse_unlisted(reads.values(), task)
    divided = _divide(task, reads)
    with in_field("", "data"):
        if task.data.columns.id is not None:
            refuse_shared((item.id, item.normal, item.place) for name in SPLITS for item in divided.splits[name])
        settled = settle(divided.splits, task.data.leakage)
    splits: dict[SplitName, tuple[Item, ...]] = {**divided.splits, "test": settled.test}
    _refuse_empty(splits, reads, settled.dropped)
    extraction = settle_fields(task, folder, splits)
    splits = dict(extraction.splits)
    labels = brief_labels(task, splits["train"])
    brief = Brief(
        name=task.name,
        instructions=task.instructions,
        kind=task.kind,
        labels=labels,
        aliases=task.aliases,
        label_words=label_words(task),
        ordered=task.ordered,
        answer_schema=extraction.schema,
        match={name: how.model_dump() for name, how in task.matchers.items()},
        long=task.long,
        max_output_tokens=task.max_output_tokens,
    )
    train, validation, test = (tuple(item.example() for item in splits[name]) for name in SPLITS)
    report = _report(task, list(reads.values()), divided, settled, splits, labels)
    return TaskData(
        brief=brief,
        train=train,
        validation=validation,
        test=test,
        fingerprint=fingerprint(train, validation, test),
        report=report.model_copy(update={"warnings": (*report.warnings, *extraction.remarks)}),
    )


def _read(task: Task, folder: Path, sources: Mapping[str, Source]) -> dict[str, Read]:
    """The main file under ``path``, where any split is drawn from it, and the splits' own files by split."""
    sizes = task.data.splits
    own = {"train": sizes.train, "validation": sizes.validation, "test": sizes.test}
    paths = {f"splits.{name}": share for name, share in own.items() if isinstance(share, str)}
    if len(paths) < len(own):
        paths = {"path": task.data.path, **paths}
    reads = {}
    for field, path in paths.items():
        with in_field(field, "data"):
            reads[field] = read_items(read_rows(path, folder, sources, options_of(task.data)), task)
    return reads


def _divide(task: Task, reads: Mapping[str, Read]) -> _Divided:
    sizes = task.data.splits
    drawn: dict[SplitName, tuple[Item, ...]] = {}
    usable = 0
    if "path" in reads:
        usable = len(reads["path"].items)
        with in_field("splits", "data"):
            try:
                drawn = draw(reads["path"].items, sizes, task.kind)
            except DataError as error:
                raise DataError(f"{error.message}. {_story(reads['path'])}", where=error.where) from error
    splits = {
        name: in_order(drawn[name] if name in drawn else reads[f"splits.{name}"].items, sizes.seed, task.kind)
        for name in SPLITS
    }
    unused = usable - sum(map(len, drawn.values()))
    return _Divided(splits, unused, size_remarks(drawn, sizes))


def _refuse_empty(splits: Mapping[SplitName, Sequence[Item]], reads: Mapping[str, Read], dropped: int) -> None:
    for name, items in splits.items():
        if items:
            continue
        read = reads.get(f"splits.{name}") or reads["path"]
        leaked = f"; {dropped:,} of test were dropped, since they stand in train or validation" if dropped else ""
        raise DataError(
            f"{name} is empty. {_story(read)}{leaked}. Give more rows, or sizes that leave some for each split",
            where=f"data.splits.{name}",
        )


def _story(read: Read) -> str:
    """How a file's rows became those that can be used."""
    parts = (
        (read.left_out, "left out by `where`"),
        (read.without_text, "without a text"),
        (read.without_target, "without a target"),
    )
    lost = "".join(f", {count:,} {what}" for count, what in parts if count)
    return f"{read.file} has {counted(read.rows)}{lost}: {len(read.items):,} can be used"


def _report(
    task: Task,
    reads: Sequence[Read],
    divided: _Divided,
    settled: Settled,
    splits: Mapping[SplitName, Sequence[Item]],
    labels: Mapping[str, str],
) -> DataReport:
    found = find_copies(splits, task.kind)
    remarks = [
        *read_remarks(reads, task),
        *divided.remarks,
        *label_remarks(labels, splits, task.kind),
        *leak_remarks(settled.leaks, settled.dropped),
        *continued_remarks(splits),
        *copy_remarks(found),
    ]
    return DataReport(
        splits={
            name: SplitCounts(rows=len(of), labels=label_counts((i.targets for i in of), task.kind))
            for name, of in splits.items()
        },
        rows=sum(read.rows for read in reads),
        left_out=sum(read.left_out for read in reads),
        without_text=sum(read.without_text for read in reads),
        without_target=sum(read.without_target for read in reads),
        unused=divided.unused,
        undecodable_bytes=sum(read.undecodable for read in reads),
        undecodable_rows=sum(read.undecodable_items for read in reads),
        **found._asdict(),
        leaks=settled.leaks,
        dropped=settled.dropped,
        warnings=tuple(remarks),
    )
