"""An endpoint as a chat model: cache, budget, rate and retry round its one attempt."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator, Sequence

import stamina

from harness.calls.calling import Calls, Fetched, Metered, Owner
from harness.errors import ModelError
from harness.models import Answered, CallFailed, Completion, Endpoint, Request, Telling
from harness.records import Failed, Usage

ATTEMPTS = 6
_TIMEOUT_SECONDS = 600.0  # over all attempts at one request
_JSON_TOKENS = 16

# Its default logs a bare line for every retry; what was waited for and what failed stands in the record.
stamina.instrumentation.set_on_retry_hooks([])


class MeteredEndpoint(Metered):
    """An endpoint as a chat model: cache, budget, rate and retry round `send`."""

    def __init__(self, endpoint: Endpoint, calls: Calls, owner: Owner, repeat: int) -> None:
        super().__init__(calls, owner, endpoint.identity, repeat)
        self._endpoint = endpoint
        self._reached = False

    @property
    def window(self) -> int:
        return self._endpoint.window

    def tokens(self, request: Request) -> int:
        return self._endpoint.tokens(request)

    def _replays(self) -> bool:
        return True

    def _book(self, index: int, request: Request, key: str, completion: Completion, *, paid: bool) -> Answered:
        for warning in self._endpoint.warnings(completion) if isinstance(self._endpoint, Telling) else ():
            self._owner.warn(warning)
        return super()._book(index, request, key, completion, paid=paid)

    def _fetch(self, missing: Sequence[tuple[str, Request]]) -> Iterator[Fetched]:
        done: queue.SimpleQueue[Fetched | BaseException] = queue.SimpleQueue()

        async def one(key: str, request: Request) -> None:
            try:
                # Waiting for a place is no part of a request's own time.
                async with self._calls.gate(self._endpoint):
                    done.put(await self._ask(key, request))
            except BaseException as error:  # handed to the strategy's thread, which raises it
                done.put(error)

        tasks = [self._calls.loop.submit(one(key, request)) for key, request in missing]
        try:
            for _ in tasks:
                fetched = done.get()
                if isinstance(fetched, BaseException):
                    raise fetched
                yield fetched
        finally:
            for task in tasks:
                task.cancel()

    async def _ask(self, key: str, request: Request) -> Fetched:
        began = time.perf_counter()
        billed = 0

        def backoff(error: BaseException) -> bool | float:
            nonlocal billed
            if not isinstance(error, CallFailed) or not error.retry or error.fatal:
                return False
            billed += error.billed
            if billed > 1:  # paid each time, it may be, and rarely better the third
                return False
            return True if error.after is None else error.after

        try:
            async for attempt in stamina.retry_context(
                on=backoff, attempts=ATTEMPTS, timeout=_TIMEOUT_SECONDS, wait_initial=0.5, wait_max=30.0
            ):
                with attempt:
                    return await self._attempt(key, request, began)
        except CallFailed as error:
            if error.fatal or (error.kind == "connection" and not self._reached):
                # An endpoint that never answered will not answer the next row either.
                raise ModelError(f"{self._endpoint.name}: {error}") from error
            failed = Failed(query_id=request.query_id or "", kind=error.kind, error=str(error))
            return Fetched(key, failed, waited=time.perf_counter() - began)
        raise AssertionError("a retry ends with an answer or an error")

    async def _attempt(self, key: str, request: Request, began: float) -> Fetched:
        # A label in a schema may be longer than the answer that was asked for, and stands in JSON.
        longest = max((len(choice.encode()) + _JSON_TOKENS for choice in request.choices), default=0)
        upper = Usage(
            model=self._endpoint.name,
            input_tokens=self._endpoint.tokens(request),
            output_tokens=max(request.max_tokens, longest),
        )
        reserved = self._calls.budget.reserve(f"{self._meter.trial}/{self._meter.phase}/{key[-16:]}", upper)
        sent = time.perf_counter()
        try:
            completion = await self._endpoint.send(request)
        except CallFailed as error:
            # A call that broke off may have been served and billed: it stays booked at its upper bound.
            if error.usage is not None:
                name = self._meter.nth(f"failed/{key[-16:]}")
                self._meter.book(name, error.usage, 0.0, paid=True, query_id=request.query_id)
                self._calls.budget.settle(reserved, error.usage)
            elif not error.billed:
                self._calls.budget.settle(reserved, None)
            raise
        self._reached = True
        self._calls.cache.store(key, completion)  # before anything else can go wrong: it is paid for
        return Fetched(key, completion, reserved, waited=sent - began)
