r"""The targets of a task of kind `fields`: checked against its schema, and each as the schema's one text.

'{"amount": 5,\n "name": "Ann"}' at calls.jsonl line 3   ->   '{"name": "Ann", "amount": 5}'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from harness.data.items import Item
from harness.data.saying import counted
from harness.data.taskdata import SplitName
from harness.errors import DataError, SuiteError
from harness.extraction.canonical import canonical, parse
from harness.extraction.inferring import inferred
from harness.extraction.schema import validity, what_is_wrong
from harness.suite import Task
from harness.suite.answer_schemas import schema_of, unmatchable

_SHOWN = 3  # rows that an error names
_CHARACTERS = 3  # of JSON that a token has, about
Splits = Mapping[SplitName, tuple[Item, ...]]


class Extraction(NamedTuple):
    """What a task of kind `fields` has beside its rows.

    Attributes:
        schema: Of an answer; None for tasks of another kind.
        splits: With targets in canonical form.
        remarks: What a reader must know.
    """

    schema: Mapping[str, Any] | None
    splits: Splits
    remarks: tuple[str, ...] = ()


def settle_fields(task: Task, folder: Path, splits: Splits) -> Extraction:
    """Checks the targets of every split, and writes each in one form.

    Args:
        task: What the suite says of it.
        folder: The suite's, which the path of a schema starts from.
        splits: The rows.

    Raises:
        DataError: Targets break the schema; names the first of them.
        SuiteError: The schema is none, or `match` names a field that it has not.
    """
    if task.kind != "fields":
        return Extraction(None, splits)
    values = {name: [_value(item) for item in items] for name, items in splits.items()}
    remarks: list[str] = []
    if task.answer_schema is not None:
        schema = schema_of(task, folder)
    else:
        schema = inferred(values["train"])
        if wrong := what_is_wrong(schema):
            raise DataError(
                f"the targets of train give no schema ({wrong}); give the task a `schema`", where="schema"
            )
        remarks.append(_told(schema, len(values["train"])))
    for name, message in unmatchable(schema, task.matchers):
        raise SuiteError(message, where=f"match.{name}")
    _refuse_breaking(task, schema, splits, values)
    settled = {
        name: tuple(
            item._replace(targets=(canonical(value, schema),))
            for item, value in zip(items, values[name], strict=True)
        )
        for name, items in splits.items()
    }
    longest = max((len(item.targets[0]) for items in settled.values() for item in items), default=0)
    if longest > _CHARACTERS * task.max_output_tokens:
        remarks.append(
            f"the longest target has {longest:,} characters, about {longest // _CHARACTERS:,} tokens or more: "
            f"max_output_tokens {task.max_output_tokens} would cut such an answer"
        )
    return Extraction(schema, settled, tuple(remarks))


def _value(item: Item) -> object:
    try:
        return parse(item.targets[0])
    except ValueError as error:
        raise DataError(f"{item.place}: the target is not JSON: {error}", where="data.columns.target") from error


def _refuse_breaking(
    task: Task, schema: Mapping[str, Any], splits: Splits, values: Mapping[SplitName, Sequence[object]]
) -> None:
    check = validity(schema)
    broken = [
        f"{item.place}: {wrong}"
        for name, items in splits.items()
        for item, value in zip(items, values[name], strict=True)
        if (wrong := check(value) or _unwritable(value, schema)) is not None
    ]
    if not broken:
        return
    shown = "; ".join(broken[:_SHOWN]) + (f"; and {len(broken) - _SHOWN} more" if len(broken) > _SHOWN else "")
    first = "" if task.answer_schema is not None else ", which train's targets gave"
    raise DataError(
        f"{counted(len(broken))} with a target that breaks the schema{first}: {shown}. Correct them, leave them "
        "out with `where`, or widen the schema",
        where="data.columns.target" if task.answer_schema is not None else "schema",
    )


def _unwritable(value: object, schema: Mapping[str, Any]) -> str | None:
    try:
        canonical(value, schema)
    except (ValueError, RecursionError) as error:
        return f"the target cannot be written as JSON: {error}"
    return None


def _told(schema: Mapping[str, Any], rows: int) -> str:
    told = ", ".join(f"{name} ({_type(sub)})" for name, sub in schema["properties"].items())
    return f"no schema is given: that of the {counted(rows)} of train is taken, {told}; `schema:` says otherwise"


def _type(schema: Mapping[str, Any]) -> str:
    told = schema["type"]
    return told if isinstance(told, str) else " or ".join(told)
