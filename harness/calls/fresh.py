"""A tuned model whose name is not known everywhere yet.

A provider may say that there is no such model for some minutes after its job has succeeded. The first call waits
that out; a model that has answered once is asked like any other.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from harness.models import CallFailed, Completion, Endpoint, Request, Telling

_PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0)  # seconds; the last one again and again
_UNKNOWN = ("not-found", "model-not-found")


class FreshEndpoint:
    """Implements `Endpoint` on another.

    Args:
        endpoint: Who is asked.
        seconds: How long it may be unknown.
    """

    def __init__(self, endpoint: Endpoint, seconds: float) -> None:
        self._endpoint = endpoint
        self._ends = time.monotonic() + seconds
        self._known = False

    @property
    def identity(self) -> str:
        return self._endpoint.identity

    @property
    def name(self) -> str:
        return self._endpoint.name

    @property
    def account(self) -> str:
        return self._endpoint.account

    @property
    def window(self) -> int:
        return self._endpoint.window

    def tokens(self, request: Request) -> int:
        return self._endpoint.tokens(request)

    async def send(self, request: Request) -> Completion:
        attempt = 0
        while True:
            try:
                completion = await self._endpoint.send(request)
            except CallFailed as error:
                pause = _PAUSES[min(attempt, len(_PAUSES) - 1)]
                if error.kind not in _UNKNOWN or self._known or time.monotonic() + pause > self._ends:
                    raise
            else:
                self._known = True
                return completion
            attempt += 1
            await asyncio.sleep(pause)

    def warnings(self, completion: Completion) -> Sequence[str]:
        return self._endpoint.warnings(completion) if isinstance(self._endpoint, Telling) else ()

    async def close(self) -> None:
        await self._endpoint.close()
