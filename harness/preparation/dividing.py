"""Takes validation out of examples: by a hash of the prompt, so that no prompt is on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from harness.answers import normalised
from harness.data.spread import hash_place
from harness.trainingfiles import Line
from harness.trainingfiles.lines import said


class Parts(NamedTuple):
    """Examples to train and to validate on, each in their order."""

    train: list[Line]
    validation: list[Line]


def divide(lines: Sequence[Line], share: float, seed: int) -> Parts:
    """Takes about a share of the lines out, by whole prompts.

    Prompts count as one whatever their case, blanks and Unicode form, so that no near copy is on both sides.

    Args:
        lines: All.
        share: Of them, for validation; 0 for none.
        seed: Another one takes others.
    """
    if share <= 0 or not lines:
        return Parts(list(lines), [])
    groups: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        key = "\0".join(f"{turn.get('role')}\1{normalised(said(turn))}" for turn in line.prompt)
        groups.setdefault(key, []).append(index)
    wanted = round(share * len(lines))
    taken: set[int] = set()
    for key in sorted(groups, key=lambda each: hash_place(seed, each)):
        if len(taken) >= wanted:
            break
        if len(taken) + len(groups[key]) <= max(wanted, 1):
            taken.update(groups[key])
    return Parts(
        [line for i, line in enumerate(lines) if i not in taken],
        [line for i, line in enumerate(lines) if i in taken],
    )
