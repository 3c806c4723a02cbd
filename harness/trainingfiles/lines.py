"""One example of a training file, and its JSON.

supervised   {"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "positive"}]}
dpo          {"input": {"messages": […]}, "preferred_output": [{…}], "non_preferred_output": [{…}]}

OpenAI, Azure, Together and Fireworks take the same two forms; Mistral takes the first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from harness.finetuning import Method
from harness.prompts import answer_text, request
from harness.records import Brief, Example, Message, Query
from harness.wording import Wording

Turn = Mapping[str, Any]
"""A message as the file has it: role, content and whatever else stands there (`weight`, `tool_calls`)."""


class Line(NamedTuple):
    """One example.

    Attributes:
        prompt: The turns before the answer.
        answer: What the assistant should say: one turn.
        place: Where it comes from, such as ``reviews.csv line 4``.
        number: The same as a number: a line, a sheet's row, a list's item; 0 for none.
        rejected: What it should not say (DPO); empty for supervised.
        more: What else the line holds (`tools`).
    """

    prompt: tuple[Turn, ...]
    answer: tuple[Turn, ...]
    place: str = ""
    number: int = 0
    rejected: tuple[Turn, ...] = ()
    more: Mapping[str, Any] = {}

    @property
    def method(self) -> Method:
        return "dpo" if self.rejected else "supervised"


def supervised(
    brief: Brief, examples: Iterable[Example], wording: Wording | None = None, places: Sequence[str] = ()
) -> Iterator[Line]:
    """Lines that ask exactly what the tuned model will be asked, and answer it as the targets say.

    Only the answer is trained on: the assistant's earlier turns have weight 0.

    Args:
        brief: The task.
        examples: Their queries and targets.
        wording: How the question will be put.
        places: Where each comes from, for messages; without it its number and id.
    """
    wording = wording or Wording()
    for number, example in enumerate(examples, start=1):
        prompt = _prompt(brief, example.query, wording)
        answer = {"role": "assistant", "content": answer_text(brief, example.targets, wording)}
        place = places[number - 1] if places else f"example {number} ({example.query.id})"
        yield Line(unlearnt(prompt), (answer,), place, number)


class Pair(NamedTuple):
    """Two answers to one query, of which the first is better.

    Attributes:
        query: What is asked.
        chosen: The better answer, as the model should say it.
        rejected: The worse one.
        place: Where it comes from.
        number: The same as a number.
    """

    query: Query
    chosen: str
    rejected: str
    place: str = ""
    number: int = 0


def preferences(
    pairs: Iterable[Pair], brief: Brief | None = None, wording: Wording | None = None
) -> Iterator[Line]:
    """Lines for DPO.

    Args:
        pairs: Queries with two answers each.
        brief: The task whose prompt stands before a query; None where the query is the whole prompt.
        wording: How the question will be put; without a brief only its system message counts.
    """
    wording = wording or Wording()
    for pair in pairs:
        if brief is not None:
            prompt = _prompt(brief, pair.query, wording)
        else:
            system = [Message(role="system", content=wording.system)] if wording.system is not None else []
            prompt = (*system, *pair.query.history, Message(role="user", content=pair.query.text))
        answers = [({"role": "assistant", "content": text},) for text in (pair.chosen, pair.rejected)]
        yield Line(tuple(map(_turn, prompt)), answers[0], pair.place, pair.number, answers[1])


def unlearnt(messages: Iterable[Message]) -> tuple[Turn, ...]:
    """A prompt of which nothing is learnt: nobody chose what the assistant said before as a good answer."""
    return tuple({**_turn(each), "weight": 0} if each.role == "assistant" else _turn(each) for each in messages)


def text_of(line: Line) -> str:
    """The line of the file, without its end."""
    if line.rejected:
        content: dict[str, Any] = {
            "input": {"messages": line.prompt, **line.more},
            "preferred_output": line.answer,
            "non_preferred_output": line.rejected,
        }
    else:
        content = {"messages": (*line.prompt, *line.answer), **line.more}
    text = json.dumps(content, ensure_ascii=False)
    # Half a surrogate pair, which JSON can escape and UTF-8 cannot hold.
    return text if text.isascii() or _encodes(text) else json.dumps(content)


def said(turn: Turn) -> str:
    """The text of a turn; of one in parts, that of its text parts."""
    content = turn.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [part.get("text") or "" for part in content if isinstance(part, Mapping)]
        return "\n".join(part for part in parts if isinstance(part, str))
    return ""


def _prompt(brief: Brief, query: Query, wording: Wording) -> tuple[Message, ...]:
    return request(brief, query, wording=wording).messages


def _turn(message: Message) -> Turn:
    return {"role": message.role, "content": message.content}


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
