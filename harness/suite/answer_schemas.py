"""The JSON schema of a task of kind `fields`, inline or a file beside the suite, and what `match:` names.

schema: {type: object, properties: {amount: {type: number}}}
schema: call.schema.json
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.errors import SuiteError, suggest
from harness.extraction.schema import every_field, fields_of, types_of, what_is_wrong
from harness.suite import Suite, Task
from harness.suite.problems import Problems
from harness.suite.task import Matcher
from harness.suite.yaml_positions import join


def check_answers(tasks: Mapping[int, Task], folder: Path, problems: Problems) -> None:
    """Says what is wrong with tasks' schemas and with what `match:` names."""
    for index, task in tasks.items():
        at = join("tasks", index)
        for field, given in (("schema", task.answer_schema is not None), ("match", bool(task.match))):
            if given and task.kind != "fields":
                problems.add(join(at, field), f"{field} is for tasks of kind 'fields'; this one is {task.kind!r}")
        if task.kind != "fields" or task.answer_schema is None:
            continue
        try:
            schema = schema_of(task, folder)
        except SuiteError as error:
            problems.add(join(at, error.where or "schema"), error.message)
            continue
        for name, message in unmatchable(schema, task.matchers):
            problems.add(join(at, "match", name), message)


def with_schemas(suite: Suite, folder: Path) -> Suite:
    """The suite with schemas that were files filled in, so that its record holds them."""
    tasks = tuple(
        task.model_copy(update={"answer_schema": schema_of(task, folder)})
        if task.answer_schema is not None
        else task
        for task in suite.tasks
    )
    return suite.model_copy(update={"tasks": tasks})


def schema_of(task: Task, folder: Path) -> Mapping[str, Any]:
    """The task's schema, read and checked.

    Args:
        task: One that has a schema.
        folder: Where relative paths start from.

    Raises:
        SuiteError: The file cannot be read, or it is no schema of an object with named properties.
    """
    schema: object = task.answer_schema
    told = ""
    if isinstance(schema, str):
        told = f"{schema!r}: "
        schema = _read(folder / schema, schema)
    if not isinstance(schema, Mapping):
        raise SuiteError(f"{told}a JSON schema is an object with `properties`", where="schema")
    if wrong := what_is_wrong(schema):
        raise SuiteError(f"{told}{wrong}", where="schema")
    return schema


def unmatchable(schema: Mapping[str, Any], matchers: Mapping[str, Matcher]) -> list[tuple[str, str]]:
    """Fields that `match:` cannot name as it does, each with what is wrong."""
    every = every_field(schema)
    found = []
    for name, how in matchers.items():
        if name not in every:
            found.append((name, f"the schema has no field {name!r}; {suggest(name, every)}"))
            continue
        types = types_of(every[name].schema)
        if how.by == "number" and types and not types & {"number", "integer", "string"}:
            told = " or ".join(sorted(types))
            found.append((name, f"{name!r} is {told}, which cannot be compared as a number"))
        if how.by == "date" and types and "string" not in types:
            told = " or ".join(sorted(types))
            found.append((name, f"{name!r} is {told}, which cannot be compared as a date"))
        if how.tolerance and how.by != "number":
            found.append((name, f"tolerance is for `by: number`; {name!r} is compared by {how.by!r}"))
    if not found and not [n for n in fields_of(schema, tuple(matchers)) if _scored(n, matchers)]:
        found.append((next(iter(matchers), ""), "every field is ignored, so that nothing would be compared"))
    return found


def _scored(name: str, matchers: Mapping[str, Matcher]) -> bool:
    return name not in matchers or matchers[name].by != "ignore"


def _read(path: Path, name: str) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SuiteError(
            f"there is no file {name!r} beside the suite (looked for {path})", where="schema"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SuiteError(f"{name!r} cannot be read: {error}", where="schema") from error
    except (ValueError, RecursionError) as error:
        raise SuiteError(f"{name!r} is not JSON: {error}", where="schema") from error
