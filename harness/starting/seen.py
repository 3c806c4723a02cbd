"""All that can be seen in a file before anybody has said what it is for.

seen = look("tickets.csv", Given(), Asked())
seen.roles.target, seen.kind, seen.labels.rare, seen.near       "intent", "label", {"press request": 2}, 37 groups
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.answers import normalised
from harness.data.columns import text_of
from harness.data.dialogue import Dialogue
from harness.data.nearness import near_duplicates
from harness.errors import DataError
from harness.records import Kind
from harness.starting.columns import Column, columns_of
from harness.starting.labels import Labels, labels_of
from harness.starting.lengths import Lengths, lengths_of
from harness.starting.roles import Asked, Roles, roles_of
from harness.starting.schema import Extracted, extracted_from
from harness.starting.table import Given, Table, read_table
from harness.starting.targets import kind_of
from harness.suite import Columns

_MOST_COMPARED = 20_000  # texts, for near-duplicates


@dataclass(frozen=True)
class Repeated:
    """Texts that stand more than once.

    Attributes:
        rows: Rows in such groups.
        groups: How many.
        conflicting: Groups whose rows have different targets.
    """

    rows: int
    groups: int
    conflicting: int


@dataclass(frozen=True)
class Seen:
    """What was seen in a file.

    Attributes:
        table: Its rows.
        columns: By name.
        roles: Which column is what.
        kind: Of the task.
        usable: Rows with a text and a target.
        labels: Of a task with labels.
        extracted: Of a task whose answers are objects.
        lengths: Of the texts.
        answers: Lengths of the answers, of kinds that write them.
        copies: Texts that are the same but for case and blanks.
        near: Texts that are nearly the same, copies among them; None where there are too many rows to look.
    """

    table: Table
    columns: Mapping[str, Column]
    roles: Roles
    kind: Kind
    usable: int
    labels: Labels | None
    extracted: Extracted | None
    lengths: Lengths
    answers: Lengths | None
    copies: Repeated
    near: Repeated | None


def look(
    path: str, given: Given, asked: Asked, folder: Path | None = None, say: Callable[[str], None] = lambda _: None
) -> Seen:
    """Reads a file and sees what can be seen in it.

    Args:
        path: A file, also packed, or a pattern of several.
        given: What the user says of how it is read.
        asked: What the user says of its columns.
        folder: Where a relative path starts from; where the harness runs without it.
        say: Told what takes long.

    Raises:
        DataError: It cannot be read, or nothing in it looks like a text or an answer.
    """
    table = read_table(path, given, folder)
    columns = columns_of(table)
    roles = roles_of(table, columns, asked)
    kind = asked.kind or (kind_of(columns[roles.target]) if roles.target in columns else "text")
    named = Columns(text=roles.text, target=roles.target, history=roles.history)
    dialogue = Dialogue.of(named, text_of(named), table.columns)
    told = [dialogue.told(row, path) for row in table.rows]
    pairs = [(each.text, each.target) for each in told]
    used = [(text, target) for text, target in pairs if text.strip() and (target.strip() or kind == "labels")]
    if not used:
        raise DataError(
            f"no row of {path} has both a text ({roles.text}) and an answer ({roles.target}): say other columns "
            "with --text and --target"
        )
    texts, targets = [text for text, _ in used], [target for _, target in used]
    say(f"{len(texts):,} texts are measured and compared …")
    closed, writes = kind in ("label", "labels"), kind in ("fields", "text")
    return Seen(
        table=table,
        columns=columns,
        roles=roles,
        kind=kind,
        usable=len(used),
        labels=labels_of(targets, texts, kind, roles.target) if closed else None,
        extracted=extracted_from(targets) if kind == "fields" else None,
        lengths=lengths_of(texts),
        answers=lengths_of(targets) if writes else None,
        copies=_copies(texts, targets),
        near=_repeated(near_duplicates(texts), targets) if len(texts) <= _MOST_COMPARED else None,
    )


def _copies(texts: Sequence[str], targets: Sequence[str]) -> Repeated:
    places: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        places.setdefault(normalised(text), []).append(place)
    return _repeated([group for group in places.values() if len(group) > 1], targets)


def _repeated(groups: Sequence[Sequence[int]], targets: Sequence[str]) -> Repeated:
    conflicting = sum(len(Counter(normalised(targets[place]) for place in group)) > 1 for group in groups)
    return Repeated(sum(map(len, groups)), len(groups), conflicting)
