"""Conversations that go on in another split: the answer to one of their rows stands in the next one's history.

train  user: my card is lost                                            -> target "Shall I block it?"
test   user: my card is lost / assistant: Shall I block it? / user: yes   <- shows train's answer
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.answers import normalised
from harness.data.items import Item
from harness.data.saying import counted
from harness.data.taskdata import SplitName
from harness.records import Message

_LEAST = 20  # characters that conversations must share: many begin with the same greeting


def continued_remarks(splits: Mapping[SplitName, Sequence[Item]]) -> list[str]:
    """Of test rows whose conversation goes on in train or validation, or goes on from there."""
    rows = continued(splits)
    if not rows:
        return []
    return [
        f"In {counted(rows)} of test the conversation is one that train or validation has too, shorter or longer, "
        "so that the answer to one may stand in the other. Name the column that tells conversations apart under "
        "`splits.group`."
    ]


def continued(splits: Mapping[SplitName, Sequence[Item]]) -> int:
    """How many test rows have the beginning of a row of train or validation as all their turns, or the reverse."""
    learnt = [item for name in ("train", "validation") for item in splits[name]]
    test = splits["test"]
    if not any(item.history for item in (*learnt, *test)):
        return 0
    told = [_beginnings(item) for item in learnt]
    whole, begun = {each[-1] for each in told}, {start for each in told for start in each[:-1]}
    asked = [_beginnings(item) for item in test]
    return sum(each[-1] in begun or not whole.isdisjoint(each[:-1]) for each in asked)


def _beginnings(item: Item) -> list[str]:
    """The conversation up to each of its turns that is long enough to tell it, and all of it."""
    turns = (*item.history, Message(role="user", content=item.text))
    so_far, found = "", []
    for turn in turns:
        so_far += f"\0{turn.role}\1{normalised(turn.content)}"
        if len(so_far) >= _LEAST:
            found.append(so_far)
    return found if found and found[-1] == so_far else [*found, so_far]
