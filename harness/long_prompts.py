"""Prompts that do not fit a chat model's window: the query's text in them is cut, or asked chunk by chunk.

    head, middle    the text is cut until the prompt and its answer fit; the answer is read as any other
    chunks          each chunk is asked by itself, and what comes back becomes one answer:
      label         the label with the highest mean probability, or else the one that most chunks say
      labels        all labels that any chunk says
      fields        of each field the first value that is not null, lists joined
      text          asked once more, with the chunks' answers in the text's stead

Only what a model refused as too long is touched. All around the text, demonstrations and passages too, stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from harness.answers import whole_object
from harness.long import Cut, pieces
from harness.models import Answered, ChatModel, Completion, Request
from harness.records import Brief, Failed, Message, Prediction, Query

_SMALLER = 4  # times that a limit is lowered where a model refuses what should fit
_DEEPEST = 3  # times that answers are merged in groups before the merged ones are cut
_MERGE = "It was too long to be read at once. These are the answers to its parts, in order; make one of them:"


class Shortened(Completion):
    """What came back for a query whose text was too long for one prompt.

    Attributes:
        how: What was done with it.
        asked_in: How many prompts it was put in.
        parts: What is to be read: one completion, or one for each chunk.
    """

    how: Cut
    asked_in: int = 1
    parts: tuple[Completion, ...]


class Put(NamedTuple):
    """A query's prompt, and the text in its last turn that may be cut."""

    query: Query
    request: Request
    text: str

    def tokens(self, model: ChatModel, text: str) -> int:
        return model.tokens(self.holding(text))

    def holding(self, text: str) -> Request:
        """The same prompt with another text."""
        *before, last = self.request.messages
        start, _, end = last.content.rpartition(self.text)
        turn = Message(role=last.role, content=start + text + end)
        return self.request.model_copy(update={"messages": (*before, turn)})


class Answer(NamedTuple):
    """A query and what came back for it."""

    query: Query
    completion: Completion | Failed


def is_too_long(completion: Completion | Failed) -> bool:
    return isinstance(completion, Failed) and completion.kind == "too-long"


def ask(model: ChatModel, brief: Brief, how: Cut, puts: Sequence[Put], depth: int = 0) -> Iterator[Answer]:
    """Asks prompts that are too long as they stand; one answer for each.

    Args:
        model: Who is asked.
        brief: The task.
        how: What is done with the text.
        puts: The prompts.
        depth: How many times answers were merged already.
    """
    waiting = {i: _room(model, put) for i, put in enumerate(puts)}
    for _ in range(_SMALLER):
        parts = {i: _parts(model, puts[i], how, room) for i, room in waiting.items()}
        found = _complete(model, parts)
        refused = {i for i in waiting if any(is_too_long(each) for each in found[i])}
        done = {i: found[i] for i in waiting if i not in refused}
        yield from _merged(model, brief, how, {i: (puts[i], each) for i, each in done.items()}, depth)
        waiting = {i: waiting[i] - max(1, waiting[i] // 8) for i in refused if parts[i]}
        refusals = {i: next(each for each in found[i] if is_too_long(each)) for i in refused}
        yield from (Answer(puts[i].query, refusals[i]) for i in refused - set(waiting))
        if not waiting:
            return
    yield from (Answer(puts[i].query, refusals[i]) for i in waiting)


def _room(model: ChatModel, put: Put) -> int:
    """Tokens that a prompt may have beside its answer, so that it is shorter than it is."""
    request = put.request
    turns = request.messages
    bare = model.tokens(request.model_copy(update={"messages": (*turns, Message(role="assistant", content=""))}))
    longest = max(
        (
            1 + model.tokens(request.model_copy(update={"messages": (*turns, said)})) - bare
            for choice in request.choices
            for said in [Message(role="assistant", content=choice)]
        ),
        default=request.max_tokens,
    )
    return min(model.window - longest, model.tokens(request) - 1)


def _parts(model: ChatModel, put: Put, how: Cut, room: int) -> list[Request]:
    """The prompts that a query is put in; none where even without its text it does not fit."""
    if not put.text or put.text not in put.request.messages[-1].content:
        return []
    return [put.holding(p.text) for p in pieces(put.text, how, room, lambda text: put.tokens(model, text))]


def _complete(model: ChatModel, parts: Mapping[int, Sequence[Request]]) -> dict[int, list[Completion | Failed]]:
    """What came back for each part, in order; everything is asked in one call."""
    asked = [(i, n, request) for i, requests in parts.items() for n, request in enumerate(requests)]
    found: dict[tuple[int, int], Completion | Failed] = {}
    answers: Iterator[Answered] = model.complete([request for *_, request in asked]) if asked else iter(())
    for answered in answers:
        i, n, _ = asked[answered.index]
        found[i, n] = answered.completion
    none = Failed(query_id="", kind="too-long", error="the prompt does not fit the window even without its text")
    return {i: [found[i, n] for n in range(len(requests))] or [none] for i, requests in parts.items()}


def _merged(
    model: ChatModel,
    brief: Brief,
    how: Cut,
    found: Mapping[int, tuple[Put, Sequence[Completion | Failed]]],
    depth: int,
) -> Iterator[Answer]:
    """One completion a query; free texts of several chunks are merged by asking again."""
    again: dict[str, tuple[Put, int]] = {}
    for put, parts in found.values():
        failed = next((each for each in parts if isinstance(each, Failed)), None)
        said = tuple(each for each in parts if isinstance(each, Completion))
        if failed is not None:  # what was not read may be what decides
            yield Answer(put.query, failed)
        elif brief.kind == "text" and len(said) > 1:
            listed = "\n\n".join(f"[{n}] {each.text.strip()}" for n, each in enumerate(said, start=1))
            text = f"{_MERGE}\n\n{listed}"
            again[put.query.id] = (Put(put.query, put.holding(text), text), len(said))
        else:
            yield Answer(put.query, _shortened(how, said, len(said)))
    puts = [put for put, _ in again.values()]
    first = _complete(model, {i: [put.request] for i, put in enumerate(puts)})
    long = [puts[i] for i, [each] in first.items() if is_too_long(each)]
    deeper: Cut = "chunks" if depth < _DEEPEST else "head"
    answers = [Answer(puts[i].query, each) for i, [each] in first.items() if not is_too_long(each)]
    for query, completion in (*answers, *(ask(model, brief, deeper, long, depth + 1) if long else ())):
        if isinstance(completion, Completion):
            yield Answer(query, _shortened(how, (completion,), again[query.id][1]))
        else:
            yield Answer(query, completion)


def _shortened(how: Cut, parts: tuple[Completion, ...], asked_in: int) -> Shortened:
    known = {name: getattr(parts[0], name) for name in Completion.model_fields}
    return Shortened(**known, how=how, parts=parts, asked_in=asked_in)


def join(brief: Brief, shortened: Shortened, read: Sequence[Prediction | Failed]) -> Prediction | Failed:
    """One outcome of what was read in each part; a part that says nothing has no say.

    Args:
        brief: The task.
        shortened: What came back.
        read: Each part as an outcome, in order.
    """
    said = [each for each in read if isinstance(each, Prediction)]
    if not said:
        return read[0]
    outcome = said[0]
    if len(said) > 1:
        outcome = outcome.model_copy(update=_JOINED[brief.kind](brief, said))
    notes = {key: value for each in said for key, value in each.notes.items()} | {"long": shortened.how}
    if shortened.how == "chunks":
        notes["chunks"] = str(shortened.asked_in)
    return outcome.model_copy(update={"notes": notes})


def _label(brief: Brief, said: Sequence[Prediction]) -> dict[str, object]:
    if all(each.probabilities for each in said):
        mean = {
            label: sum((each.probabilities or {}).get(label, 0.0) for each in said) / len(said)
            for label in dict.fromkeys(label for each in said for label in each.probabilities or {})
        }
        return {"answers": (max(mean, key=lambda label: mean[label]),), "probabilities": mean}
    # The first of equals, as Counter keeps the order in which they came.
    votes = Counter(each.answers[0] for each in said)
    return {"answers": (votes.most_common(1)[0][0],), "probabilities": None}


def _labels(brief: Brief, said: Sequence[Prediction]) -> dict[str, object]:
    named = {label for each in said for label in each.answers}
    return {"answers": tuple(label for label in brief.labels if label in named), "probabilities": None}


def _fields(brief: Brief, said: Sequence[Prediction]) -> dict[str, object]:
    return {"answers": (whole_object([each.answers[0] for each in said]),)}


def _text(brief: Brief, said: Sequence[Prediction]) -> dict[str, object]:
    return {}  # merged by asking again


_JOINED = {"label": _label, "labels": _labels, "fields": _fields, "text": _text}
