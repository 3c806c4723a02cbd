"""The event loop on which endpoints are awaited."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
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
        self._tasks: set[asyncio.Task[None]] = set()
        self._lock = threading.Lock()

    def submit(self, work: Coroutine[object, object, None]) -> Future[None]:
        """Starts work on the loop.

        Raises:
            Closed: There is no loop any more.
        """
        with self._lock:
            if self._closed:
                work.close()
                raise _closed()
            return self._start(work)

    def start(self, works: Sequence[Coroutine[object, object, None]]) -> None:
        """Starts many at once; what comes of them is theirs to hand on.

        Raises:
            Closed: There is no loop any more.
        """

        def all_of_them(loop: asyncio.AbstractEventLoop) -> None:
            for work in works:
                task = loop.create_task(work)
                self._tasks.add(task)  # a loop holds its tasks weakly
                task.add_done_callback(self._tasks.discard)

        with self._lock:
            if not self._closed:
                loop = self._running()
                loop.call_soon_threadsafe(all_of_them, loop)
                return
        for work in works:
            work.close()
        raise _closed()

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
        return asyncio.run_coroutine_threadsafe(work, self._running())

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = self._make()
            self._thread = threading.Thread(target=self._loop.run_forever, name="endpoints", daemon=True)
            self._thread.start()
        return self._loop


def _closed() -> Closed:
    return Closed("no call can be made: the run has ended")


async def _cancel_all() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
