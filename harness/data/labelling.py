"""From what a person types to a target, and from targets to lines of a corrections file.

typed      of labels refund, refund status, billing
b          billing           the only one that begins so
refund     refund            a whole name comes before those that it begins
ref                          refund or refund status? asked again
2          refund status     the number in the list
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from harness.answers import normalised
from harness.data.saying import few
from harness.data.targets import Targets, read_targets
from harness.records import Kind

_SEPARATOR = ","


class Choice(NamedTuple):
    """What was typed.

    Attributes:
        targets: What it means; None where it means nothing.
        problem: Why it means nothing.
    """

    targets: Targets | None
    problem: str = ""


def choose(typed: str, labels: Sequence[str], kind: Kind) -> Choice:
    """The label or labels that a person means by a number, a name or how it begins.

    For kind `labels` several are separated by commas, and ``-`` says none. Other kinds take the line as it is.
    """
    if kind == "fields":
        try:
            read_targets(typed, kind)
        except ValueError as error:
            return Choice(None, str(error))
    if kind not in ("label", "labels"):
        return Choice((typed,))
    if kind == "label":
        return _one(typed, labels)
    if typed.strip() == "-":
        return Choice(())
    chosen: list[str] = []
    for part in typed.split(_SEPARATOR):
        choice = _one(part, labels)
        if choice.targets is None:
            return choice
        chosen += choice.targets
    return Choice(tuple(dict.fromkeys(chosen)))


def _one(typed: str, labels: Sequence[str]) -> Choice:
    said = normalised(typed)
    whole = [label for label in labels if label == typed.strip()] or [o for o in labels if normalised(o) == said]
    if len(whole) == 1:
        return Choice((whole[0],))
    if said.isdigit() and 1 <= int(said) <= len(labels):
        return Choice((labels[int(said) - 1],))
    begin = [label for label in labels if normalised(label).startswith(said)]
    inside = begin or [label for label in labels if said in normalised(label)]
    if len(inside) == 1:
        return Choice((inside[0],))
    if inside:
        return Choice(None, f"{typed.strip()!r} may be {few(map(repr, inside))}: type more of it, or its number")
    return Choice(None, f"no label begins with {typed.strip()!r}; /? lists them")
