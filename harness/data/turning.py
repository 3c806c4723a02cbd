r"""From a cell to the turns of a conversation, whichever way it writes them.

'[{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]'     JSON messages
'{"conversations": [{"from": "human", "value": "hi"}, {"from": "gpt", "value": "hello"}]}'
'Customer: hi\nAgent: hello\nhow can I help?'                                         a line for each turn
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from harness.data.saying import quoted
from harness.records import Message

Role = Literal["system", "user", "assistant"]
_KNOWN: dict[Role, tuple[str, ...]] = {
    "user": ("user", "human", "customer", "caller", "client", "visitor", "patient", "guest", "member"),
    "assistant": (
        *("assistant", "agent", "support", "bot", "chatbot", "ai", "model", "gpt", "chatgpt"),
        *("operator", "representative", "rep", "advisor", "adviser", "staff"),
    ),
    "system": ("system", "developer"),
}
SPEAKERS: Mapping[str, Role] = {name: role for role, names in _KNOWN.items() for name in names}
"""Who speaks, in small letters, to the role that they have without a word from the suite."""

_JSON = re.compile(r"\s*(\{|\[\s*[\[\]{\"'])")
_WHEN = r"(?:\[[^\]\n]{1,30}\]|\(?\d{1,2}:\d{2}(?::\d{2})?\)?)?"
_LINE = re.compile(rf"\s*{_WHEN}\s*([^:\n]{{1,40}}?)\s*:(?!//)\s*(.*)", re.DOTALL)
_NAME = re.compile(r"[A-Z][A-Za-z]+")
_LISTS = ("messages", "conversations", "conversation", "turns")
_WHO = ("role", "from", "speaker")
_WHAT = ("content", "value", "text")


@dataclass(frozen=True)
class Turning:
    """Reads cells.

    Attributes:
        speakers: Name to role, of the suite; they come before those that are known anyway.
        strangers: Words that begin a line as a speaker does and are none, with how many cells have them.
    """

    speakers: Mapping[str, Role] = field(default_factory=dict)
    strangers: Counter[str] = field(default_factory=Counter)

    def turns(self, cell: str) -> tuple[Message, ...]:
        """The turns of a cell; none of a blank one. What says nothing is no turn.

        Raises:
            ValueError: Says which turn is wrong, and how.
        """
        if not cell.strip():
            return ()
        return self._messages(cell) if _JSON.match(cell) else self._lines(cell)

    def role(self, name: str) -> Role | None:
        """Whose part a name has; the number of ``Agent 2`` does not count."""
        own = {each.casefold(): role for each, role in self.speakers.items()}
        for each in (name.strip().casefold(), name.strip().casefold().rstrip("0123456789# ")):
            if each in own or each in SPEAKERS:
                return own.get(each) or SPEAKERS[each]
        return None

    def _messages(self, cell: str) -> tuple[Message, ...]:
        try:
            found: object = json.loads(cell)
        except (ValueError, RecursionError) as error:
            hint = "; Python's quotes are not JSON's: write it with json.dumps" if "'" in cell[:10] else ""
            raise ValueError(f"the turns {quoted(cell)} are not JSON: {error}{hint}") from error
        if isinstance(found, dict):
            found = next((found[name] for name in _LISTS if name in found), found)
        if not isinstance(found, list):
            raise ValueError(
                f'the turns {quoted(cell)} are no list such as [{{"role": "user", "content": "hello"}}]'
            )
        read = (self._message(number, each) for number, each in enumerate(found, start=1))
        return tuple(message for message in read if message.content.strip())

    def _message(self, number: int, said: object) -> Message:
        if not isinstance(said, dict):
            raise ValueError(f'turn {number} is {quoted(str(said))}, no {{"role": …, "content": …}}')
        who = next((said[name] for name in _WHO if name in said), None)
        if not isinstance(who, str):
            raise ValueError(f"turn {number} has no role: it has {', '.join(map(repr, said)) or 'nothing'}")
        role = self.role(who)
        if role is None:
            raise ValueError(f"turn {number} has the role {quoted(who)}, {_unknown(who)}")
        what = next((said[name] for name in _WHAT if name in said), None)
        return Message(role=role, content=_content(what, number))

    def _lines(self, cell: str) -> tuple[Message, ...]:
        turns: list[tuple[Role, list[str]]] = []
        strangers = set()
        for line in cell.splitlines():
            begun = _LINE.match(line)
            role = self.role(begun[1]) if begun else None
            if begun and role:
                turns.append((role, [begun[2]]))
            elif turns:
                turns[-1][1].append(line)
                if begun and _NAME.fullmatch(begun[1]):
                    strangers.add(begun[1])
            elif line.strip():
                who = f"{quoted(begun[1])} begins the turns, {_unknown(begun[1])}" if begun else None
                raise ValueError(
                    who
                    or f"the turns begin with {quoted(line)}; each begins with who speaks, such as 'Customer: …'"
                )
        self.strangers.update(strangers)
        read = ((role, "\n".join(lines).strip()) for role, lines in turns)
        return tuple(Message(role=role, content=content) for role, content in read if content)


def _content(what: object, number: int) -> str:
    """A message's text; of OpenAI's content parts that of all of them."""
    if isinstance(what, list) and what:
        parts = [part.get("text") if isinstance(part, dict) else part for part in what]
        if all(isinstance(part, str) for part in parts):
            return "\n".join(map(str, parts))
    if not isinstance(what, str):
        raise ValueError(
            f"turn {number} has no text: its content is {quoted(json.dumps(what, ensure_ascii=False))}; images "
            "and calls of tools are not taken"
        )
    return what


def _unknown(who: str) -> str:
    return (
        "which is nobody known: say which part it has with `speakers`, such as "
        f"`speakers: {{{who.strip()}: user}}` (or assistant, or system)"
    )
