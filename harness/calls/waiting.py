"""Waiting for a provider from a strategy's thread: stoppable, told, and no part of what anything takes."""

from __future__ import annotations

import asyncio
import queue
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from harness.calls.backoff import pause
from harness.calls.ledger import Meter
from harness.calls.loop import Closed, Loop
from harness.errors import ModelError
from harness.models import CallFailed

T = TypeVar("T")
_TRIES = 12  # some three minutes
_LOOK_SECONDS = 0.2  # between two looks at whether the user stopped the run


class Whose(Protocol):
    """Whoever waits: hears of progress, raises KeyboardInterrupt once the user asked to stop."""

    @property
    def meter(self) -> Meter: ...

    def progress(self, done: int, total: int, what: str) -> None: ...


class Waiting:
    """Awaits calls on the loop of endpoints; what was waited is booked as such.

    Args:
        loop: Where endpoints are awaited.
        owner: Whose meter it is.
        name: The endpoint's, for messages.
    """

    def __init__(self, loop: Loop, owner: Whose, name: str) -> None:
        self._loop = loop
        self._owner = owner
        self._name = name
        self._told = (0, 1, "batch")

    def say(self, done: int, total: int, what: str) -> None:
        self._told = (done, max(total, 1), what)
        self._owner.progress(*self._told)

    def sleep(self, seconds: float, what: str | None = None) -> None:
        if what is not None:
            self.say(self._told[0], self._told[1], what)
        ends = time.monotonic() + seconds
        with self._counted():
            while (left := ends - time.monotonic()) > 0:
                self._owner.progress(*self._told)
                time.sleep(min(left, _LOOK_SECONDS))

    def now(self, work: Coroutine[object, object, T]) -> T:
        """What one call gives.

        Raises:
            CallFailed: As the endpoint does.
        """
        done: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

        async def run() -> None:
            try:
                done.put((await work, None))
            except BaseException as error:  # handed to the strategy's thread, which raises it
                done.put((None, error))

        with self._counted():
            try:
                task = self._loop.submit(run())
            except Closed:
                work.close()
                raise KeyboardInterrupt from None
            try:
                while True:
                    try:
                        result, error = done.get(timeout=_LOOK_SECONDS)
                        break
                    except queue.Empty:
                        self._owner.progress(*self._told)
            finally:
                task.cancel()
        if isinstance(error, asyncio.CancelledError):  # the run ends, and closed the loop
            raise KeyboardInterrupt
        if error is not None:
            raise error
        return result  # type: ignore[return-value]  # it is None only where T allows it

    def patient(self, call: Callable[[], Coroutine[object, object, T]]) -> T:
        """The same for what may be asked again at will: a network that is away for minutes ends nothing.

        Raises:
            CallFailed: Of kind `not-found`.
            ModelError: Of any other kind that no further try can help, or none did.
        """
        last: CallFailed | None = None
        for attempt in range(_TRIES):
            try:
                return self.now(call())
            except CallFailed as error:
                if error.kind == "not-found":
                    raise
                if error.fatal or not error.retry:
                    raise ModelError(f"{self._name}: {error}") from error
                last = error
            self.sleep(pause(attempt, last))
        raise ModelError(f"{self._name}: {last}. What was sent goes on there; --resume takes it up") from last

    @contextmanager
    def _counted(self) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self._owner.meter.wait(time.perf_counter() - began)
