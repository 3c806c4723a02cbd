"""From a task and a query to a request, and from a completion back to a prediction.

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
import re
import unicodedata
from collections.abc import Mapping, Sequence

from harness.models import Completion, Request
from harness.records import Brief, Example, Failed, Message, Prediction, Query, Record


class Wording(Record):
    """How a question is put. Every field has the plain default, so that a variation names what it varies.

    Attributes:
        system: The system message; None for none, so that the model's own default stands.
        instructions: Instead of the task's own.
        answer_format: The sentence that names the allowed answers; `{labels}` stands for them. None for the
            default of the task's kind, empty for none.
        query: What stands round the text; `{text}` stands for it.
        label_words: Label to the word that the model is asked to say for it.
    """

    system: str | None = None
    instructions: str | None = None
    answer_format: str | None = None
    query: str = "{text}"
    label_words: Mapping[str, str] = {}

    def word(self, label: str) -> str:
        return self.label_words.get(label, label)


_FORMATS = {
    "label": "Answer with one of: {labels}.",
    "labels": "Answer with a JSON list of those that apply, out of: {labels}.",
    "fields": "Answer with one JSON object that satisfies this schema:\n{schema}",
    "text": "",
}


def head(brief: Brief, wording: Wording) -> str:
    """The part of the first user turn that every query shares."""
    template = _FORMATS[brief.kind] if wording.answer_format is None else wording.answer_format
    labels = ", ".join(wording.word(label) for label in brief.labels)
    schema = json.dumps(brief.answer_schema, ensure_ascii=False) if brief.answer_schema else ""
    lines = [wording.instructions or brief.instructions]
    described = [f"- {wording.word(k)}: {v}" for k, v in brief.labels.items() if v and v != k]
    if described:
        lines.append("\n".join(described))
    if template:
        lines.append(template.replace("{labels}", labels).replace("{schema}", schema))
    return "\n".join(lines)


def answer_text(brief: Brief, targets: Sequence[str], wording: Wording) -> str:
    """What the model should have said for these targets: an assistant turn, shown or trained on."""
    if brief.kind == "labels":
        return json.dumps([wording.word(t) for t in targets], ensure_ascii=False)
    first = targets[0] if targets else ""
    return wording.word(first) if brief.kind == "label" else first


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
    engine computes it once. Passages stand beside the query that they were retrieved for.
    """
    wording = wording or Wording()
    messages = [] if wording.system is None else [Message(role="system", content=wording.system)]
    opening = head(brief, wording) + "\n\n"
    for example in demonstrations:
        messages.append(Message(role="user", content=opening + _turn(example.query, wording)))
        messages.append(Message(role="assistant", content=answer_text(brief, example.targets, wording)))
        opening = ""
    messages += query.history
    context = "".join(f"[{i}] {passage}\n\n" for i, passage in enumerate(passages, start=1))
    messages.append(Message(role="user", content=opening + context + _turn(query, wording)))
    closed = brief.kind == "label"
    return Request(
        messages=tuple(messages),
        choices=tuple(wording.word(label) for label in brief.labels) if closed else (),
        answer_schema=brief.answer_schema,
        max_tokens=brief.max_output_tokens,
        query_id=query.id,
    )


def _turn(query: Query, wording: Wording) -> str:
    return wording.query.replace("{text}", query.text)


def read(
    brief: Brief, query_id: str, completion: Completion | Failed, wording: Wording | None = None
) -> Prediction | Failed:
    """What a completion says, as a prediction; a failure where it says nothing that the task allows."""
    if isinstance(completion, Failed):
        return completion
    wording = wording or Wording()
    text = completion.text.strip()
    if brief.kind in ("text", "fields"):
        if not text:
            return Failed(query_id=query_id, kind="empty", error="the model answered with nothing")
        notes = {"truncated": "answer"} if completion.finish == "length" else {}
        return Prediction(query_id=query_id, answers=(text,), notes=notes)
    words = {wording.word(label): label for label in brief.labels}
    if brief.kind == "labels":
        named = find_labels(text, list(words))
        if named is None:
            return Failed(
                query_id=query_id,
                kind="not-a-label",
                error=f"the model answered {text[:80]!r}, which names no label",
            )
        return Prediction(query_id=query_id, answers=tuple(words[w] for w in named))
    word = find_label(text, list(words))
    if word is None:
        return Failed(
            query_id=query_id,
            kind="not-a-label",
            error=f"the model answered {text[:80]!r}, which names no label",
        )
    by_label = None
    if completion.probabilities is not None:
        by_label = {words[w]: p for w, p in completion.probabilities.items()}
    return Prediction(query_id=query_id, answers=(words[word],), probabilities=by_label)


def find_label(text: str, labels: Sequence[str]) -> str | None:
    """The one label that a text names: the text itself, else the only one that stands in it as a word.

    Where one label stands inside another (`refund` in `refund status`), the longer one wins.
    """
    plain = _plain(text)
    exact = [label for label in labels if _plain(label) == plain]
    if len(exact) == 1:
        return exact[0]
    found = _standing(plain, labels)
    return found[0] if len(found) == 1 else None


def find_labels(text: str, labels: Sequence[str]) -> list[str] | None:
    """The labels that a text names, as a JSON list or as words; None where it names none and says so nowhere."""
    match = re.search(r"\[.*?\]", text, flags=re.DOTALL)
    if match:
        try:
            listed = json.loads(match.group())
        except ValueError:
            listed = None
        if isinstance(listed, list):
            known = {_plain(label): label for label in labels}
            named = [known[_plain(str(item))] for item in listed if _plain(str(item)) in known]
            return list(dict.fromkeys(named)) if named or not listed else None
    if _plain(text) in ("none", "no label", "nothing"):
        return []
    return _standing(_plain(text), labels) or None


def _standing(plain: str, labels: Sequence[str]) -> list[str]:
    """Labels that stand in the text as whole words, longest first claim on their place."""
    found: list[str] = []
    for label in sorted(labels, key=len, reverse=True):
        pattern = rf"(?<!\w){re.escape(_plain(label))}(?!\w)"
        plain, count = re.subn(pattern, "\0", plain)
        if count:
            found.append(label)
    return [label for label in labels if label in found]


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"\s+", " ", folded).strip(" \t\n.,;:!?\"'`*()")


def normalised(text: str) -> str:
    """A text as it is compared: Unicode form, case and white space do not count.

    >>> normalised("Great  Flight!") == normalised("great flight!")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
