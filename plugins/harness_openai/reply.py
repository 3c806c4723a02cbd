r"""From an endpoint's reply to a completion. A reply is taken for what it holds, never for what it should hold.

{"choices": [{"message": {"content": "{\"answer\": \"positive\"}"}, "finish_reason": "stop"}],
 "usage": {"prompt_tokens": 41, "completion_tokens": 6}}
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from harness import CallFailed, Completion, Request, Usage
from harness.estimate import estimated_tokens
from harness_openai.likelihood import choice_probabilities
from harness_openai.problems import Secret

Finish = Literal["stop", "length", "filter", "unknown"]
_FINISH: dict[object, Finish] = {"stop": "stop", "length": "length", "content_filter": "filter"}


class Sent(NamedTuple):
    """What a reply answers.

    Attributes:
        request: The question.
        by_schema: Whether `response_format` went with it.
        name: The model's, for prices.
        input_tokens: An estimate, for an endpoint that does not tell.
    """

    request: Request
    by_schema: bool
    name: str
    input_tokens: int


def parse(content: bytes, secret: Secret) -> dict[str, Any]:
    """The reply's JSON object.

    Raises:
        CallFailed: `malformed`, where it is none.
    """
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        start = secret.short(content.decode("utf-8", errors="replace"))
        raise _malformed(f"the reply is not a JSON object but {start!r}; is base_url an API, such as …/v1?")
    return body


def completion(body: Mapping[str, Any], sent: Sent, secret: Secret) -> Completion:
    """The completion that a reply holds, without its seconds and request id.

    Raises:
        CallFailed: `malformed`, where it holds none; `refused`, where the model says that it will not answer.
    """
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise _malformed("the reply has no choices")
    finish = _FINISH.get(_hashable(choice.get("finish_reason")), "unknown")
    text = message.get("content")
    said_no = message.get("refusal")
    usage = _usage(body.get("usage"), sent, f"{text or ''}{said_no or ''}")
    if isinstance(said_no, str) and said_no and not text:
        raise CallFailed("refused", f"the model refused: {secret.short(said_no)}", usage=usage)
    if text is None and finish in ("length", "filter"):
        text = ""
    if not isinstance(text, str):
        raise _malformed("the reply's message has no text", usage)
    text = _unicode(text)
    answer = _unwrapped(text, sent)
    logprobs = choice.get("logprobs")
    probabilities = None
    if sent.request.choices and isinstance(logprobs, dict):
        opening = None if answer is None else re.search(r'"answer"\s*:\s*"', text)
        begins = opening.end() if opening else 0
        probabilities = choice_probabilities(logprobs.get("content"), begins, sent.request.choices)
    return Completion(
        text=text if answer is None else answer,
        probabilities=probabilities,
        asked="text" if answer is None else "schema",
        finish=finish,
        usage=usage,
        served=_name(body.get("model"), secret),
        fingerprint=_name(body.get("system_fingerprint"), secret),
    )


def _name(told: object, secret: Secret) -> str | None:
    """What the endpoint says that answered."""
    return secret.short(_unicode(told)) if isinstance(told, str) and told else None


def _unwrapped(text: str, sent: Sent) -> str | None:
    """The answer inside the JSON that the schema asked for; None where the endpoint did not heed the schema."""
    if not sent.by_schema:
        return None
    found = re.search(r"\{.*\}", text, flags=re.DOTALL)
    try:
        held = json.loads(found.group()) if found else None
    except (ValueError, RecursionError):
        held = None
    if not isinstance(held, dict) or found is None:
        return None
    if not sent.request.choices:
        return found.group()
    answer = held.get("answer")
    return _unicode(answer) if isinstance(answer, str) else None


def _usage(told: object, sent: Sent, text: str) -> Usage:
    """Tokens as the endpoint counts them, else estimated: a call that it does not count is not free."""
    counts = told if isinstance(told, dict) else {}
    details = counts.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else counts.get("prompt_cache_hit_tokens")
    read, written = _count(counts.get("prompt_tokens")), _count(counts.get("completion_tokens"))
    read = sent.input_tokens if read is None else read
    return Usage(
        model=sent.name,
        input_tokens=read,
        cached_tokens=min(_count(cached) or 0, read),
        output_tokens=estimated_tokens(text) if written is None else written,
    )


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _hashable(value: object) -> object:
    return value if isinstance(value, str) else None


def _unicode(text: str) -> str:
    """Half a surrogate pair (an answer cut inside an emoji) becomes U+FFFD: it could not be written to disk."""
    return text.encode("utf-16", errors="surrogatepass").decode("utf-16", errors="replace")


def _malformed(message: str, usage: Usage | None = None) -> CallFailed:
    return CallFailed("malformed", message, retry=True, usage=usage)
