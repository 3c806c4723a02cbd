"""POST /predict: a query or a list of them, as the strategy answers it.

{"text": "my flight was great", "history": [{"role": "user", "content": "…"}], "metadata": {"channel": "mail"}}
{"answer": "positive", "answers": ["positive"], "probability": 0.93, "probabilities": {…}, "failure": null}
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import count

from pydantic import Field, ValidationError

from harness.records import Failed, Message, Prediction, Query, Record
from harness.serving.limits import Limits
from harness.serving.refusing import Refused, misread
from harness.strategy import Fitted

_numbers = count(1)


class Asked(Record):
    """What a caller may say of a query."""

    text: str = Field(min_length=1)
    history: tuple[Message, ...] = ()
    metadata: Mapping[str, str] = {}


def queries(body: object, limits: Limits, metadata: Sequence[str]) -> list[Query]:
    """The queries of a body, each with an id of its own.

    Args:
        body: As JSON has it: one query, or a list.
        limits: What is too much.
        metadata: The task's columns; those not given are empty, others are refused.

    Raises:
        Refused: Something is wrong with it.
    """
    given = body if isinstance(body, list) else [body]
    if not given:
        raise Refused(400, "the list is empty: give at least one text")
    if len(given) > limits.texts:
        raise Refused(413, f"{len(given)} texts in one call: at most {limits.texts} are taken", code="too_many")
    return [_query(each, place, limits, metadata) for place, each in enumerate(given)]


def _query(each: object, place: int, limits: Limits, metadata: Sequence[str]) -> Query:
    if not isinstance(each, dict):
        raise Refused(400, f'text {place + 1}: it is no object such as {{"text": "…"}}')
    try:
        asked = Asked.model_validate(each)
    except ValidationError as error:
        raise misread(error, f"text {place + 1}: ") from None
    if not asked.text.strip():
        raise Refused(400, f"text {place + 1}: it is blank", param="text")
    characters = len(asked.text) + sum(len(turn.content) for turn in asked.history)
    if characters > limits.characters:
        said = f"text {place + 1} has {characters:,} characters: at most {limits.characters:,} are taken"
        raise Refused(413, said, param="text", code="too_long")
    unknown = sorted(set(asked.metadata) - set(metadata))
    if unknown:
        listed = ", ".join(metadata) or "none"
        raise Refused(
            400, f"text {place + 1}: no metadata {unknown[0]!r}; the task has: {listed}", param="metadata"
        )
    return Query(
        id=f"served-{next(_numbers)}",
        text=asked.text,
        history=asked.history,
        metadata={name: asked.metadata.get(name, "") for name in metadata},
    )


def answers(fitted: Fitted, asked: Sequence[Query]) -> list[dict[str, object]]:
    """What the strategy says, in the order of the queries."""
    found = {result.query_id: result for result in fitted.answer(asked)}
    nothing = {
        q.id: Failed(query_id=q.id, kind="unanswered", error="the strategy gave no answer")
        for q in asked
        if q.id not in found
    }
    return [told(found.get(query.id) or nothing[query.id]) for query in asked]


def told(result: Prediction | Failed) -> dict[str, object]:
    """A result as callers get it."""
    if isinstance(result, Failed):
        failure = f"{result.kind}: {result.error}"
        return {"answer": None, "answers": [], "probability": None, "probabilities": None, "failure": failure}
    shares = result.probabilities
    one = result.answers[0] if len(result.answers) == 1 else json.dumps(result.answers, ensure_ascii=False)
    return {
        "answer": one,
        "answers": list(result.answers),
        "probability": (shares or {}).get(one),
        "probabilities": None if shares is None else dict(shares),
        "failure": None,
    }
