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
from harness.data.sources import Rows
from harness.data.targets import Targets, read_targets
from harness.errors import DataError
from harness.records import Example, Message, Query
from harness.suite import Task
from harness.turns import same_question


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
    """

    id: str
    text: str
    targets: Targets
    metadata: Mapping[str, str]
    normal: str
    place: str
    history: tuple[Message, ...] = ()

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
    """

    file: str
    items: tuple[Item, ...]
    rows: int
    left_out: int
    without_text: int
    without_target: int
    undecodable: int
    remarks: tuple[str, ...] = ()

    @property
    def undecodable_items(self) -> int:
        """Usable rows whose text has U+FFFD."""
        return sum(any(SHOWN in t for t in (i.text, *(m.content for m in i.history))) for i in self.items)


class _Draft(NamedTuple):
    given_id: str
    text: str
    targets: Targets
    metadata: dict[str, str]
    place: str
    history: tuple[Message, ...]


def read_items(rows: Rows, task: Task) -> Read:
    """Reads all of a file, keeps what passes `where` and has a text and a target.

    Raises:
        DataError: A column is missing, an id repeated, a target unreadable, or no row passes `where`; its
            `where` is the field relative to the task's `data`.
    """
    columns, where = task.data.columns, task.data.where
    text = text_of(columns)
    passes, targets_at = keeps(where), _reader(task)
    there: dict[str, None] = {}  # ordered, for the message
    dialogue: Dialogue | None = None
    drafts: list[_Draft] = []
    count = left_out = without_text = without_target = 0
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
            without_text += 1
        elif targets is None:
            without_target += 1
        else:
            metadata = {name: fields.get(name, "") for name in columns.metadata}
            given = fields.get(columns.id, "") if columns.id else ""
            history = dialogue.before(told, targets)
            drafts.append(_Draft(given, told.text, targets, metadata, rows.place(row.number), history))
    dialogue = dialogue or Dialogue.of(columns, text, there)
    require(dialogue.needed(where), there, rows.name)
    dialogue.refuse_mixed(there, rows.name)
    if left_out == count:
        raise nothing_left(where, rows, rows.name)
    items = _named(drafts, from_column=columns.id is not None)
    lost = (left_out, without_text, without_target, rows.undecodable)
    return Read(rows.name, items, count, *lost, dialogue.remarks(rows.name))


def _reader(task: Task) -> Callable[[str, Rows, int], Targets | None]:
    listed = () if task.labels == "auto" else frozenset(task.labels)

    def targets_at(cell: str, rows: Rows, number: int) -> Targets | None:
        try:
            return read_targets(cell, task.kind, listed)
        except ValueError as error:
            raise DataError(f"{rows.place(number)}: {error}", where="columns.target") from error

    return targets_at


def _named(drafts: list[_Draft], *, from_column: bool) -> tuple[Item, ...]:
    if from_column:
        ids = column_ids([d.given_id for d in drafts], [d.place for d in drafts], where="columns.id")
    else:
        ids = content_ids([_content(d) for d in drafts], ["\0".join(d.targets) for d in drafts])
    return tuple(
        Item(each, d.text, d.targets, d.metadata, same_question(d.text, d.history), d.place, d.history)
        for each, d in zip(ids, drafts, strict=True)
    )


def _content(draft: _Draft) -> tuple[object, ...]:
    """What names a row; of one without earlier turns it is what it was before there were any."""
    turns = [(turn.role, turn.content) for turn in draft.history]
    return (draft.text, draft.metadata, turns) if turns else (draft.text, draft.metadata)
