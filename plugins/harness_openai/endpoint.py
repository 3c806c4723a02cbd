"""One attempt at an endpoint, sent once and never again by itself."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from harness import CallFailed, Completion, Request
from harness.errors import ModelError
from harness.estimate import estimated_tokens
from harness.models import Limits
from harness.privacy.keys import KeySource
from harness.privacy.secrets import Secret
from harness_openai import alias
from harness_openai.client import client, key_hash
from harness_openai.dialect import answer_schema, names, spoken_with
from harness_openai.limits import limits
from harness_openai.posting import Posting, posting
from harness_openai.problems import Refusal, failed, not_yet, refusal
from harness_openai.reply import Sent, completion, finish_word, is_known, parse

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from harness_openai.model import OpenAIChat

_log = logging.getLogger(__name__)
_PER_MESSAGE = 4  # tokens that mark a turn and its role
_PER_PROMPT = 3  # tokens that open the answer


class Reply(NamedTuple):
    content: bytes
    request_id: str | None
    seconds: float
    limits: Limits | None = None


class ChatEndpoint:
    """Implements `harness.Endpoint`.

    Used from one event loop: the client is made inside it at the first call.

    Args:
        params: What the suite says.
        key: Where the key comes from; it is read at the first call.
        tuned: What prices of a tuned model go by; such a model may not be found in its first minutes.
    """

    def __init__(self, params: OpenAIChat, key: KeySource, tuned: str | None = None) -> None:
        self._params = params
        self._address = params.address
        self._key = key
        self._known: Secret | None = None
        self._dialect = spoken_with(params)
        self._tuned = tuned
        self._asked: float | None = None  # when a tuned model was first not found, time.monotonic
        self._told: set[str] = set()  # fields whose refusal was logged
        self._odd: dict[str, None] = {}  # words for an ending that nobody knows
        self._reading = asyncio.Lock()
        self._client: AsyncOpenAI | None = None
        self._posting: Posting | None = None
        self._retired: list[AsyncOpenAI | Posting] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def name(self) -> str:
        return self._tuned or f"{self._params.seller}/{self._params.priced_as or self._params.model}"

    @property
    def account(self) -> str:
        try:
            return f"{self._address.host}:{key_hash(self._key.read())}"
        except ModelError:  # a dry run needs none
            return f"{self._address.host}:{self._key.place}"

    @property
    def identity(self) -> str:
        """All that an answer depends on beside the request; no key, no organization."""
        params = self._params
        how: dict[str, Any] = {
            "structured": params.structured,
            "logprobs": params.logprobs,
            "extra": dict(params.extra),
        }
        if params.api_version is not None:
            how["api_version"] = params.api_version
        place = self._address.host + self._address.path
        return f"openai:{place}:{params.model}:{json.dumps(how, sort_keys=True)}"

    @property
    def window(self) -> int:
        return self._params.window

    def tokens(self, request: Request) -> int:
        """An estimate from above: see `harness.estimate`."""
        turns = sum(estimated_tokens(m.content) + _PER_MESSAGE for m in request.messages)
        schema = answer_schema(request) if self._dialect.schema else None
        return turns + _PER_PROMPT + (estimated_tokens(json.dumps(schema)) if schema else 0)

    async def send(self, request: Request) -> Completion:
        """One attempt. A field that the endpoint refuses is said otherwise and sent again: that cost nothing.

        Raises:
            CallFailed: With what core needs to know to retry, fail the one request, or stop.
        """
        refused: set[str] = set()
        renewed = False
        while True:
            body = self._dialect.body(self._params.model, request, self._params.extra)
            secret = await self._read_key()
            reply = await self._post(body)
            if isinstance(reply, Reply):
                return self._completion(reply, body, request)
            if reply.status == 401 and not renewed and await self._renew(secret):
                renewed = True
                continue
            field = self._dialect.adapt(body, reply)
            if field is None or field in refused:
                raise self._failed(reply, body)
            refused.add(field)
            if field not in self._told:
                self._told.add(field)
                _log.warning("%s refuses %s and is asked without it: %s", self.name, field, reply.message)

    def warnings(self, completion: Completion) -> Sequence[str]:
        """What a reader of the run must know of a model that answered so."""
        told = alias.warning(self._params, completion.served)
        odd = [f"{self.name} ended answers with {word!r}, which the harness does not know" for word in self._odd]
        return odd if told is None else [told, *odd]

    async def close(self) -> None:
        self._retire()
        held, self._retired = self._retired, []
        for each in held:
            await each.close()

    def release(self) -> None:
        """Closes the client from another thread than its loop's, where core has not closed it already."""
        loop = self._loop
        if self._client is None or loop is None:
            return
        try:
            here = asyncio.get_running_loop()
        except RuntimeError:
            here = None
        if loop.is_running() and here is not loop:
            asyncio.run_coroutine_threadsafe(self.close(), loop).result(timeout=10)
        elif self._posting is not None and here is None:  # its loop has ended before it
            asyncio.run(self._posting.close())

    async def _post(self, body: dict[str, Any]) -> Reply | Refusal:
        self._open()
        assert self._posting is not None
        began = time.perf_counter()
        came = await self._posting.post(body)
        seconds = time.perf_counter() - began
        if isinstance(came, CallFailed):
            raise came
        if not 200 <= came.status < 300:
            return refusal(came.status, came.headers, came.content, self._secret)
        return Reply(came.content, came.headers.get("x-request-id"), seconds, limits(came.headers))

    def _completion(self, reply: Reply, body: Mapping[str, Any], request: Request) -> Completion:
        secret = self._secret
        try:
            parsed = parse(reply.content, secret)
            error = parsed.get("error")
            if error and not parsed.get("choices"):
                # Gateways send their upstream's error with status 200.
                code = error.get("code") if isinstance(error, dict) else None
                status = code if isinstance(code, int) and code in range(400, 600) else 502
                raise self._failed(refusal(status, {}, reply.content, secret), body)
            by_schema = "response_format" in body
            nulls = by_schema and body["response_format"]["json_schema"]["schema"] != answer_schema(request)
            longest = int(body[self._dialect.limit])
            sent = Sent(request, by_schema, self.name, partial(self.tokens, request), longest, nulls)
            made = completion(parsed, sent, secret)
        except CallFailed as failure:
            failure.limits = reply.limits
            raise
        word = finish_word(parsed)
        if word and not is_known(word):
            self._odd[secret.short(word)] = None
        request_id = None if reply.request_id is None else secret.short(reply.request_id)
        return made.model_copy(update={"seconds": reply.seconds, "request_id": request_id, "limits": reply.limits})

    @property
    def _secret(self) -> Secret:
        if self._known is None:
            self._known = self._key.read()
        return self._known

    async def _read_key(self) -> Secret:
        async with self._reading:
            if self._known is None:  # a command may ask its user, and meanwhile others answer
                self._known = await asyncio.to_thread(self._key.read)
            return self._known

    async def _renew(self, refused: Secret) -> bool:
        """Whether there is another key than the one that was refused: a token runs out, and a new one is there."""
        async with self._reading:
            if self._known is refused and self._key.keeps:
                self._known = await asyncio.to_thread(self._key.renewed, refused) or refused
                if self._known is not refused:
                    self._retire()
            return self._known is not refused

    def _failed(self, said: Refusal, body: Mapping[str, Any]) -> CallFailed:
        found = failed(said, self._params.model, self._key.place)
        if found.kind == "not-found" and self._tuned:
            now = time.monotonic()
            self._asked = now if self._asked is None else self._asked
            return not_yet(found, now - self._asked)
        if found.kind == "bad-request" and "response_format" in body and names("response_format", said):
            return CallFailed("bad-request", f"{found}. Set `structured: auto` or `text` for it", fatal=True)
        return found

    def _open(self) -> AsyncOpenAI:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._retired += [] if self._posting is None else [self._posting]
            self._client, self._loop = client(self._params, self._secret), loop
            self._posting = posting(self._client, self._params, self._secret)
        return self._client

    def _retire(self) -> None:
        """Sets the client aside, with what it still has under way."""
        self._retired += [each for each in (self._posting, self._client) if each is not None]
        self._client = self._posting = None
