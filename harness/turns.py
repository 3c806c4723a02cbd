r"""A query with earlier turns: as one text, as a key to compare by, and as turns that chat templates take. Pure.

history   user: I lost my card / assistant: Shall I block it?      text   yes please
-> all_turns     "yes please\nShall I block it?\nI lost my card"
-> same_question the same for the same turns, whatever their case and spaces
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.answers import normalised
from harness.records import Message, Query

ASSISTANT_FIRST = "(The assistant speaks first.)"
"""Stands for the user where a conversation begins with the assistant: many chat templates refuse that."""


def all_turns(query: Query) -> str:
    """The text of all turns, a line each, for what sees a text and no roles: embedders, encoders, counts.

    The last turn stands first: what does not fit a window is cut at its end, so that the oldest turns go first.
    A query without history is its text as it stands.
    """
    return "\n".join([query.text, *(turn.content for turn in reversed(query.history))])


def same_question(text: str, history: Sequence[Message] = ()) -> str:
    """The same for two queries that ask the same: the same turns, up to case, spaces and Unicode form.

    >>> same_question("Yes  please") == same_question("yes please")
    True
    >>> same_question("yes please", [Message(role="user", content="A card?")]) == same_question("yes please")
    False
    """
    if not history:
        return normalised(text)
    return "\0".join([*(f"{turn.role}\1{normalised(turn.content)}" for turn in history), normalised(text)])


def key_of(query: Query) -> str:
    """`same_question` of a query."""
    return same_question(query.text, query.history)


def told(query: Query) -> str:
    """The text, and behind it what was said right before, for where one line is all the room there is."""
    if not query.history:
        return query.text
    last = query.history[-1]
    return f"{query.text}  (turn {len(query.history) + 1}, after {last.role}: {last.content})"


def characters(query: Query) -> int:
    """Of all turns together."""
    return len(query.text) + sum(len(turn.content) for turn in query.history)


def begun_by_user(history: Sequence[Message]) -> list[Message]:
    """Earlier turns that the user begins: a line that says so stands before an assistant who speaks first."""
    first = next((turn.role for turn in history if turn.role != "system"), None)
    begun = list(history)
    if first == "assistant":
        at = next(i for i, turn in enumerate(begun) if turn.role == "assistant")
        begun.insert(at, Message(role="user", content=ASSISTANT_FIRST))
    return begun


def alternating(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The same conversation as every chat template takes it: one system message first, then turns that alternate.

    Turns of one speaker in a row become one. A system message further down opens the next turn of the user; one
    that the conversation already begins with is not said again.
    """
    system: list[str] = []
    turns: list[Message] = []
    waiting: list[str] = []
    for message in messages:
        if message.role == "system":
            if message.content not in (*system, *waiting):
                (waiting if turns else system).append(message.content)
            continue
        if waiting:
            _say(turns, Message(role="user", content="\n\n".join(waiting)))
            waiting = []
        _say(turns, message)
    leading = [Message(role="system", content="\n\n".join(system))] if system else []
    return (*leading, *turns)


def _say(turns: list[Message], message: Message) -> None:
    if turns and turns[-1].role == message.role:
        message = Message(role=message.role, content=f"{turns.pop().content}\n\n{message.content}")
    turns.append(message)
