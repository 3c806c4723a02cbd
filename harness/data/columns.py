r"""From a row's columns to a text, by name or by template.

columns: {text: "{subject}\n\n{body}", target: queue, metadata: [channel]}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from harness.errors import DataError, SuiteError, did_you_mean
from harness.suite import Columns

_PART = re.compile(r"\{\{|\}\}|\{([^{}]+)\}")
_DELIMITERS = ";\t|"


@dataclass(frozen=True)
class TextOf:
    """How a row's text is made.

    Attributes:
        columns: Those that it needs.
        render: Fields to the text; empty where all its columns are blank.
    """

    columns: tuple[str, ...]
    render: Callable[[Mapping[str, str]], str]


def text_of(columns: Columns) -> TextOf:
    """The text column, or the template filled in; in a template ``{{`` is one brace.

    Raises:
        SuiteError: The template needs the target, which strategies would then see.
    """
    template = columns.text
    names = tuple(dict.fromkeys(m.group(1) for m in _PART.finditer(template) if m.group(1)))
    if columns.target in names or template == columns.target:
        raise SuiteError(
            f"the target column {columns.target!r} may not be in the text: strategies see that",
            where="columns.text",
        )
    if not names:
        return TextOf((template,), lambda fields: fields.get(template, ""))

    def render(fields: Mapping[str, str]) -> str:
        if not any(fields.get(name, "").strip() for name in names):
            return ""
        # In one pass, so that braces in a value stay what they are.
        return _PART.sub(lambda m: fields.get(m.group(1), "") if m.group(1) else m.group()[0], template)

    return TextOf(names, render)


def needed(columns: Columns, text: TextOf, where: Iterable[str]) -> list[tuple[str, str]]:
    """Every column that a task needs, with the field of the suite that names it."""
    named = [("columns.text", name) for name in text.columns]
    named.append(("columns.target", columns.target))
    if columns.history is not None:
        named.append(("columns.history", columns.history))
    if columns.id is not None:
        named.append(("columns.id", columns.id))
    named += [(f"columns.metadata[{i}]", name) for i, name in enumerate(columns.metadata)]
    return named + [(f"where.{name}", name) for name in where]


def require(named: Iterable[tuple[str, str]], there: Iterable[str], file: str) -> None:
    """Refuses names of columns that a file does not have.

    Args:
        named: The suite's field and the column that it names.
        there: The file's columns, in its order.
        file: What messages call it.

    Raises:
        DataError: With the field as `where`.
    """
    has = list(there)
    for field, name in named:
        if name in has:
            continue
        split = [d for d in _DELIMITERS if len(has) == 1 and d in has[0]]
        hint = (
            f" Is the delimiter {split[0]!r}? Then say so with `delimiter:`." if split else did_you_mean(name, has)
        )
        listed = ", ".join(has)
        raise DataError(f"column {name!r} is not in {file} (it has: {listed}).{hint}", where=field)
