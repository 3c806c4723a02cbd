"""Cuts the oldest turns of a query's history until its prompt fits the model.

window 512, prompt 700   system, 9 earlier turns, text   -> system, the last 5 turns, text: 498 tokens

The text itself is never cut here, nor are system turns: a query that does not fit without any earlier turn is left
with none, and the model says that it is too long.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from typing import NamedTuple

from harness.models import ChatModel, Request
from harness.records import Brief, Message, Query

CUT = {"truncated": "history"}
"""The note of a prediction for whose prompt turns were cut."""
_ROUND = 64  # tokens that a template may put round a turn, from above


class Trimmed(NamedTuple):
    """A query as it is asked.

    Attributes:
        query: With what is left of its history.
        request: Its prompt.
        cut: How many of its turns were cut.
    """

    query: Query
    request: Request
    cut: int


def noted(notes: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """Both together; of what was truncated in each, both are named."""
    joined = {**notes, **more}
    both = [each["truncated"] for each in (more, notes) if "truncated" in each]
    return {**joined, "truncated": ", ".join(dict.fromkeys(both))} if both else joined


def room(model: ChatModel, brief: Brief) -> int:
    """Tokens that a prompt may have, so that the longest answer still fits."""
    return model.window - brief.max_output_tokens


def trimmed(model: ChatModel, query: Query, build: Callable[[Query], Request], limit: int) -> Trimmed:
    """The query with as many of its latest turns as fit, and its prompt.

    Args:
        model: Counts tokens.
        query: What is asked.
        build: Makes a query's prompt, the same way at every call.
        limit: Tokens that a prompt may have.
    """
    whole = build(query)
    turns = [turn for turn in query.history if turn.role != "system"]
    if not turns or surely_fits(whole, limit) or model.tokens(whole) <= limit:
        return Trimmed(query, whole, 0)

    def fits(cut: int) -> bool:
        return model.tokens(build(without_oldest(query, cut))) <= limit

    cut = min(bisect_left(range(len(turns) + 1), True, lo=1, key=fits), len(turns))
    shorter = without_oldest(query, cut)
    return Trimmed(shorter, build(shorter), cut)


def without_oldest(query: Query, turns: int) -> Query:
    """The query without that many of its oldest turns; system turns do not count and stay."""
    kept: list[Message] = []
    for turn in query.history:
        if turn.role == "system" or turns <= 0:
            kept.append(turn)
        else:
            turns -= 1
    return query.model_copy(update={"history": tuple(kept)})


def surely_fits(request: Request, limit: int) -> bool:
    """Whether a prompt fits however it is cut into tokens, each of which is at least a byte."""
    sizes = (len(message.content.encode("utf-8", "replace")) + _ROUND for message in request.messages)
    return sum(sizes) + _ROUND <= limit
