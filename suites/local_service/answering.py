"""Questions that wait are answered together: one thread, and as many of one model's at once as there are."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Thread
from typing import NamedTuple

from harness import Completion, Failed
from harness.serving.refusing import Refused
from suites.local_service.chat import Asked
from suites.local_service.engine import Engine

ROOM = 64  # questions that are taken at a time
_TOGETHER = 16


class _Waiting(NamedTuple):
    asked: Asked
    future: Future[Completion | Failed]


class Answering:
    """The thread that asks the engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self.held = 0  # questions waiting or under way
        self._thread = Thread(target=self._run, name="answering", daemon=True)
        self._thread.start()

    async def answer(self, asked: Asked, *, patient: bool = False) -> Completion | Failed:
        """The engine's answer.

        Raises:
            Refused: Too many wait, and the caller would not (429).
        """
        if self.held >= ROOM and not patient:
            said = f"{ROOM} questions are under way: come back in a second"
            raise Refused(429, said, code="rate_limit_exceeded", headers={"Retry-After": "1"})
        self.held += 1
        try:
            future: Future[Completion | Failed] = Future()
            self._queue.put(_Waiting(asked, future))
            return await asyncio.wrap_future(future)
        finally:
            self.held -= 1

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        waiting: list[_Waiting] = []
        while True:
            if not waiting:
                first = self._queue.get()
                if first is None:
                    return
                waiting.append(first)
            try:
                while True:
                    more = self._queue.get_nowait()
                    if more is None:
                        return
                    waiting.append(more)
            except Empty:
                pass
            tuned = waiting[0].asked.model.tuned
            some = [w for w in waiting if w.asked.model.tuned == tuned][:_TOGETHER]
            waiting = [w for w in waiting if w not in some]
            self._answer([w for w in some if w.future.set_running_or_notify_cancel()])

    def _answer(self, some: list[_Waiting]) -> None:
        if not some:
            return
        try:
            tuned = some[0].asked.model.tuned
            found = self._engine.complete(tuned, [waiting.asked.request for waiting in some])
            for waiting, completion in zip(some, found, strict=True):
                waiting.future.set_result(completion)
        except Exception as error:  # the callers are told; the service goes on
            for waiting in some:
                if not waiting.future.done():
                    waiting.future.set_exception(error)
