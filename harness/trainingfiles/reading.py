"""Reads a training file back, and checks any that somebody else has made.

{"messages": […], "tools": […]}       OpenAI, Azure, Together, Fireworks, Mistral
{"prompt": "…", "completion": "…"}    Together's other form: a user's turn and an answer
{"input": {"messages": […]}, "preferred_output": […], "non_preferred_output": […]}    DPO

`weight`, `name`, tools and tool calls are kept as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from harness.errors import DataError
from harness.finetuning import FileRules
from harness.trainingfiles.checks import LEAVE_OUT, Checked, check
from harness.trainingfiles.counting import counter_for
from harness.trainingfiles.findings import Finding
from harness.trainingfiles.lines import Line, Turn

_MARK = b"\xef\xbb\xbf"
_MORE = ("tools", "parallel_tool_calls", "functions")


class ReadBack(NamedTuple):
    """What a file holds.

    Attributes:
        lines: Its examples.
        findings: Lines that are none.
    """

    lines: list[Line]
    findings: list[Finding]


def is_chat(item: object) -> bool:
    """Whether a row is an example in one of the forms above."""
    if not isinstance(item, Mapping):
        return False
    return (
        "messages" in item
        or {"input", "preferred_output"} <= item.keys()
        or {"prompt", "completion"} <= item.keys()
    )


def read_texts(texts: Iterable[str], name: str) -> ReadBack:
    """Reads the lines of a file; blank ones are passed over.

    Args:
        texts: The lines.
        name: What messages call the file.
    """
    found = ReadBack([], [])
    for number, text in enumerate(texts, start=1):
        if not text.strip():
            continue
        place = f"{name} line {number}"
        try:
            item: object = json.loads(text)
        except (ValueError, RecursionError) as error:
            found.findings.append(_unreadable(f"it is not JSON: {error}", place, number))
            continue
        add(found, item, place, number)
    return found


def add(found: ReadBack, item: object, place: str, number: int) -> None:
    """Adds a row to what was read: a line, or a finding that says why it is none."""
    try:
        found.lines.append(line_of(item, place, number))
    except ValueError as error:
        found.findings.append(_unreadable(str(error), place, number))


def line_of(item: object, place: str, number: int) -> Line:
    """An example from its JSON.

    Raises:
        ValueError: It has no form that is known.
    """
    if not isinstance(item, Mapping) or not is_chat(item):
        has = ", ".join(map(repr, item)) if isinstance(item, Mapping) else f"{item!r:.60}"
        raise ValueError(f"it has no `messages`, and is no pair for DPO: {has:.200}")
    if "input" in item:
        whole = item["input"]
        inner = whole if isinstance(whole, Mapping) else {"messages": whole}
        answers = [_answers(item.get(name), name) for name in ("preferred_output", "non_preferred_output")]
        return Line(_turns(inner.get("messages")), answers[0], place, number, answers[1], _more(inner))
    if "messages" not in item:
        prompt, answer = item["prompt"], item["completion"]
        if not isinstance(prompt, str) or not isinstance(answer, str):
            raise ValueError("`prompt` and `completion` are not both texts")
        user: Turn = {"role": "user", "content": prompt}
        return Line((user,), ({"role": "assistant", "content": answer},), place, number)
    turns = _turns(item["messages"])
    if not turns:
        raise ValueError("`messages` is empty")
    return Line(turns[:-1], turns[-1:], place, number, (), _more(item))


def check_file(path: Path, rules: FileRules, model: str = "") -> Checked:
    """Checks a file as it is, whoever made it.

    Raises:
        DataError: It cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{str(path)!r} cannot be read: {error.strerror or error}") from error
    marked = content.startswith(_MARK)
    try:
        text = content.removeprefix(_MARK).decode()
    except UnicodeDecodeError as error:
        raise DataError(f"{str(path)!r} is not UTF-8: {error}") from error
    read = read_texts(text.split("\n"), path.name)
    checked = check(read.lines, (), rules, counter_for(rules.provider, model))
    own = list(read.findings)
    if rules.byte_order_mark and not marked:
        what = f"{path.name} begins without a byte order mark, which {rules.provider} asks for"
        own.append(Finding(kind="no-mark", what=what, fix="write it anew", refused=True))
    return checked._replace(findings=[*own, *checked.findings])


def _turns(value: object) -> tuple[Turn, ...]:
    if not isinstance(value, list) or not all(isinstance(turn, Mapping) and "role" in turn for turn in value):
        raise ValueError(f"`messages` is not a list of objects with `role` and `content`: {value!r:.80}")
    return tuple(value)


def _answers(value: object, name: str) -> tuple[Turn, ...]:
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], Mapping):
        raise ValueError(f"`{name}` is not one message of the assistant: {value!r:.80}")
    return tuple(value)


def _more(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: item[name] for name in _MORE if item.get(name) is not None}


def _unreadable(what: str, place: str, number: int) -> Finding:
    return Finding(kind="unreadable", places=(place,), numbers=(number,), what=what, fix=LEAVE_OUT, refused=True)
