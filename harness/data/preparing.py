"""From files to rows in their splits, by what the suite says of labels, near-duplicates and splits."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from harness.data.corrections import Corrected, correct
from harness.data.dividing import Divided, divide, files_of
from harness.data.items import Read, read_items
from harness.data.labels import refuse_unlisted
from harness.data.nearing import Thinned, thin
from harness.data.nearness import near_duplicates
from harness.data.rare import Kept, settle_rare
from harness.data.saying import counted, few
from harness.data.sources import options_of, read_rows
from harness.data.taskdata import SPLITS, SplitName
from harness.data.within import in_field
from harness.errors import DataError
from harness.source import Source
from harness.suite import Task


class Prepared(NamedTuple):
    """Rows in their splits, before what leaks is settled.

    Attributes:
        reads: By the suite's field, ``path`` or ``splits.test``: what is left of each file's rows.
        corrected: What corrections did.
        kept: What was done about rare labels.
        thinned: What was done about near-duplicates.
        divided: The splits.
    """

    reads: dict[str, Read]
    corrected: Corrected
    kept: Kept
    thinned: Thinned
    divided: Divided

    @property
    def remarks(self) -> list[str]:
        """What a reader must know of these steps, in their order."""
        return [*self.corrected.remarks, *self.kept.remarks, *self.thinned.remarks, *self.divided.remarks]


def prepare_rows(task: Task, folder: Path, sources: Mapping[str, Source], *, unlisted: bool = False) -> Prepared:
    """Reads a task's files and divides their rows.

    Args:
        task: What the suite says of it.
        folder: The suite's, which relative paths start from.
        sources: What plugins registered, by name.
        unlisted: Whether labels may stand in the rows that the suite does not list.

    Raises:
        DataError: A file, column, label, split or row is not what the suite says.
        SuiteError: A size or the text's template cannot be.
    """
    files = files_of(task.data.splits)
    corrected = correct(read_files(task, folder, sources), task, folder)
    if not unlisted:
        refuse_unlisted(corrected.reads.values(), task)
    seed = task.data.splits.seed
    policy = task.data.near_duplicates
    thinned = thin(corrected.reads, seed, task.kind) if policy == "drop" else Thinned(corrected.reads, 0, [])
    kept = settle_rare(thinned.reads, task)
    main = kept.reads.get("path")
    own: dict[SplitName, Read] = {name: kept.reads[f"splits.{name}"] for name in SPLITS if name in files}
    near = policy == "together" and main is not None
    together = near_duplicates([item.said for item in main.items]) if near and main is not None else []
    with in_field("splits", "data"):
        try:
            divided = divide(main, own, task.data.splits, task.kind, together)
        except DataError as error:
            if main is None:
                raise
            raise DataError(f"{error.message}. {story(main)}", where=error.where) from error
    return Prepared(kept.reads, corrected, kept, thinned, divided)


def read_files(task: Task, folder: Path, sources: Mapping[str, Source]) -> dict[str, Read]:
    """The main file under ``path``, where any split is drawn from it, and the splits' own files by split.

    Raises:
        DataError: One cannot be read.
        SuiteError: The text's template cannot be.
    """
    files = files_of(task.data.splits)
    paths = {f"splits.{name}": path for name, path in files.items()}
    if len(paths) < len(SPLITS):
        paths = {"path": task.data.path, **paths}
    reads = {}
    for field, path in paths.items():
        with in_field(field, "data"):
            reads[field] = read_items(read_rows(path, folder, sources, options_of(task.data)), task)
    return reads


def unmapped_remarks(reads: Mapping[str, Read]) -> list[str]:
    """Of cells that `map` names and no row of any file has."""
    each = [set(read.unmapped) for read in reads.values()]
    never = [cell for cell in next(iter(reads.values())).unmapped if all(cell in of for of in each)]
    return [f"`map` names what no row has: {few(map(repr, never))}."] if never else []


def story(read: Read) -> str:
    """How a file's rows became those that can be used."""
    parts = (
        (read.left_out, "left out by `where`"),
        (read.without_text, "without a text"),
        (read.without_target, "without a target"),
    )
    lost = "".join(f", {count:,} {what}" for count, what in parts if count)
    return f"{read.file} has {counted(read.rows)}{lost}: {len(read.items):,} can be used"
