r"""Values as YAML on one line, quoted where they would else be read as something else.

scalar("billing") -> billing     scalar(" a: b ") -> " a: b "     scalar("3") -> "3"
flow({"text": "{subject}\n\n{body}"}) -> {text: "{subject}\n\n{body}"}
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import yaml

from harness.numbers import plain

_BARE = re.compile(r"[A-Za-z][\w+]*([ .-][\w+]+)*", re.ASCII)
_WIDTH = 115


def scalar(text: str) -> str:
    """A text, read back as the same text."""
    if _BARE.fullmatch(text) and yaml.safe_load(text) == text:
        return text
    quoted: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=float("inf"))
    return quoted.rstrip("\n")


def flow(value: object) -> str:
    """A value on one line."""
    if isinstance(value, str):
        return scalar(value)
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(str(k))}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    return str(value)


def listed(values: list[str], indent: int) -> str:
    """A list of texts: on one line, or over several that are no wider than the page."""
    line = flow(values)
    if indent + len(line) <= _WIDTH:
        return line
    lines, current = [], ""
    for value in values:
        each = f"{scalar(value)}, "
        if current and indent + len(current) + len(each) > _WIDTH:
            lines.append(current.rstrip())
            current = ""
        current += each
    lines.append(current.rstrip(", "))
    return "[\n" + "\n".join(" " * indent + line for line in lines) + "\n" + " " * (indent - 2) + "]"


def comment(text: str, indent: int = 0) -> list[str]:
    """A remark over as many lines as it takes; what stands in data cannot end it."""
    import textwrap

    start = " " * indent + "# "
    return textwrap.wrap(
        plain(text),
        _WIDTH,
        initial_indent=start,
        subsequent_indent=start,
        break_long_words=False,
        break_on_hyphens=False,
    )
