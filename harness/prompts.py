"""From a task and a query to a request; `harness.reading` is the way back, from a completion to a prediction.

Every strategy that asks a chat model shares this, so that two strategies which differ in one thing differ in
that alone. A prompt reads:

    user        Is the sentiment of this tweet positive, neutral or negative?
                Answer with one of: positive, neutral, negative.

                my flight was great
    assistant   positive                                  <- a demonstration
    user        the queue at gate 4, again
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from harness.models import Request
from harness.reading import read
from harness.records import Brief, Example, Message, Query
from harness.turns import ASSISTANT_FIRST, alternating, begun_by_user
from harness.wording import Wording

__all__ = ["Wording", "answer_text", "head", "read", "request"]

_FORMATS = {
    "label": "Answer with one of: {labels}.",
    "labels": "Answer with a JSON list of those that apply, out of: {labels}.",
    "fields": "Answer with one JSON object that satisfies this schema:\n{schema}",
    "text": "",
}


def head(brief: Brief, wording: Wording) -> str:
    """The part of the first user turn that every query shares."""
    words = wording.words(brief)
    # A comma inside a word would make two of it.
    listed = ("; " if any("," in word for word in words) else ", ").join(words)
    if wording.scale and words:
        ends = list(brief.labels)
        listed = f"1 ({ends[0]}) to {wording.scale} ({ends[-1]})"
    template = _FORMATS[brief.kind] if wording.answer_format is None else wording.answer_format
    if wording.scale and wording.answer_format is None:
        template = "Answer with a number from {labels}."
    elif brief.ordered and brief.kind == "label" and wording.answer_format is None:
        template = "Answer with one of: {labels} (a scale, in this order)."
    schema = json.dumps(brief.answer_schema, ensure_ascii=False) if brief.answer_schema else ""
    lines = [wording.instructions or brief.instructions]
    described = [
        f"- {word}: {more}" for k in brief.labels if (more := _more(brief, k, word := wording.word(k, brief)))
    ]
    if described:
        lines.append("\n".join(described))
    if template:
        by_line = "\n".join(f"- {word}" for word in words)
        lines.append(template.replace("{labels}", listed).replace("{list}", by_line).replace("{schema}", schema))
    return "\n".join(lines)


def _more(brief: Brief, label: str, word: str) -> str:
    """What a label's description says beyond the word that is asked for."""
    description = brief.labels[label]
    if word != label and description.startswith(word):
        return description.removeprefix(word).lstrip(" .:;\n")
    return "" if description == label else description


def answer_text(brief: Brief, targets: Sequence[str], wording: Wording) -> str:
    """What the model should have said for these targets: an assistant turn, shown or trained on."""
    if brief.kind == "labels":
        return json.dumps([wording.word(t, brief) for t in targets], ensure_ascii=False)
    first = targets[0] if targets else ""
    if brief.kind != "label":
        return first
    share = [word for word, label in wording.words(brief).items() if label == first]
    return share[len(share) // 2] if share else wording.word(first, brief)


def request(
    brief: Brief,
    query: Query,
    *,
    wording: Wording | None = None,
    demonstrations: Sequence[Example] = (),
    passages: Sequence[str] = (),
) -> Request:
    """The request for one query.

    Demonstrations come first and as turns of a conversation, so that what requests share is a prefix: a local
    engine computes it once. Passages stand beside the query that they were retrieved for. The instructions open
    the first question, and again one that follows a conversation of its own, which would bury them; where the
    answer is the conversation's next turn (kind `text`) they open that conversation instead.
    """
    wording = wording or Wording()
    messages = [] if wording.system is None else [Message(role="system", content=wording.system)]
    opening = head(brief, wording) + "\n\n"
    for number, example in enumerate(demonstrations):
        begin = opening if number == 0 or example.query.history else ""
        messages += _conversation(brief, example.query, begin, _turn(example.query, wording))
        messages.append(Message(role="assistant", content=answer_text(brief, example.targets, wording)))
    begin = opening if not demonstrations or query.history else ""
    context = "".join(f"[{i}] {passage}\n\n" for i, passage in enumerate(passages, start=1))
    messages += _conversation(brief, query, begin, context + _turn(query, wording))
    return Request(
        messages=alternating(messages),
        choices=tuple(wording.words(brief)) if brief.kind == "label" else (),
        answer_schema=brief.answer_schema,
        max_tokens=brief.max_output_tokens,
        query_id=query.id,
    )


def _conversation(brief: Brief, query: Query, opening: str, last: str) -> list[Message]:
    """The turns of a query, with the instructions where they belong."""
    turns = begun_by_user(query.history)
    first = next((i for i, turn in enumerate(turns) if turn.role == "user"), None)
    if brief.kind == "text" and first is not None:
        begun = turns[first].content
        begun = opening.strip() if begun == ASSISTANT_FIRST else opening + begun
        turns[first] = Message(role="user", content=begun)
        opening = ""
    return [*turns, Message(role="user", content=opening + last)]


def _turn(query: Query, wording: Wording) -> str:
    return wording.query.replace("{text}", query.text)
