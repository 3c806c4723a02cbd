"""From what a suite says of a task to its rows in their splits, checked before anything is spent.

data = load_task(task, folder, sources)
data.report.warnings        # what a reader must know
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.data.checks import find_copies
from harness.data.codes import label_words
from harness.data.continued import continued_remarks
from harness.data.extraction import settle_fields
from harness.data.fingerprint import fingerprint
from harness.data.ids import refuse_shared
from harness.data.items import Item, Read
from harness.data.labels import brief_labels, label_counts, label_remarks
from harness.data.leaks import Settled, settle
from harness.data.nearing import NearFound, find_near, near_remarks
from harness.data.preparing import Prepared, prepare_rows, story, unmapped_remarks
from harness.data.rare import refuse_rare
from harness.data.remarks import copy_remarks, leak_remarks, read_remarks
from harness.data.taskdata import SPLITS, DataReport, Finding, SplitCounts, SplitName, TaskData
from harness.data.within import in_field
from harness.errors import DataError
from harness.records import Brief
from harness.source import Source
from harness.suite import Task


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
    return task_data(task, folder, prepare_rows(task, folder, sources))


def task_data(task: Task, folder: Path, prepared: Prepared) -> TaskData:
    """Checks rows in their splits, and says what a strategy is given of them.

    Args:
        task: What the suite says of it.
        folder: The suite's.
        prepared: Its rows.

    Raises:
        DataError: A split or a row is not what the suite says.
    """
    reads, divided = prepared.reads, prepared.divided
    with in_field("", "data"):
        if task.data.columns.id is not None:
            refuse_shared((item.id, item.normal, item.place) for name in SPLITS for item in divided.splits[name])
        settled = settle(divided.splits, task.data.leakage)
    splits: dict[SplitName, tuple[Item, ...]] = {**divided.splits, "test": settled.test}
    _refuse_empty(splits, reads, settled.dropped)
    refuse_rare(prepared.kept, task)
    extraction = settle_fields(task, folder, splits)
    splits = dict(extraction.splits)
    labels = {n: said for n, said in brief_labels(task, splits["train"]).items() if n not in prepared.kept.labels}
    brief = Brief(
        name=task.name,
        instructions=task.instructions,
        kind=task.kind,
        labels=labels,
        aliases={name: other for name, other in task.aliases.items() if name in labels},
        label_words={name: word for name, word in label_words(task).items() if name in labels},
        ordered=task.ordered,
        answer_schema=extraction.schema,
        match={name: how.model_dump() for name, how in task.matchers.items()},
        long=task.long,
        max_output_tokens=task.max_output_tokens,
    )
    train, validation, test = (tuple(item.example() for item in splits[name]) for name in SPLITS)
    report = _report(task, prepared, settled, splits, labels)
    return TaskData(
        brief=brief,
        train=train,
        validation=validation,
        test=test,
        fingerprint=fingerprint(train, validation, test),
        report=report.model_copy(update={"warnings": (*report.warnings, *extraction.remarks)}),
    )


def _refuse_empty(splits: Mapping[SplitName, Sequence[Item]], reads: Mapping[str, Read], dropped: int) -> None:
    for name, items in splits.items():
        if items:
            continue
        read = reads.get(f"splits.{name}") or reads["path"]
        leaked = f"; {dropped:,} of test were dropped, since they stand in train or validation" if dropped else ""
        raise DataError(
            f"{name} is empty. {story(read)}{leaked}. Give more rows, or sizes that leave some for each split",
            where=f"data.splits.{name}",
        )


def _report(
    task: Task,
    prepared: Prepared,
    settled: Settled,
    splits: Mapping[SplitName, Sequence[Item]],
    labels: Mapping[str, str],
) -> DataReport:
    reads, policy = list(prepared.reads.values()), task.data.near_duplicates
    found = find_copies(splits, task.kind)
    near = NearFound(*[Finding()] * 4) if policy in ("allow", "drop") else find_near(splits, task.kind)
    remarks = [
        *read_remarks(reads, task),
        *unmapped_remarks(prepared.reads),
        *prepared.remarks,
        *label_remarks(labels, splits, task.kind),
        *leak_remarks(settled.leaks, settled.dropped),
        *continued_remarks(splits),
        *copy_remarks(found),
        *near_remarks(near, policy),
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
        unused=prepared.divided.unused,
        undecodable_bytes=sum(read.undecodable for read in reads),
        undecodable_rows=sum(read.undecodable_items for read in reads),
        **found._asdict(),
        leaks=settled.leaks,
        dropped=settled.dropped,
        **near._asdict(),
        near_dropped=prepared.thinned.dropped,
        rare=prepared.kept.rare,
        rare_dropped=prepared.kept.dropped,
        corrected=prepared.corrected.changed,
        set_apart=prepared.divided.set_apart,
        divided=prepared.divided.by,
        times=prepared.divided.times,
        warnings=tuple(remarks),
    )
