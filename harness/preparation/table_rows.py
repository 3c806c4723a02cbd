"""Examples out of the rows of a file: CSV, TSV, JSON, JSONL, Parquet or a workbook.

body,queue
"I was charged twice",billing      ->  user: [the task, then] I was charged twice    assistant: billing
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from harness.data.extraction import settle_fields
from harness.data.items import Item, Read, read_items
from harness.data.labels import brief_labels
from harness.data.saying import counted, few
from harness.data.sources import Rows, read_rows
from harness.errors import SuiteError
from harness.preparation.asked import Asked
from harness.preparation.gathered import Gathered, no_example, number_of
from harness.records import Brief, Example, Message
from harness.starting.columns import columns_of
from harness.starting.roles import Asked as AskedColumns
from harness.starting.roles import Roles, roles_of
from harness.starting.table import Table
from harness.starting.targets import kind_of
from harness.suite import Task
from harness.trainingfiles import Finding, Line, supervised
from harness.trainingfiles.lines import unlearnt
from harness.wording import Wording

_NONE = "-"  # stands for instructions where there are none
_MOST_SAID = 12


def rows_of(table: Table) -> Rows:
    """All rows of a file whose first ones were looked at."""
    options = {
        "format": table.kind,
        "encoding": table.encoding,
        **({"delimiter": table.delimiter} if table.delimiter else {}),
        **({"sheet": table.sheet} if table.sheet else {}),
    }
    return read_rows(table.path, Path(), {}, options)


def gather_table(table: Table, asked: Asked) -> Gathered:
    """Examples of a file's rows, with the part of each column as said or guessed.

    Raises:
        DataError: A column is not there, or a row cannot be read.
        SuiteError: What is asked cannot be.
    """
    columns = columns_of(table)
    roles = roles_of(table, columns, AskedColumns(asked.text, asked.target, asked.kind))
    kind = asked.kind or (kind_of(columns[roles.target]) if roles.target in columns else "text")
    if asked.labels:
        kind = kind if kind in ("label", "labels") else "label"
    task = _task(table, asked, roles, kind)
    read = read_items(rows_of(table), task)
    items, findings = _listed(read, asked.labels)
    findings += [no_example("empty-prompt", place, "the text is empty") for place in read.blank]
    findings += [no_example("empty-answer", each.place, "the answer is empty") for each in read.unlabelled]
    encoded = "" if table.kind in ("xlsx", "parquet") else f", read as {table.encoding}"
    told = [f"{read.file}: {counted(read.rows)}{encoded}; text {roles.text!r}, answer {roles.target!r} ({kind})."]
    if asked.instructions is None:
        lines = [_bare(item, kind, asked.system) for item in items]
        told.append("The prompt is the text alone; --instructions puts the task before it, as a run asks it.")
    else:
        brief, items = _brief(task, items)
        if brief.labels:
            told.append(f"Answers: {_labels(brief)}.")
        lines = lines_of(brief, [item.example() for item in items], [item.place for item in items], asked.system)
    return Gathered(lines, None, findings, (*told, *read.remarks), kind == "text")


def lines_of(brief: Brief, examples: list[Example], places: list[str], system: str | None) -> list[Line]:
    """Lines that ask what a run would ask, each with its place in the source."""
    made = supervised(brief, examples, Wording(system=system), places)
    return [line._replace(number=number_of(line.place)) for line in made]


def _task(table: Table, asked: Asked, roles: Roles, kind: str) -> Task:
    options = {
        "format": table.format,
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "sheet": table.sheet,
    }
    columns = {"text": roles.text, "target": roles.target, "history": roles.history}
    fields = {
        "name": "rows",
        "kind": kind,
        "instructions": asked.instructions or _NONE,
        "labels": asked.labels or "auto",
        "data": {"path": table.path, "columns": columns, **options},
    }
    try:
        return Task.model_validate(fields)
    except ValidationError as error:
        raise SuiteError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error


def _listed(read: Read, labels: tuple[str, ...]) -> tuple[list[Item], list[Finding]]:
    """The items whose labels are listed, where any are, and what is wrong with the others."""
    if not labels:
        return list(read.items), []
    kept, findings = [], []
    for item in read.items:
        other = [target for target in item.targets if target not in labels]
        if other:
            what = f"the answer {few(map(repr, other))} is not one of --labels"
            findings.append(no_example("unlisted-label", item.place, what))
        else:
            kept.append(item)
    if not kept:
        raise SuiteError(f"no row of {read.file} has one of --labels {', '.join(map(repr, labels))}")
    return kept, findings


def _brief(task: Task, items: list[Item]) -> tuple[Brief, list[Item]]:
    settled = settle_fields(task, Path(), {"train": tuple(items), "validation": (), "test": ()})
    items = list(settled.splits["train"])
    brief = Brief(
        name=task.name,
        instructions=task.instructions,
        kind=task.kind,
        labels=brief_labels(task, items),
        answer_schema=settled.schema,
    )
    return brief, items


def _labels(brief: Brief) -> str:
    listed = ", ".join(map(repr, list(brief.labels)[:_MOST_SAID]))
    more = len(brief.labels) - _MOST_SAID
    return f"{listed} and {more} more" if more > 0 else listed


def _bare(item: Item, kind: str, system: str | None) -> Line:
    opening = [Message(role="system", content=system)] if system is not None else []
    turns = [*opening, *item.history, Message(role="user", content=item.text)]
    answer = json.dumps(item.targets, ensure_ascii=False) if kind == "labels" else item.targets[0]
    return Line(unlearnt(turns), ({"role": "assistant", "content": answer},), item.place, number_of(item.place))
