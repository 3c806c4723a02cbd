"""One attempt at an endpoint, through the `openai` client with its own retries off."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from harness import CallFailed, Completion, Request
from harness.estimate import estimated_tokens
from harness_openai.dialect import Dialect, answer_schema, names
from harness_openai.problems import Refusal, Secret, failed, not_yet, refusal
from harness_openai.reply import Sent, completion, parse

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from harness_openai.model import OpenAIChat

_log = logging.getLogger(__name__)
_NO_KEY = "none"  # the client wants one, a server on this machine does not
_PER_MESSAGE = 4  # tokens that mark a turn and its role
_PER_PROMPT = 3  # tokens that open the answer


class _Reply(NamedTuple):
    content: bytes
    request_id: str | None
    seconds: float


class ChatEndpoint:
    """Implements `harness.Endpoint`.

    Used from one event loop: the client is made inside it at the first call.

    Args:
        params: What the suite says.
        key: The key; empty for a server on this machine that wants none.
        tuned: What prices of a tuned model go by; such a model may not be found in its first minutes.
    """

    def __init__(self, params: OpenAIChat, key: str, tuned: str | None = None) -> None:
        self._params = params
        self._address = params.address
        self._key = key
        self._secret = Secret(key)
        self._dialect = Dialect(
            schema=params.structured != "text",
            schema_may_go=params.structured == "auto",
            logprobs=params.logprobs == "auto",
            # OpenAI itself calls the older name deprecated, and others know only that.
            limit="max_completion_tokens" if params.provided_by in ("openai", "azure") else "max_tokens",
        )
        self._tuned = tuned
        self._asked: float | None = None  # when a tuned model was first not found, time.monotonic
        self._told: set[str] = set()  # fields whose refusal was logged
        self._client: AsyncOpenAI | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def name(self) -> str:
        return self._tuned or f"{self._params.seller}/{self._params.model}"

    @property
    def account(self) -> str:
        return f"{self._address.host}:{hashlib.sha256(self._key.encode()).hexdigest()[:16]}"

    @property
    def identity(self) -> str:
        """All that an answer depends on beside the request; no key, no organization."""
        params = self._params
        how = {"structured": params.structured, "logprobs": params.logprobs, "extra": dict(params.extra)}
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
        while True:
            body = self._dialect.body(self._params.model, request, self._params.extra)
            reply = await self._post(body)
            if isinstance(reply, _Reply):
                return self._completion(reply, body, request)
            field = self._dialect.adapt(body, reply)
            if field is None or field in refused:
                raise self._failed(reply, body)
            refused.add(field)
            if field not in self._told:
                self._told.add(field)
                _log.warning("%s refuses %s and is asked without it: %s", self.name, field, reply.message)

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def release(self) -> None:
        """Closes the client from another thread than its loop's, where core has not closed it already."""
        loop = self._loop
        if self._client is None or loop is None or not loop.is_running():
            return
        try:
            here = asyncio.get_running_loop()
        except RuntimeError:
            here = None
        if here is not loop:
            asyncio.run_coroutine_threadsafe(self.close(), loop).result(timeout=10)

    async def _post(self, body: dict[str, Any]) -> _Reply | Refusal:
        """Sends a body. No error of the client's goes on from here: they hold the request and with it the key."""
        import openai

        completions = self._open().chat.completions.with_raw_response
        fields = {name: value for name, value in body.items() if name not in ("model", "messages")}
        try:
            async with asyncio.timeout(self._params.timeout_seconds):
                began = time.perf_counter()
                raw = await completions.create(model=body["model"], messages=body["messages"], extra_body=fields)
                seconds = time.perf_counter() - began
        except openai.APIStatusError as error:
            response = error.response
            return refusal(response.status_code, response.headers, response.content, self._secret)
        except (TimeoutError, openai.APITimeoutError):
            limit = f"{self._params.timeout_seconds:g}"
            trouble = CallFailed("timeout", f"no answer in {limit} s (timeout_seconds)", retry=True)
        except openai.APIConnectionError as error:
            why = self._secret.short(str(error.__cause__ or error))
            trouble = CallFailed("connection", f"{self._address.host} cannot be reached: {why}", retry=True)
        else:
            return _Reply(raw.content, raw.request_id, seconds)
        raise trouble

    def _completion(self, reply: _Reply, body: Mapping[str, Any], request: Request) -> Completion:
        parsed = parse(reply.content, self._secret)
        error = parsed.get("error")
        if isinstance(error, dict) and not parsed.get("choices"):
            # Gateways send their upstream's error with status 200.
            code = error.get("code")
            status = code if isinstance(code, int) and code in range(400, 600) else 502
            raise self._failed(refusal(status, {}, reply.content, self._secret), body)
        sent = Sent(request, "response_format" in body, self.name, self.tokens(request))
        made = completion(parsed, sent, self._secret)
        request_id = None if reply.request_id is None else self._secret.short(reply.request_id)
        return made.model_copy(update={"seconds": reply.seconds, "request_id": request_id})

    def _failed(self, said: Refusal, body: Mapping[str, Any]) -> CallFailed:
        found = failed(said, self._params.model, self._params.key_env)
        if found.kind == "not-found" and self._tuned:
            now = time.monotonic()
            self._asked = now if self._asked is None else self._asked
            return not_yet(found, now - self._asked)
        if found.kind == "bad-request" and "response_format" in body and names("response_format", said):
            return CallFailed("bad-request", f"{found}. Set `structured: auto` or `text` for it", fatal=True)
        return found

    def _open(self) -> AsyncOpenAI:
        import openai

        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            client = openai.AsyncOpenAI(
                api_key=self._key or _NO_KEY,
                base_url=self._address.url,
                organization=self._params.organization,
                project=self._params.project,
                max_retries=0,
                timeout=self._params.timeout_seconds,
                # A redirect or a proxy would carry a prompt off this machine unasked.
                http_client=openai.DefaultAsyncHttpxClient(
                    follow_redirects=False, trust_env=not self._address.loopback
                ),
            )
            if self._address.provider != "openai":  # OPENAI_ORG_ID and OPENAI_PROJECT_ID are for OpenAI alone
                client.organization = self._params.organization
                client.project = self._params.project
            self._client, self._loop = client, loop
        return self._client
