"""OpenAI's batch API: requests in a file, answers in a file, for less money and within a day.

{"custom_id": "9f2c…", "method": "POST", "url": "/v1/chat/completions", "body": {"model": …}}       what is sent
{"custom_id": "9f2c…", "response": {"status_code": 200, "request_id": …, "body": {…}}, "error": null}   what comes

Answers stand in an output file and an error file, in any order. A batch that expired or was cancelled has those
that were answered by then; the others stand in the error file as `batch_expired` or not at all.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from typing import Any

from harness import CallFailed, Completion, Request
from harness.errors import ModelError
from harness.models import BatchState
from harness.privacy.keys import KeySource
from harness_openai.address import Provider
from harness_openai.client import lost
from harness_openai.dialect import FIELDS, names
from harness_openai.endpoint import ChatEndpoint, Reply
from harness_openai.model import OpenAIChat
from harness_openai.problems import Refusal, failed, refusal, refused
from harness_openai.reading import rows, table, texts
from harness_openai.reply import parse

_URLS: Mapping[Provider, str] = {"openai": "/v1/chat/completions", "azure": "/chat/completions"}
_ENDED = ("completed", "expired", "cancelled", "failed")
_NEVER_ASKED = ("batch_expired", "batch_cancelled", "batch_canceled")
_MARK = "harness_key"  # in the batch's metadata
_PAGE, _PAGES = 100, 20  # of the provider's list, newest first
_UPLOAD_SECONDS = 600.0
_READS, _READ_PAUSE = 3, 0.2  # of files that lack lines
_FILE_LOOKS, _FILE_PAUSE = 300, 0.5  # Azure takes a while to read a file

_log = logging.getLogger(__name__)


def chat_endpoint(params: OpenAIChat, key: KeySource, tuned: str | None = None) -> ChatEndpoint:
    """The endpoint of a suite's model, by the batch where it says so.

    Raises:
        ModelError: The provider's batches are not OpenAI's.
    """
    if not params.batch:
        return ChatEndpoint(params, key, tuned)
    if (wrong := params.without_batches) is not None:
        raise ModelError(wrong)
    return BatchingEndpoint(params, key, tuned)


class BatchingEndpoint(ChatEndpoint):
    """Implements `harness.models.BatchEndpoint`; a single request goes as it does without a batch."""

    def __init__(self, params: OpenAIChat, key: KeySource, tuned: str | None = None) -> None:
        super().__init__(params, key, tuned)
        self._url = _URLS[params.provided_by]

    @property
    def batched(self) -> bool:
        return self._params.batch

    async def submit(self, requests: Mapping[str, Request], key: str) -> BatchState:
        """Uploads the requests and makes a batch of them; one attempt.

        Raises:
            CallFailed: Where `retry` is set it may have been made all the same.
        """
        await self._read_key()
        content = b"".join(self._line(each, request) for each, request in requests.items())
        file = (f"{key}.jsonl", content, "application/jsonl")
        create = self._open().files.with_raw_response.create
        told = await self._json(create(file=file, purpose="batch", timeout=_UPLOAD_SECONDS))
        await self._ready(told)
        batches = self._open().batches.with_raw_response
        made = batches.create(
            completion_window="24h",
            endpoint="/v1/chat/completions",
            input_file_id=_text(told, "id"),
            metadata={_MARK: key},
            extra_body={"endpoint": self._url},
        )
        return self._state(await self._json(made))

    async def find_batch(self, key: str) -> BatchState | None:
        """The batch that carries a key, among the account's latest two thousand."""
        await self._read_key()
        after: str | None = None
        for _ in range(_PAGES):
            query = {"limit": _PAGE} | ({} if after is None else {"after": after})
            told = await self._json(self._open().batches.with_raw_response.list(extra_query=query))
            found = rows(told.get("data"))
            for each in found:
                if table(each.get("metadata")).get(_MARK) == key:
                    return self._state(each)
            if not found or told.get("has_more") is False:
                return None
            after = _text(found[-1], "id")
        return None

    async def batch(self, batch: str) -> BatchState:
        await self._read_key()
        return self._state(await self._json(self._open().batches.with_raw_response.retrieve(batch)))

    async def cancel_batch(self, batch: str) -> None:
        await self._read_key()
        await self._json(self._open().batches.with_raw_response.cancel(batch))

    async def results(
        self, state: BatchState, requests: Mapping[str, Request]
    ) -> Mapping[str, Completion | CallFailed]:
        """What came back, by custom id.

        Raises:
            CallFailed: A file cannot be read; of kind `not-found` where it is gone.
        """
        await self._read_key()
        lines: list[dict[str, Any]] = []
        for _ in range(_READS):
            lines = [line for file in state.outputs for line in await self._lines(file)]
            if len(lines) >= state.done:
                break
            # What is missing may be an answer that was paid for: the files are read again before that is believed.
            _log.warning("%s: batch %r gave %d of %d lines", self.name, state.id, len(lines), state.done)
            await asyncio.sleep(_READ_PAUSE)
        found: dict[str, Completion | CallFailed] = {}
        for line in lines:
            each = line.get("custom_id")
            if isinstance(each, str) and each in requests and each not in found:
                result = self._result(line, requests[each])
                if result is not None:
                    found[each] = result
        return found

    def _line(self, each: str, request: Request) -> bytes:
        line = {"custom_id": each, "method": "POST", "url": self._url, "body": self._body(request)}
        return json.dumps(line).encode() + b"\n"

    async def _ready(self, file: Mapping[str, Any]) -> None:
        """Waits until the provider has read the file; OpenAI takes it at once."""
        for _ in range(_FILE_LOOKS):
            if file.get("status") not in ("pending", "running", "uploading", "processing"):
                break
            await asyncio.sleep(_FILE_PAUSE)
            file = await self._json(self._open().files.with_raw_response.retrieve(_text(file, "id")))
        if file.get("status") in ("error", "failed", "deleted"):
            why = self._secret.short(str(file.get("status_details") or file["status"]))
            raise CallFailed("bad-request", f"the file of requests was refused: {why}")

    def _state(self, told: Mapping[str, Any]) -> BatchState:
        counts = table(told.get("request_counts"))
        done = [n for name in ("completed", "failed") if isinstance(n := counts.get(name), int)]
        total = counts.get("total")
        files = texts([told.get("output_file_id"), told.get("error_file_id")])
        first = next(iter(rows(table(told.get("errors")).get("data"))), {})
        reason = " ".join(str(first[name]) for name in ("code", "message") if first.get(name))
        status = self._secret.short(str(told.get("status")))
        return BatchState(
            id=_text(told, "id"),
            ended=status in _ENDED,
            told=status,
            done=sum(done),
            total=total if isinstance(total, int) else 0,
            outputs=tuple(filter(None, files)),
            reason=self._secret.short(reason),
        )

    async def _lines(self, file: str) -> list[dict[str, Any]]:
        """The lines of a file; one that is torn is left out."""
        content = await self._raw(self._open().files.with_raw_response.content(file))
        lines = []
        for line in content.decode("utf-8-sig", errors="replace").split("\n"):
            with suppress(CallFailed):
                lines.append(parse(line.encode(), self._secret))
        return lines

    def _result(self, line: Mapping[str, Any], request: Request) -> Completion | CallFailed | None:
        """An answer or its failure; None for a request that was never asked."""
        error, response = table(line.get("error")), line.get("response")
        if not isinstance(response, dict):
            code = str(error.get("code") or "")
            if code in _NEVER_ASKED:
                return None
            told = self._secret.short(f"{code} {error.get('message') or 'no response'}".strip())
            return CallFailed("server", told, retry=True)
        body = response.get("body")
        status = response.get("status_code")
        if isinstance(status, int) and status >= 400:
            said = refusal(status, {}, json.dumps(body).encode(), self._secret)
            return self._refused(said, request)
        request_id = response.get("request_id")
        reply = Reply(json.dumps(body).encode(), request_id if isinstance(request_id, str) else None, 0.0)
        try:
            return self._completion(reply, self._body(request), request)
        except CallFailed as failure:
            return failure

    def _body(self, request: Request) -> dict[str, Any]:
        return self._dialect.body(self._params.batch_model or self._params.model, request, self._params.extra)

    def _refused(self, said: Refusal, request: Request) -> CallFailed:
        """A field that is refused is said otherwise in the next batch: that cost nothing."""
        body = self._body(request)
        field = self._dialect.adapt(body, said)
        learnt = any(names(each, said) for each in FIELDS if each not in body)
        if field is not None or (learnt and said.status == 400):
            return CallFailed("bad-request", f"HTTP {said.status}: {said.message}", retry=True)
        return self._failed(said, body)

    async def _json(self, call: Awaitable[Any]) -> dict[str, Any]:
        return parse((await self._raw(call)).removeprefix(b"\xef\xbb\xbf"), self._secret)

    async def _raw(self, call: Awaitable[Any]) -> bytes:
        """What a call brought. No error of the client's goes on from here: they hold the request and the key."""
        import openai

        try:
            reply = await call
            content: bytes = reply.content
        except openai.APIStatusError as error:
            trouble = failed(refused(error, self._secret), self._params.model, self._key.place)
        except (TimeoutError, openai.APITimeoutError):
            trouble = CallFailed("timeout", f"{self._address.host} gave no answer in time", retry=True)
        except openai.APIConnectionError as error:
            trouble = lost(error, self._address, self._secret)
        else:
            return content
        raise trouble


def _text(told: Mapping[str, Any], field: str) -> str:
    value = told.get(field)
    if not isinstance(value, str) or not value:
        raise CallFailed("malformed", f"the provider's reply has no {field!r}", retry=True)
    return value
