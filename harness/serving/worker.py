"""One call at a time: a model on one device answers no faster for being asked by two."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

from harness.serving.limits import Limits
from harness.serving.refusing import Refused

T = TypeVar("T")


class Worker:
    """Answers calls in the order in which they came, in a thread of its own.

    Args:
        limits: How many may wait, and how long.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="answering")
        self._lock = Lock()
        self.held = 0  # calls waiting or under way

    async def do(self, work: Callable[[], T]) -> T:
        """The work's result.

        Raises:
            Refused: Too many wait (429), or the time is over (503); what has begun by then still ends first.
        """
        with self._lock:
            if self.held > self._limits.queue:
                raise Refused(
                    429,
                    f"{self.held} calls are under way or waiting: come back in a second",
                    code="queue_full",
                    headers={"Retry-After": "1"},
                )
            self.held += 1
        future = self._thread.submit(work)
        future.add_done_callback(lambda _: self._done())
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._limits.timeout_seconds)
        except TimeoutError:
            raise Refused(
                503,
                f"no answer within {self._limits.timeout_seconds:g} seconds",
                code="timeout",
                headers={"Retry-After": "5"},
            ) from None

    def close(self) -> None:
        """Waits for what is under way, and drops what waits."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _done(self) -> None:
        with self._lock:
            self.held -= 1
