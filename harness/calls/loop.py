"""The event loop on which endpoints are awaited."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future


class Closed(RuntimeError):
    """The loop was closed: its run has ended."""


class Loop:
    """An event loop in a background thread, made when the first endpoint is called.

    Args:
        make: Makes the loop; by its clock calls wait and are timed.
    """

    def __init__(self, make: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop) -> None:
        self._make = make
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closed = False
        self._lock = threading.Lock()

    def submit(self, work: Coroutine[object, object, None]) -> Future[None]:
        """Starts work on the loop.

        Raises:
            Closed: There is no loop any more.
        """
        with self._lock:
            if self._closed:
                work.close()
                raise Closed("no call can be made: the run has ended")
            return self._start(work)

    def close(self) -> None:
        """Ends what is still under way; more cannot be started."""
        with self._lock:
            loop, thread = self._loop, self._thread
            if self._closed or loop is None or thread is None:
                self._closed = True
                return
            self._closed = True
            ended = self._start(_cancel_all())
        ended.result(timeout=30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    def _start(self, work: Coroutine[object, object, None]) -> Future[None]:
        if self._loop is None:
            self._loop = self._make()
            self._thread = threading.Thread(target=self._loop.run_forever, name="endpoints", daemon=True)
            self._thread.start()
        return asyncio.run_coroutine_threadsafe(work, self._loop)


async def _cancel_all() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
