"""The keys that answers are kept under.

v1:3f9a…   a SHA-256 over model, messages, choices, schema, length, temperature, draw, repeat and hardware
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from harness.models import Request

VERSION = "v1"  # of what a key is made from; a new one leaves the old answers unused


def request_key(identity: str, request: Request, *, repeat: int = 0, hardware: str = "") -> str:
    """The key of an answer: a SHA-256 over all that the answer depends on.

    `query_id` is left out: two queries of the same words have the same answer. The order of a schema's
    properties counts, because models write them in that order.

    Args:
        identity: The model's: name, revision and weights.
        request: What is asked.
        repeat: Which repetition of the run: repeats are fresh draws.
        hardware: Where a local model runs, so that its seconds are never taken for another machine's.
    """
    content = {
        "identity": identity,
        "messages": [[m.role, m.content] for m in request.messages],
        "choices": list(request.choices),
        "answer_schema": request.answer_schema,
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "sample": request.sample,
        "repeat": repeat,
        "hardware": hardware,
    }
    return hashed(json.dumps(content, separators=(",", ":"), default=_plain))


def hashed(text: str) -> str:
    """The key of what a text says in full."""
    return f"{VERSION}:{hashlib.sha256(text.encode()).hexdigest()}"


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{value!r} in an answer schema is not JSON")
