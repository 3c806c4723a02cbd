"""Reads the rows of one file that a task can use.

{"text": "Great flight!", "sentiment": "positive", "confidence": "1"}
-> Item(id="3f0c…", text="Great flight!", targets=("positive",), metadata={}, …)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from harness.data.columns import require, text_of
from harness.data.decoding import SHOWN
from harness.data.dialogue import Dialogue
from harness.data.filters import keeps, nothing_left
from harness.data.ids import column_ids, content_ids
from harness.data.mapping import Names
from harness.data.sources import Rows
from harness.data.targets import Targets
from harness.errors import DataError
from harness.records import Example, Message, Query
from harness.suite import Task
from harness.turns import same_question

_LAST = chr(0x10FFFF)  # sorts behind every text


class Item(NamedTuple):
    """A usable row, before it has a split.

    Attributes:
        id: The row's own or of its content.
        text: As strategies see it.
        targets: What it should be answered.
        metadata: What else strategies may see.
        normal: The normalised text, with earlier turns those too: rows of one are the same question.
        place: Where it stands, for messages.
        history: The turns before the text.
        group: What its rows stay in one split with, of the column `splits.group`.
        time: The cell of the column `splits.time`.
    """

    id: str
    text: str
    targets: Targets
    metadata: Mapping[str, str]
    normal: str
    place: str
    history: tuple[Message, ...] = ()
    group: str = ""
    time: str = ""

    @property
    def said(self) -> str:
        """The text of all turns, for comparing rows by more than the last one."""
        return "\n".join([*(turn.content for turn in self.history), self.text])

    def example(self) -> Example:
        query = Query(id=self.id, text=self.text, history=self.history, metadata=self.metadata)
        return Example(query=query, targets=self.targets)


@dataclass(frozen=True)
class Read:
    """What a file gave.

    Attributes:
        file: What messages call it.
        items: The rows that can be used.
        rows: How many rows it has.
        left_out: How many of them `where` left out.
        without_text: How many of the rest have no text.
        without_target: How many of the rest have no target.
        undecodable: Bytes of the file that were not its encoding's.
        remarks: What else a reader must know of how the rows were read.
        unlabelled: The rows without a target, which a correction may give one.
        unmapped: Cells that `map` names and no row has.
        blank: Where the rows without a text stand.
    """

    file: str
    items: tuple[Item, ...]
    rows: int
    left_out: int
    without_text: int
    without_target: int
    undecodable: int
    remarks: tuple[str, ...] = ()
    unlabelled: tuple[Item, ...] = ()
    unmapped: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()

    @property
    def undecodable_items(self) -> int:
        """Usable rows whose text has U+FFFD."""
        return sum(any(SHOWN in t for t in (i.text, *(m.content for m in i.history))) for i in self.items)


class _Draft(NamedTuple):
    given_id: str
    text: str
    targets: Targets | None
    metadata: dict[str, str]
    place: str
    history: tuple[Message, ...]
    group: str
    time: str


def read_items(rows: Rows, task: Task) -> Read:
    """Reads all of a file, keeps what passes `where` and has a text and a target.

    Raises:
        DataError: A column is missing, an id repeated, a target unreadable, or no row passes `where`; its
            `where` is the field relative to the task's `data`.
    """
    columns, where, splits = task.data.columns, task.data.where, task.data.splits
    text = text_of(columns)
    names = Names(task)
    passes, targets_at = keeps(where), _reader(names)
    there: dict[str, None] = {}  # ordered, for the message
    dialogue: Dialogue | None = None
    drafts: list[_Draft] = []
    blank: list[str] = []
    count = left_out = without_target = 0
    for row in rows:
        count += 1
        fields = row.fields
        if not fields.keys() <= there.keys():
            there.update(dict.fromkeys(fields))
        dialogue = dialogue or Dialogue.of(columns, text, fields)
        if not passes(fields):
            left_out += 1
            continue
        told = dialogue.told(fields, rows.place(row.number))
        targets = targets_at(told.target, rows, row.number)
        if not told.text.strip():
            blank.append(rows.place(row.number))
        else:
            without_target += targets is None
            metadata = {name: fields.get(name, "") for name in columns.metadata}
            given, group, time = (
                fields.get(name, "") if name else "" for name in (columns.id, splits.group, splits.time)
            )
            history = dialogue.before(told, targets or ())
            place = rows.place(row.number)
            drafts.append(_Draft(given, told.text, targets, metadata, place, history, group, time))
    dialogue = dialogue or Dialogue.of(columns, text, there)
    of_splits = (("splits.group", splits.group), ("splits.time", splits.time))
    needed = [*dialogue.needed(where), *((field, name) for field, name in of_splits if name)]
    require(needed, there, rows.name)
    dialogue.refuse_mixed(there, rows.name)
    if left_out == count:
        raise nothing_left(where, rows, rows.name)
    items = _named(drafts, from_column=columns.id is not None)
    labelled = tuple(item for item, draft in zip(items, drafts, strict=True) if draft.targets is not None)
    unlabelled = tuple(item for item, draft in zip(items, drafts, strict=True) if draft.targets is None)
    lost = (left_out, len(blank), without_target, rows.undecodable)
    remarks = (*dialogue.remarks(rows.name), *names.remarks(rows.name))
    return Read(rows.name, labelled, count, *lost, remarks, unlabelled, tuple(names.unused), tuple(blank))


def _reader(names: Names) -> Callable[[str, Rows, int], Targets | None]:
    def targets_at(cell: str, rows: Rows, number: int) -> Targets | None:
        try:
            return names.targets(cell)
        except ValueError as error:
            raise DataError(f"{rows.place(number)}: {error}", where="columns.target") from error

    return targets_at


def _named(drafts: list[_Draft], *, from_column: bool) -> tuple[Item, ...]:
    if from_column:
        named = [d for d in drafts if d.targets is not None]
        column_ids([d.given_id for d in named], [d.place for d in named], where="columns.id")
        ids = [d.given_id for d in drafts]
    else:
        # A row without a target comes last, so that it takes no other's name.
        ranks = [_LAST if d.targets is None else "\0".join(d.targets) for d in drafts]
        ids = content_ids([_content(d) for d in drafts], ranks)
    return tuple(_item(each, draft) for each, draft in zip(ids, drafts, strict=True))


def _item(named: str, draft: _Draft) -> Item:
    normal = same_question(draft.text, draft.history)
    seen = (named, draft.text, draft.targets or (), draft.metadata, normal, draft.place)
    return Item(*seen, draft.history, draft.group, draft.time)


def _content(draft: _Draft) -> tuple[object, ...]:
    """What names a row; of one without earlier turns it is what it was before there were any."""
    turns = [(turn.role, turn.content) for turn in draft.history]
    return (draft.text, draft.metadata, turns) if turns else (draft.text, draft.metadata)
