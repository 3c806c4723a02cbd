"""YAML read safely, with the line and column of everything in it.

    tasks:
      - name: tweets        "tasks[0].name" -> line 2, column 5

Values are those of YAML 1.2's core schema, which are JSON's: `yes`, `no`, `on` and `off` are text, `1e-4` is a
number, `2026-01-31` is text and `010` is ten. Whatever would construct an object is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import yaml
from pydantic import JsonValue

from harness.errors import SuiteError
from harness.suite.yaml_errors import not_yaml

MOST_NODES = 100_000  # aliases of aliases grow exponentially; no suite written by hand comes near


@dataclass(frozen=True)
class Mark:
    """A place in a file, both counted from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Document:
    """A file's content and where each part of it stands.

    Attributes:
        path: As the user gave it.
        value: What it says.
        marks: Dotted path to where its key stands, or the item itself in a list; the empty path is the whole.
    """

    path: Path
    value: JsonValue
    marks: Mapping[str, Mark]


def position(document: Document, dotted: str) -> str:
    """Such as ``suites/a.yaml:14:7  tasks[0].data.columns.target``; of the nearest parent that is there."""
    at = dotted
    while at and at not in document.marks:
        at = parent(at)
    mark = document.marks.get(at)
    place = f"{document.path}:{mark.line}:{mark.column}" if mark else f"{document.path}"
    return f"{place}  {dotted}" if dotted else place


def parent(dotted: str) -> str:
    """``tasks[0].data`` for ``tasks[0].data.path``, ``tasks`` for ``tasks[0]``."""
    return re.sub(r"(\[\d+\]|\.?[^.\[]*.)$", "", dotted, flags=re.DOTALL)


def join(dotted: str, *parts: str | int) -> str:
    """Goes down by names and by places in lists."""
    for part in parts:
        if isinstance(part, int):
            dotted += f"[{part}]"
        else:
            dotted = f"{dotted}.{part}" if dotted else part
    return dotted


def read_yaml(path: Path) -> Document:
    """Reads a YAML or JSON file.

    Raises:
        SuiteError: Where it cannot be read, is not YAML, or holds what no suite may; names line and column.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise SuiteError(f"there is no file {str(path)!r}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SuiteError(
            f"byte 0x{error.object[error.start]:02x} is not UTF-8; save the file as UTF-8",
            where=f"{path}:{line}:1",
        ) from None
    except OSError as error:
        raise SuiteError(f"{str(path)!r} cannot be read: {error.strerror}") from None
    try:
        root = yaml.compose(text, Loader=_CoreLoader)
        if root is None:
            raise SuiteError("the file is empty", where=f"{path}:1:1")
        reading = _Reading(path)
        value = reading.value(root, "")
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        raise SuiteError(
            f"the character U+{int(error.character):04X} may not stand in YAML", where=f"{path}:{line}:{column}"
        ) from None
    except yaml.MarkedYAMLError as error:
        raise not_yaml(path, error) from None
    except RecursionError:
        raise SuiteError("it is nested too deeply", where=str(path)) from None
    return Document(path, value, reading.marks)


class _CoreLoader(yaml.SafeLoader):
    """Resolves plain scalars by YAML 1.2's core schema."""


_MERGE = "tag:yaml.org,2002:merge"
_NUMERIC = list("-+.0123456789")
_CoreLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", _NUMERIC),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", _NUMERIC),
    ("merge", r"<<", ["<"]),
):
    _CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})$"), _first)


def _integer(text: str) -> int:
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    return int(text if base == 10 else text[2:], base)


_SCALARS: Mapping[str, Callable[[str], JsonValue]] = {
    "tag:yaml.org,2002:null": lambda text: None,
    "tag:yaml.org,2002:bool": lambda text: text.lower() == "true",
    "tag:yaml.org,2002:int": _integer,
    "tag:yaml.org,2002:float": float,
    "tag:yaml.org,2002:str": str,
}


@dataclass
class _Reading:
    """Turns nodes into values; keeps where each stands."""

    path: Path
    marks: dict[str, Mark] = field(default_factory=dict)
    nodes: int = 0
    open: set[int] = field(default_factory=set)

    def value(self, node: yaml.Node, dotted: str) -> JsonValue:
        self.marks.setdefault(dotted, _mark(node))
        self.nodes += 1
        if self.nodes > MOST_NODES:
            self.refuse(
                node, f"aliases unfold to more than {MOST_NODES:,} values; write out what is needed", dotted
            )
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, dotted)
        kind = "seq" if isinstance(node, yaml.SequenceNode) else "map"
        if node.tag != f"tag:yaml.org,2002:{kind}":
            self.refuse_tag(node, dotted)
        if id(node) in self.open:
            self.refuse(node, "an alias stands inside what it names; write it out", dotted)
        self.open.add(id(node))
        made: JsonValue
        if isinstance(node, yaml.SequenceNode):
            made = [self.value(item, join(dotted, i)) for i, item in enumerate(node.value)]
        else:
            made = self.mapping(node, dotted)
        self.open.remove(id(node))
        return made

    def scalar(self, node: yaml.ScalarNode, dotted: str) -> JsonValue:
        make = _SCALARS.get(node.tag)
        if make is None:
            self.refuse_tag(node, dotted)
        try:
            return make(node.value)
        except ValueError:
            kind = node.tag.rpartition(":")[2]
            self.refuse(node, f"{node.value[:60]!r} is not what its tag !!{kind} says", dotted)

    def mapping(self, node: yaml.Node, dotted: str) -> dict[str, JsonValue]:
        own: dict[str, JsonValue] = {}
        merged: dict[str, JsonValue] = {}
        # What `<<` brings comes first, so that a key's own place and value win over it.
        for key, value in sorted(node.value, key=lambda pair: pair[0].tag != _MERGE):
            if key.tag == _MERGE:
                for each in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    content = self.value(each, dotted)
                    if not isinstance(content, dict):
                        self.refuse(value, "`<<` takes a mapping, or a list of mappings", dotted)
                    merged = {**content, **merged}
                continue
            name = self.key(key, dotted)
            below = join(dotted, name)
            if name in own:
                first = self.marks[below].line
                self.refuse(key, f"{name!r} stands twice; it was first on line {first}", below)
            self.marks[below] = _mark(key)
            own[name] = self.value(value, below)
        return {**merged, **own}

    def key(self, node: yaml.Node, dotted: str) -> str:
        if not isinstance(node, yaml.ScalarNode):
            self.refuse(node, "a list or mapping stands as a key; keys are text", dotted)
        if node.tag not in _SCALARS:
            self.refuse_tag(node, dotted)
        if node.tag != "tag:yaml.org,2002:str":
            self.refuse(node, f'the key {node.value} is not text; put it in quotes: "{node.value}"', dotted)
        return str(node.value)

    def refuse_tag(self, node: yaml.Node, dotted: str) -> NoReturn:
        shown = node.tag.replace("tag:yaml.org,2002:", "!!")
        self.refuse(
            node, f"the tag {shown!r} is refused: a suite holds text, numbers, lists and mappings only", dotted
        )

    def refuse(self, node: yaml.Node, message: str, dotted: str) -> NoReturn:
        mark = _mark(node)
        where = f"{self.path}:{mark.line}:{mark.column}"
        raise SuiteError(message, where=f"{where}  {dotted}" if dotted else where)


def _mark(node: yaml.Node) -> Mark:
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)
