"""Requests on their way to endpoints: sent from one thread, awaited on the loop's, handed back as they come.

Whatever ends them early (a wrong key, the cap, Ctrl-C), those that wait are not sent, and those at work may still
come back: what they bring is paid for.
"""

from __future__ import annotations

import asyncio
import math
import queue
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple

from harness.calls.loop import Closed, Loop
from harness.models import Completion
from harness.records import Failed

LINGER_SECONDS = 30.0  # for what is at work when something else went wrong
LINGER_AT_STOP = 3.0  # when the user asked to stop


class Span(NamedTuple):
    """When a request was handed over, was sent, and came back; of a failure the last two are one."""

    began: float
    sent: float
    ended: float


def idle(spans: Sequence[Span]) -> float:
    """Seconds of a call in which none of its requests was at work: what it waited.

    >>> idle([Span(0, 3, 5), Span(0, 4, 6), Span(0, 10, 11)])
    7.0
    """
    if not spans:
        return 0.0
    at_work, until = 0.0, -math.inf
    for _, sent, ended in sorted(spans, key=lambda span: span.sent):
        at_work += max(0.0, ended - max(sent, until))
        until = max(until, ended)
    return float(until - min(span.began for span in spans) - at_work)


class Fetched(NamedTuple):
    """What came back for a request that the cache did not have.

    Attributes:
        key: The request's cache key.
        answer: What came back.
        reserved: The reservation to settle once the ledger has its entry.
        span: When it was at work.
        shared: Whether another trial asked it at the same time, and pays.
    """

    key: str
    answer: Completion | Failed
    reserved: str | None = None
    span: Span | None = None
    shared: bool = False


@dataclass(eq=False)
class Sending:
    """A request on its way, as the loop sees it.

    Attributes:
        at_work: Whether an endpoint has it now.
        sent: When it was sent, by the loop's clock.
        halted: Whether no further attempt is to be made.
    """

    task: asyncio.Task[object] | None = None
    at_work: bool = False
    sent: float = 0.0
    halted: bool = False


class Flight:
    """The requests of one call.

    Args:
        loop: Where they are awaited.
    """

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._came: queue.SimpleQueue[Fetched | BaseException] = queue.SimpleQueue()
        self._open: set[Sending] = set()  # changed on the loop's thread alone
        self._missing = 0
        self._over = False

    def send(self, *asks: Callable[[Sending], Awaitable[Fetched]]) -> None:
        """Puts requests on their way.

        Raises:
            KeyboardInterrupt: The run was stopped.
        """
        try:
            self._loop.start([self._one(ask) for ask in asks])
        except Closed:
            raise KeyboardInterrupt from None
        self._missing += len(asks)

    def came(self) -> Iterator[Fetched]:
        """What comes back, as it comes.

        Raises:
            KeyboardInterrupt: They were halted.
            BaseException: The first that a request ended in.
        """
        while self._missing:
            came = self._came.get()
            self._missing -= 1
            if isinstance(came, asyncio.CancelledError):
                raise KeyboardInterrupt
            if isinstance(came, BaseException):
                raise came
            yield came

    def rest(self, linger: float) -> list[Fetched]:
        """Sends nothing more, and gives what else came back."""
        if not self._missing:
            return []
        with suppress(Closed):  # whoever closed it halted it
            self._loop.submit(self.halt(linger)).result()
        came = []
        while not self._came.empty():
            came.append(self._came.get())
        self._missing = 0
        return [each for each in came if isinstance(each, Fetched)]

    async def halt(self, linger: float) -> None:
        """Ends what waits, and gives what is at work so many seconds."""
        self._end_waits()
        tasks = [request.task for request in self._open if request.task is not None]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=linger)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _one(self, ask: Callable[[Sending], Awaitable[Fetched]]) -> None:
        request = Sending(asyncio.current_task())
        self._open.add(request)
        came: Fetched | BaseException
        try:
            came = asyncio.CancelledError() if self._over else await ask(request)
        except BaseException as error:  # handed to the strategy's thread, which raises it
            came = error
        self._open.discard(request)
        self._came.put(came)
        if isinstance(came, BaseException) and not self._over:
            self._end_waits()  # at once: until that thread looks, more would be sent

    def _end_waits(self) -> None:
        self._over = True
        for request in self._open:
            request.halted = True
            if not request.at_work and request.task is not None:
                request.task.cancel()


class Flights:
    """All that is on its way in a run.

    Args:
        loop: Where requests are awaited.
    """

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._open: set[Flight] = set()
        self._lock = Lock()
        self.stopped = False

    def begin(self) -> Flight:
        """A call's flight.

        Raises:
            KeyboardInterrupt: The run was stopped.
        """
        flight = Flight(self._loop)
        with self._lock:
            if self.stopped:
                raise KeyboardInterrupt
            self._open.add(flight)
        return flight

    def end(self, flight: Flight) -> None:
        with self._lock:
            self._open.discard(flight)

    def stop(self, linger: float) -> None:
        """Lets nothing more be sent, waits a moment for what is at work, and closes the loop."""
        with self._lock:
            self.stopped = True
            flights = list(self._open)

        async def halt() -> None:
            await asyncio.gather(*(flight.halt(linger) for flight in flights))

        try:
            if flights:
                self._loop.submit(halt()).result()
        finally:
            self._loop.close()
