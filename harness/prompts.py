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
from collections.abc import Mapping, Sequence

from pydantic import Field, field_validator, model_validator

from harness.answers import alias_names, find_all_named, find_object, may_go_on, named, normalised, own_names
from harness.errors import SuiteError, suggest
from harness.models import Completion, Request
from harness.records import Brief, Example, Failed, Message, Prediction, Query, Record
from harness.turns import ASSISTANT_FIRST, alternating, begun_by_user


class Wording(Record):
    """How a question is put. Every field has the plain default, so that a variation names what it varies."""

    system: str | None = Field(None, description="System message; without it the model's own default stands.")
    instructions: str | None = Field(None, min_length=1, description="Instead of the task's own instructions.")
    answer_format: str | None = Field(
        None,
        description="The sentence that names the allowed answers, `{labels}` standing for them and `{list}` "
        "for them one a line; empty for none.",
    )
    query: str = Field("{text}", description="What stands round a text, `{text}` standing for it.")
    label_words: Mapping[str, str] = Field({}, description="Label to the word that is asked for in its stead.")
    scale: int | None = Field(
        None,
        ge=2,
        le=100,
        description="Ask for a number from 1 to this instead; the labels, in the suite's order, share it equally.",
    )

    @field_validator("query")
    @classmethod
    def _has_the_text(cls, value: str) -> str:
        if "{text}" not in value:
            raise ValueError(f"query {value!r} leaves the text out; put {{text}} where it belongs")
        return value

    @model_validator(mode="after")
    def _one_way_to_answer(self) -> Wording:
        if self.scale and self.label_words:
            raise ValueError("scale and label_words each replace the labels; give one of them")
        return self

    def word(self, label: str, brief: Brief) -> str:
        """What is asked for in a label's stead: this wording's word, else the task's, else the label itself."""
        return self.label_words.get(label, brief.label_words.get(label, label))

    def words(self, brief: Brief) -> dict[str, str]:
        """What the model may say, in order, and the label that each stands for.

        On a scale of `m` for `n` labels, number `i` stands for label `(i - 1) * n // m`, counted from 0.
        """
        labels = list(brief.labels)
        if self.scale and brief.kind == "label" and labels:
            return {str(i + 1): labels[i * len(labels) // self.scale] for i in range(self.scale)}
        return {self.word(label, brief): label for label in labels}

    def check(self, brief: Brief) -> None:
        """Refuses what this task cannot be asked with.

        Raises:
            SuiteError: For words of unknown labels, one word for two labels, or a scale that does not fit.
        """
        for label in self.label_words:
            if label not in brief.labels:
                raise SuiteError(f"label_words: no label {label!r}; {suggest(label, brief.labels)}")
        if len({normalised(self.word(label, brief)) for label in brief.labels}) < len(brief.labels):
            raise SuiteError(f"label_words {dict(self.label_words)!r}: two labels have the same word")
        if self.scale and (brief.kind != "label" or len(brief.labels) > self.scale):
            raise SuiteError(
                f"scale {self.scale!r} needs a task of kind 'label' with at most as many labels; "
                f"this one is of kind {brief.kind!r} with {len(brief.labels)} labels"
            )


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


def read(
    brief: Brief, query_id: str, completion: Completion | Failed, wording: Wording | None = None
) -> Prediction | Failed:
    """What a completion says, as a prediction; a failure where it says nothing that the task allows."""
    if isinstance(completion, Failed):
        return completion.model_copy(update={"query_id": query_id})
    wording = wording or Wording()
    text = completion.text.strip()
    if brief.kind == "label":
        return _read_label(brief, query_id, completion, wording)
    if brief.kind == "labels":
        those = find_all_named(text, own_names(brief) | wording.words(brief))
        if those is None:
            return _not_a_label(query_id, text)
        return Prediction(query_id=query_id, answers=tuple(those))
    notes = {"truncated": "answer"} if completion.finish == "length" else {}
    if not text:
        return Failed(query_id=query_id, kind="empty", error="the model answered with nothing")
    if brief.kind == "fields":
        found = find_object(text)
        if found is None:
            error = f"the model answered {text[:80]!r}, in which there is no JSON object"
            if completion.finish == "length":
                error += f"; it was cut at {brief.max_output_tokens} tokens (max_output_tokens)"
            return Failed(query_id=query_id, kind="not-json", error=error)
        text = found
    return Prediction(query_id=query_id, answers=(text,), notes=notes)


def _read_label(brief: Brief, query_id: str, completion: Completion, wording: Wording) -> Prediction | Failed:
    words = wording.words(brief)
    by_label: dict[str, float] = {}
    for word, probability in (completion.probabilities or {}).items():
        by_label[words[word]] = by_label.get(words[word], 0.0) + probability
    asked, known = alias_names(brief) | words, own_names(brief)
    found = named(completion.text, asked) or named(completion.text, known)
    if len(found) != 1:
        return _not_a_label(query_id, completion.text)
    label = found.pop()
    cut = completion.finish == "length" and completion.asked != "likelihood"
    if cut and may_go_on(completion.text, [*asked, *known]):
        error = f"the answer {completion.text.strip()[-80:]!r} was cut where it may go on to another label"
        return Failed(query_id=query_id, kind="truncated", error=error)
    if wording.scale and by_label:
        # Several numbers of a scale stand for one label: together they may outweigh the likeliest number.
        label = max(by_label, key=lambda each: by_label[each])
    return Prediction(query_id=query_id, answers=(label,), probabilities=by_label or None)


def _not_a_label(query_id: str, text: str) -> Failed:
    error = f"the model answered {text.strip()[:80]!r}, which names no label"
    return Failed(query_id=query_id, kind="not-a-label", error=error)
