"""An endpoint as a chat model: cache, budget, rate and retry round its one attempt."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial

from harness.calls import flights
from harness.calls.cached import CachedCompletion, Kept
from harness.calls.calling import Calls, Metered, Owner
from harness.calls.flights import Fetched, Sending, Span, idle
from harness.calls.pace import Call, NotSent, Pace
from harness.calls.retries import SILENT, Retries, Silence, given_up, is_paid, told
from harness.calls.upper import upper
from harness.errors import ModelError
from harness.models import Answered, CallFailed, Completion, Endpoint, Request, Telling
from harness.records import Usage


class MeteredEndpoint(Metered):
    """An endpoint as a chat model: cache, budget, rate and retry round `send`."""

    def __init__(self, endpoint: Endpoint, calls: Calls, owner: Owner, repeat: int) -> None:
        super().__init__(calls, owner, endpoint.identity, repeat)
        self._endpoint = endpoint
        self._telling = endpoint if isinstance(endpoint, Telling) else None  # to find out takes a while
        self._reached = False
        self._silence = Silence()
        self._superseded: set[str] = set()  # keys whose next answer takes the place of the cached one

    @property
    def window(self) -> int:
        return self._endpoint.window

    def tokens(self, request: Request) -> int:
        return self._endpoint.tokens(request)

    def _replays(self) -> bool:
        return True

    def _is_good(self, key: str, found: CachedCompletion) -> bool:
        # Nobody knows how long an answer of a batch took: what is timed is asked live.
        untimed = found.completion.usage.batched and self._meter.phase in ("sample", "warm-up")
        moved = self._calls.moved.get(self._identity)
        if untimed or (moved is not None and found.at < moved):
            self._superseded.add(key)
            return False
        return self._calls.ages is None or self._calls.ages.used(key, found.at)

    def _fetch(self, missing: Sequence[tuple[str, Request]]) -> Generator[Fetched]:
        if not missing:
            return
        asked = dict(missing)
        flight = self._calls.flights.begin()
        spans: list[Span] = []
        linger = flights.LINGER_SECONDS
        try:
            flight.send(*(partial(self._ask, _Asked(self._endpoint, key, request)) for key, request in missing))
            for fetched in flight.came():
                if fetched.span is not None:
                    spans.append(fetched.span)
                yield fetched
        except KeyboardInterrupt:
            linger = flights.LINGER_AT_STOP
            raise
        finally:
            # What comes back late is paid for: it is in the cache, and now in the books.
            for late in flight.rest(linger):
                if isinstance(late.answer, Completion) and not late.shared:
                    self._pay(0, asked[late.key], late, late.answer)
            self._calls.flights.end(flight)
            self._meter.wait(idle(spans))

    def _book(self, index: int, request: Request, key: str, completion: Completion, *, paid: bool) -> Answered:
        trial, name = str(self._meter.trial), self._endpoint.name
        for said in self._calls.drift.noticed(trial, self._identity, name, completion):
            self._owner.warn(said)
        for said in () if self._telling is None else self._telling.warnings(completion):
            self._owner.warn(said)
        return super()._book(index, request, key, completion, paid=paid)

    async def _ask(self, asked: _Asked, sending: Sending) -> Fetched:
        clock = asyncio.get_running_loop().time
        began = clock()
        async with self._calls.sharing.alone(asked.key) as meanwhile:
            found = self._cached(asked.key) if meanwhile else None
            if found is not None:
                now = clock()
                return Fetched(asked.key, found.completion, span=Span(began, now, now), shared=True)
            return await self._send(asked, sending, began)

    async def _send(self, asked: _Asked, sending: Sending, began: float) -> Fetched:
        clock = asyncio.get_running_loop().time
        pace, retries, again = self._pace, self._retries(asked.key), False
        while True:
            call = Call(
                str(self._meter.trial),
                self._endpoint.name,
                lambda: asked.upper.input_tokens + asked.upper.output_tokens,
                again,
            )
            try:
                completion = await pace.call(call, partial(self._attempt, asked, sending))
            except NotSent as error:
                raise self._stopped(error) from error
            except CallFailed as error:
                if error.fatal:
                    raise self._stopped(error) from error
                pause = None if sending.halted else retries.pause(error, clock())
                if pause is None:
                    return self._given_up(asked, error, Span(began, clock(), clock()))
            else:
                return Fetched(asked.key, completion, asked.reserved, Span(began, sending.sent, clock()))
            await asyncio.sleep(pause)
            again = True

    @cached_property
    def _pace(self) -> Pace:
        """Its account's; to tell that takes the key."""
        return self._calls.pace(self._endpoint)

    def _retries(self, key: str) -> Retries:
        """The attempts at a request."""
        return Retries()

    def _given_up(self, asked: _Asked, error: CallFailed, span: Span) -> Fetched:
        if error.kind == "connection" and not self._reached:
            # An endpoint that never answered will not answer the next row either.
            raise self._stopped(error) from error
        if self._silence.lasts(error):
            raise self._stopped(
                NotSent(f"{SILENT} requests in a row got no answer, the last: {told(error)}")
            ) from error
        return Fetched(asked.key, given_up(error, asked.request), span=span)

    def _stopped(self, error: Exception) -> ModelError:
        more = ". What is finished is kept; --resume goes on" if isinstance(error, NotSent) else ""
        return ModelError(f"{self._endpoint.name}: {error}{more}")

    async def _attempt(self, asked: _Asked, sending: Sending) -> Completion:
        name = f"{self._meter.trial}/{self._meter.phase}/{asked.key[-16:]}"
        asked.reserved = await self._calls.room.reserve(name, asked.upper)
        sending.at_work, sending.sent = True, asyncio.get_running_loop().time()
        try:
            completion = await self._endpoint.send(asked.request)
            # Before anything else can go wrong: it is paid for.
            await self._calls.keeping.keep(self._kept(asked.key, completion))
            self._calls.budget.measured(asked.reserved, completion.usage)
        except CallFailed as error:
            self._settle_failed(asked.key, asked.request, asked.reserved, error)
            raise
        finally:
            sending.at_work = False
            self._calls.room.back()
        self._reached = True
        self._silence.ends()
        return completion

    def _kept(self, key: str, completion: Completion) -> Kept:
        """An answer for the cache, in place of one that is not used any more."""
        ages = self._calls.ages
        replacing = None if ages is None else ages.replaced_before
        if key in self._superseded:
            self._superseded.discard(key)
            replacing = datetime.now(UTC)
        return Kept(key, completion, replacing)

    def _settle_failed(self, key: str, request: Request, reserved: str, error: CallFailed) -> None:
        if error.usage is not None:
            name = self._meter.nth(f"failed/{key[-16:]}")
            self._meter.book(name, error.usage, 0.0, paid=True, query_id=request.query_id)
            self._calls.budget.settle(reserved, error.usage)
        elif not is_paid(error):  # else it may have been served and billed: it stays booked at its upper bound
            self._calls.budget.settle(reserved, None)


@dataclass
class _Asked:
    """A request and what core knows of it.

    Attributes:
        endpoint: Who is asked.
        key: Its cache key.
        request: What is asked.
        reserved: The last attempt's reservation.
    """

    endpoint: Endpoint
    key: str
    request: Request
    reserved: str = ""

    @cached_property
    def upper(self) -> Usage:
        """The most that an attempt can use."""
        return upper(self.endpoint, self.request)
