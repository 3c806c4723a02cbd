r"""A training file, read and judged.

{"messages": [{"role": "user", "content": "Is …\n\nmy flight was great"},
              {"role": "assistant", "content": "positive"}]}
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from harness import Message

MINIMUM = 10  # examples, as with OpenAI
_SAID = 3  # wrong lines that a message names


class Wrong(Exception):
    """A training file that no job takes; the message names its first wrong lines."""


@dataclass(frozen=True)
class Chat:
    """A conversation whose last turn is to be learnt.

    Attributes:
        messages: The turns before it.
        answer: The last turn.
        earlier: Whether the assistant's earlier turns are learnt too: not where any of them has weight 0.
    """

    messages: tuple[Message, ...]
    answer: str
    earlier: bool = True

    @property
    def is_object(self) -> bool:
        """Whether its answer is a JSON object."""
        try:
            return isinstance(json.loads(self.answer), dict)
        except (ValueError, RecursionError):
            return False


class _Turn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: Literal["system", "user", "assistant"]
    content: str
    weight: Literal[0, 1] | None = None


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    messages: list[_Turn]


def read(data: bytes, least: int = MINIMUM) -> list[Chat]:
    """The conversations of a file.

    Raises:
        Wrong: It is no chat JSONL, or holds fewer than `least`.
    """
    found: list[Chat] = []
    wrong: list[str] = []
    lines = data.decode("utf-8-sig", errors="replace").split("\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.append(_chat(line))
        except ValueError as error:
            wrong.append(f"line {number}: {error}")
    if wrong:
        more = f" and {len(wrong) - _SAID} more" if len(wrong) > _SAID else ""
        raise Wrong(f"Invalid file format. {'; '.join(wrong[:_SAID])}{more}")
    if len(found) < least:
        raise Wrong(f"Training file has {len(found)} example(s), but must have at least {least} examples")
    return found


def answers_are_objects(chats: Sequence[Chat]) -> bool:
    """Whether the file teaches to answer with JSON objects."""
    return bool(chats) and all(chat.is_object for chat in chats)


def _chat(line: str) -> Chat:
    try:
        held = _Line.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "line"
        raise ValueError(f"{where}: {first['msg']}") from None
    roles = [turn.role for turn in held.messages]
    if roles[-2:] != ["user", "assistant"]:
        raise ValueError("the last two messages must be a user's and the assistant's answer")
    if not held.messages[-1].content.strip():
        raise ValueError("the assistant's answer is empty")
    if any(turn.weight is not None for turn in held.messages if turn.role != "assistant"):
        raise ValueError("weight is for the assistant's turns")
    if held.messages[-1].weight == 0:
        raise ValueError("the last answer has weight 0: nothing would be learnt")
    turns = tuple(Message(role=turn.role, content=turn.content) for turn in held.messages)
    return Chat(turns[:-1], turns[-1].content, earlier=all(turn.weight != 0 for turn in held.messages))
