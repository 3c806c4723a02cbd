"""One question to a chat model, and what it answered.

Request(messages=(…,), choices=("positive", "negative"))
Completion(text="positive", probabilities={"positive": 0.91, …}, usage=…)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, Protocol

from pydantic import Field

from harness.records import Failed, Message, Record, Usage


class Request(Record):
    """One question to a chat model.

    Attributes:
        messages: The conversation; the last turn is the user's.
        choices: The only answers allowed, where the question is closed.
        answer_schema: JSON schema that the answer must satisfy.
        max_tokens: The longest answer, in tokens.
        temperature: 0 for the likeliest answer.
        sample: The nth draw of the same prompt; part of the cache key.
        query_id: Lets core book the call to its query; not part of the cache key.
    """

    messages: tuple[Message, ...]
    choices: tuple[str, ...] = ()
    answer_schema: Mapping[str, Any] | None = None
    max_tokens: int = 64
    temperature: float = 0.0
    sample: int = 0
    query_id: str | None = None


class Limits(Record):
    """What an endpoint says it still takes, as in its `x-ratelimit-*` headers; None for what it does not say.

    Attributes:
        requests: How many more.
        requests_reset: Seconds until all of them are there again.
        tokens: How many more.
        tokens_reset: Seconds until all of them are there again.
    """

    requests: int | None = None
    requests_reset: float | None = None
    tokens: int | None = None
    tokens_reset: float | None = None


class Completion(Record):
    """What a chat model answered.

    Attributes:
        text: The answer; for a closed question one of the choices, wherever the model can be held to them.
        probabilities: Over the choices, summing to 1, where the model can tell.
        logprobs: Natural-log likelihood of each choice, where the model can tell; of all to their end token
            where one of them begins another, as tokens.
        choice_tokens: Tokens of each choice that `logprobs` is of.
        asked: How the answer was held to its choices or its schema: by likelihood, as a schema, or in text alone.
        finish: Why the answer ended.
        usage: What it used. A batch's device seconds are shared out so that they sum to its wall time.
        seconds: At work; waits for limits and retries are not in it.
        replayed: Whether it came from the cache.
        request_id: The endpoint's own id for the call.
        served: The name of the model that answered, as the endpoint gave it.
        fingerprint: The endpoint's mark of what answered (`system_fingerprint`).
        limits: What the endpoint said it still takes; not kept.
    """

    text: str
    probabilities: Mapping[str, float] | None = None
    logprobs: Mapping[str, float] | None = None
    choice_tokens: Mapping[str, int] | None = None
    asked: Literal["likelihood", "schema", "text"] = "text"
    finish: Literal["stop", "length", "filter", "unknown"] = "stop"
    usage: Usage
    seconds: float = 0.0
    replayed: bool = False
    request_id: str | None = None
    served: str | None = None
    fingerprint: str | None = None
    limits: Limits | None = Field(None, exclude=True)


class Answered(Record):
    """A completion or a failure for the request at `index` of the call."""

    index: int
    completion: Completion | Failed


class ChatModel(Protocol):
    """What strategies see, and what a local engine implements.

    `complete` yields as answers come, in any order, one for each request, and never raises for one request.
    """

    @property
    def identity(self) -> str:
        """Name, revision and the weights' hash: the first part of the cache key."""
        ...

    @property
    def window(self) -> int:
        """The longest prompt and answer together, in tokens."""
        ...

    def tokens(self, request: Request) -> int:
        """Tokens of the prompt as it will be sent, without the answer."""
        ...

    def complete(self, requests: Sequence[Request]) -> Iterator[Answered]: ...
