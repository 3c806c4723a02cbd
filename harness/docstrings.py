"""What a class says of itself, for help and schemas.

class Splits(Record):
    '''How rows are divided.            <- summary

Attributes:
        seed: Another seed draws other rows.    <- attributes
    '''
"""

from __future__ import annotations

import inspect
import re


def summary(cls: type) -> str:
    """The docstring up to its first section, a paragraph a line; empty where the class has none of its own."""
    text = inspect.cleandoc(cls.__dict__.get("__doc__") or "")
    before = re.split(r"^(?:Attributes|Args|Raises|Examples?):$", text, maxsplit=1, flags=re.MULTILINE)[0]
    return "\n\n".join(" ".join(each.split()) for each in before.split("\n\n") if each.strip())


def attributes(cls: type) -> dict[str, str]:
    """The `Attributes:` section: name to what is said of it."""
    text = inspect.cleandoc(cls.__dict__.get("__doc__") or "")
    _, _, section = text.partition("Attributes:\n")
    found: dict[str, str] = {}
    name = None
    for line in section.splitlines():
        match = re.match(r" {4}(\w+): (.*)", line)
        if match:
            name = match[1]
            found[name] = match[2]
        elif name and line.startswith(" " * 8):
            found[name] += " " + line.strip()
        elif line.strip():
            break
    return found
