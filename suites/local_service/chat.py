r"""A chat completion: OpenAI's body to a request of ours, and our completion to OpenAI's reply.

A schema whose one property is an enum is answered by likelihood: that of each value to its end. It is given back
as the JSON that was asked for, {"answer": "positive"}, with the probabilities of its tokens among those that
lead to one of the values, which is what a server gives that masks its logits by the schema.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from harness import Completion, Failed, Request
from harness.serving import chatting
from harness.serving.limits import Limits
from harness.serving.refusing import Refused
from suites.local_service.engine import Engine, Form

_MOST_ALTERNATIVES = 20


@dataclass(frozen=True)
class Served:
    """A model as it is asked.

    Attributes:
        name: What replies call it.
        tuned: Its folder; None for the base.
        form: In which form it says the value of an enum: the bare value, or the JSON round it, as it was tuned.
    """

    name: str
    tuned: Path | None = None
    form: Form = "bare"


@dataclass(frozen=True)
class Asked:
    """A body that was understood.

    Attributes:
        model: Who is asked.
        request: What.
        said: Of a closed question, each choice of the request as it is given back.
        alternatives: How many of each token are told; None for no logprobs.
    """

    model: Served
    request: Request
    said: Mapping[str, str]
    alternatives: int | None


def ask(body: object, model: Served) -> Asked:
    """A body as a question.

    Raises:
        Refused: Something is wrong with it, or is not served.
    """
    if not isinstance(body, dict):
        raise Refused(400, "the body is not a JSON object")
    body = dict(body)
    told, most = body.pop("logprobs", None), body.pop("top_logprobs", None)
    if most is not None and not told:
        raise Refused(400, "top_logprobs needs logprobs: true", param="top_logprobs")
    if most is not None and (not isinstance(most, int) or not 0 <= most <= _MOST_ALTERNATIVES):
        raise Refused(400, f"top_logprobs is 0 to {_MOST_ALTERNATIVES}", param="top_logprobs")
    request = chatting.request(body | {"model": model.name}, model.name, Limits())
    said: dict[str, str] = {}
    closed = _closed(request.answer_schema)
    if closed is not None:
        name, values = closed
        texts = {value: json.dumps({name: value}, ensure_ascii=False) for value in values}
        said = texts if model.form == "bare" else {text: text for text in texts.values()}
        request = request.model_copy(update={"choices": tuple(said), "answer_schema": None})
    return Asked(model, request, said, (most or 0) if told else None)


def reply(asked: Asked, completion: Completion | Failed, engine: Engine) -> dict[str, Any]:
    """The completion as OpenAI's clients read it.

    Raises:
        Refused: The model cannot answer this request.
    """
    if isinstance(completion, Failed):
        code = "context_length_exceeded" if completion.kind == "too-long" else completion.kind
        raise Refused(400, completion.error, param="messages", code=code)
    usage, text = completion.usage, asked.said.get(completion.text, completion.text)
    written = len(engine.pieces(text)) + 1 if asked.said else usage.output_tokens
    logprobs = None
    if asked.said and completion.logprobs is not None and asked.alternatives is not None:
        scored = {said: completion.logprobs[choice] for choice, said in asked.said.items()}
        logprobs = {"content": tokens(text, scored, engine, asked.alternatives), "refusal": None}
    return {
        "id": f"chatcmpl-{uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": asked.model.name,
        "system_fingerprint": engine.fingerprint(asked.model.tuned),
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text, "refusal": None},
                "finish_reason": "length" if completion.finish == "length" else "stop",
                "logprobs": logprobs,
            }
        ],
        "usage": {
            "prompt_tokens": usage.input_tokens,
            "completion_tokens": written,
            "total_tokens": usage.input_tokens + written,
            "prompt_tokens_details": {"cached_tokens": 0},
        },
    }


def tokens(text: str, scored: Mapping[str, float], engine: Engine, most: int) -> list[dict[str, Any]]:
    """The tokens of an answer, each with its probability given that the answer is one of those scored.

    Args:
        text: The answer.
        scored: The log-likelihood of each possible answer, this one too.
        engine: Cuts answers into tokens.
        most: How many alternatives of each token are told.
    """
    top = max(scored.values())
    weights = {tuple(engine.pieces(said)): math.exp(value - top) for said, value in scored.items()}
    path = engine.pieces(text)
    found = []
    for place, piece in enumerate(path):
        ahead: dict[str, float] = {}
        for pieces, weight in weights.items():
            if list(pieces[:place]) == path[:place] and len(pieces) > place:
                ahead[pieces[place]] = ahead.get(pieces[place], 0.0) + weight
        total = math.fsum(ahead.values())
        logs = {p: _log(weight / total) for p, weight in ahead.items()}
        ranked = sorted(logs.items(), key=lambda pair: -pair[1])[:most]
        found.append(_token(piece, logs[piece]) | {"top_logprobs": [_token(*pair) for pair in ranked]})
    return found


def _token(piece: str, logprob: float) -> dict[str, Any]:
    return {"token": piece, "logprob": logprob, "bytes": list(piece.encode())}


def _log(share: float) -> float:
    return math.log(share) if share > 0 else -9999.0  # as OpenAI writes what is next to impossible


def _closed(schema: Mapping[str, Any] | None) -> tuple[str, Sequence[str]] | None:
    """The one property of a schema and its values, where that is all there is to choose."""
    properties = (schema or {}).get("properties")
    if not isinstance(properties, dict) or len(properties) != 1 or (schema or {}).get("required") != [*properties]:
        return None
    ((name, held),) = properties.items()
    values = held.get("enum") if isinstance(held, dict) else None
    if not isinstance(values, list) or not values or not all(isinstance(v, str) for v in values):
        return None
    return name, list(dict.fromkeys(values))
