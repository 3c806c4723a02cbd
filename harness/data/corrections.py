"""Labels that a person corrected, in a small file beside the suite; the source stays as it is.

id,text,old,new,by,at,note
3f0c9a…,"Great flight, thanks",negative,positive,mara,2026-09-01T10:00:00+00:00,

A row is found by its id: that of the suite's id column, or the hash of its content. Of several lines for one row
the last counts. A line whose `old` is not what the file says is not applied, and told: the file has changed since.
"""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from harness.data.items import Item, Read
from harness.data.saying import counted, few
from harness.data.targets import Targets, meaning, read_targets
from harness.errors import DataError
from harness.records import Kind
from harness.suite import Task

FIELDS = ("id", "text", "old", "new", "by", "at", "note")
# As harness.report.sheets makes them.
_INERT = re.compile("'[\\s\x00-\x1f\x7f\u200b-\u200f\u2060\ufeff]*[=+@\uff1d\uff0b\uff0d\uff20\u2212-]|'[\t\r\n]")


class Correction(NamedTuple):
    """A line of the file; `old` and `new` are targets as `told` writes them."""

    id: str
    text: str
    old: str
    new: str
    by: str
    at: str
    note: str


class Corrected(NamedTuple):
    """What was read, corrected.

    Attributes:
        reads: By the suite's field.
        changed: How many rows have another target now.
        remarks: What a reader must know.
    """

    reads: dict[str, Read]
    changed: int
    remarks: list[str]


def told(targets: Targets, kind: Kind) -> str:
    """Targets as a cell of a corrections file, which reads as the same again."""
    if kind == "labels" or len(targets) > 1:
        return json.dumps(targets, ensure_ascii=False)
    return targets[0] if targets else ""


def read_corrections(path: Path) -> Iterator[Correction]:
    """The lines of a corrections file, in their order.

    Raises:
        DataError: It is not there, or a line has no id or lacks a column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in ("id", "old", "new") if name not in (reader.fieldnames or ())]
            if missing:
                raise DataError(
                    f"{path.name} has no column {missing[0]!r}; a corrections file has: {', '.join(FIELDS)}"
                )
            for row in reader:
                if not (row["id"] or "").strip():
                    raise DataError(f"{path.name} line {reader.line_num} has no id")
                yield Correction(*(_plain(row.get(name) or "") for name in FIELDS))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"the corrections {str(path)!r} cannot be read: {error}") from error


def correct(reads: Mapping[str, Read], task: Task, folder: Path) -> Corrected:
    """Applies the suite's corrections to what was read.

    Raises:
        DataError: The file cannot be read, or a new label is none of the suite's; `where` is
            ``data.corrections``.
    """
    name = task.data.corrections
    if name is None:
        return Corrected(dict(reads), 0, [])
    lines: defaultdict[str, list[Correction]] = defaultdict(list)
    try:
        for line in read_corrections(folder / Path(name).expanduser()):
            lines[line.id].append(line)
        news = {each: _targets(of[-1], task, name) for each, of in lines.items()}
    except DataError as error:
        error.where = error.where or "data.corrections"
        raise
    found = _Found({}, [], set())
    corrected = {field: _applied(read, lines, news, task, found) for field, read in reads.items()}
    return Corrected(corrected, len(found.changed), _remarks(name, lines, found))


class _Found(NamedTuple):
    changed: dict[str, str]
    changed_since: list[str]
    there: set[str]


def _applied(
    read: Read, lines: Mapping[str, list[Correction]], news: Mapping[str, Targets], task: Task, found: _Found
) -> Read:
    def corrected(item: Item) -> Item:
        if item.id not in lines:
            return item
        found.there.add(item.id)
        now, new = meaning(item.targets, task.kind) if item.targets else "", news[item.id]
        if now and now == meaning(new, task.kind):
            return item
        if not any(_says(line.old, item.targets, task.kind) for line in lines[item.id]):
            found.changed_since.append(item.place)
            return item
        found.changed[item.id] = item.place
        return item._replace(targets=new)

    labelled = [corrected(item) for item in read.items]
    filled = [corrected(item) for item in read.unlabelled]
    now = [item for item in filled if item.targets]
    return replace(
        read,
        items=(*labelled, *now),
        unlabelled=tuple(item for item in filled if not item.targets),
        without_target=read.without_target - len(now),
    )


def _says(cell: str, targets: Targets, kind: Kind) -> bool:
    """Whether a cell says these targets."""
    try:
        read = read_targets(cell, kind, targets)
    except ValueError:
        return False
    return (
        not targets and kind != "labels"
        if read is None
        else bool((targets or kind == "labels") and meaning(read, kind) == meaning(targets, kind))
    )


def _targets(line: Correction, task: Task, file: str) -> Targets:
    listed = () if task.labels == "auto" else task.labels
    try:
        targets = read_targets(line.new, task.kind, listed)
    except ValueError as error:
        raise DataError(f"{file}, row {line.id!r}: {error}") from error
    if targets is None:
        raise DataError(
            f"{file}, row {line.id!r}: the new target is empty; leave the line out to keep the old one"
        )
    unlisted = [label for label in targets if listed and label not in listed]
    if unlisted and task.kind in ("label", "labels"):
        raise DataError(
            f"{file}, row {line.id!r}: the new label {unlisted[0]!r} is none of the suite's: "
            f"{few(map(repr, listed))}"
        )
    return targets


def _remarks(file: str, lines: Mapping[str, list[Correction]], found: _Found) -> list[str]:
    remarks = []
    if found.changed:
        remarks.append(f"{counted(len(found.changed))} {_have(len(found.changed))} a target corrected by {file}.")
    if found.changed_since:
        remarks.append(
            f"{counted(len(found.changed_since), 'correction')} of {file} not applied, since the target in "
            f"the data is no longer the one that was corrected: {few(found.changed_since)}."
        )
    gone = [line for line in lines if line not in found.there]
    if gone:
        remarks.append(
            f"{counted(len(gone), 'correction')} of {file} {_are(len(gone))} for rows that are not in the "
            f"data (any more, or left out by `where`): {few(gone)}."
        )
    return remarks


def _plain(cell: str) -> str:
    """What was made inert for spreadsheets by an apostrophe, as it was."""
    return cell[1:] if _INERT.match(cell) else cell


def _have(count: int) -> str:
    return "has" if count == 1 else "have"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
