"""Whether the turns of an example are a conversation that a provider trains on.

system? user assistant … user -> assistant      `developer` counts as system; a tool answers an assistant's call
"""

from __future__ import annotations

from typing import NamedTuple

from harness.trainingfiles.findings import Problem
from harness.trainingfiles.lines import Line, Turn, said

_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_SYSTEM = ("system", "developer")


class Wrong(NamedTuple):
    """What is wrong with an example."""

    kind: Problem
    what: str


def problem_of(line: Line, *, alternating: bool = False) -> Wrong | None:
    """The first thing that is wrong with an example; None for nothing.

    Args:
        line: The example.
        alternating: Whether the user and the assistant must take turns.
    """
    for answer, name in ((line.answer, "answer"), (line.rejected, "rejected answer")):
        for turn in answer:
            if turn.get("role") != "assistant":
                return Wrong("roles", f"the {name} is of role {turn.get('role')!r}, not of the assistant")
            if not said(turn).strip() and not turn.get("tool_calls") and not turn.get("function_call"):
                return Wrong("empty-answer", f"the {name} is empty")
    if not any(said(turn).strip() for turn in line.prompt if turn.get("role") not in _SYSTEM):
        return Wrong("empty-prompt", "the prompt is empty")
    weights = [turn.get("weight", 1) for turn in (*line.prompt, *line.answer) if turn.get("role") == "assistant"]
    if not any(weights):
        return Wrong("roles", "every turn of the assistant has the weight 0: nothing would be trained on")
    return _order(line.prompt, alternating=alternating)


def _order(prompt: tuple[Turn, ...], *, alternating: bool) -> Wrong | None:
    last = ""
    for number, turn in enumerate(prompt, start=1):
        role = turn.get("role")
        if role not in _ROLES:
            return Wrong("roles", f"turn {number} has the role {role!r}; there are: {', '.join(_ROLES)}")
        if role in _SYSTEM and last not in ("", *_SYSTEM):
            return Wrong("roles", f"turn {number} is of the system and stands behind the {last}'s")
        if alternating and role == last and role in ("user", "assistant"):
            return Wrong("roles", f"turns {number - 1} and {number} are both of the {role}")
        if role == "tool" and last not in ("assistant", "tool"):
            return Wrong("roles", f"turn {number} is of a tool, and no assistant's turn stands before it")
        weight = turn.get("weight")
        if weight not in (None, 0, 1):
            return Wrong("roles", f"turn {number} has the weight {weight!r}: it is 0 or 1")
        last = str(role)
    if last == "assistant" and not alternating:
        return None
    if last not in ("user", "tool", "function"):
        return Wrong("roles", f"the answer stands behind a turn of the {last}, not of the user")
    return None
