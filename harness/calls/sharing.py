"""Requests that two trials ask at the same time: the second waits for the first's answer and pays nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


class Sharing:
    """The keys that are being asked; used from the endpoints' loop alone."""

    def __init__(self) -> None:
        self._asked: dict[str, _Held] = {}

    @asynccontextmanager
    async def alone(self, key: str) -> AsyncIterator[bool]:
        """Holds a key; gives whether somebody else asked under it meanwhile, so that the cache may know it now."""
        held = self._asked.setdefault(key, _Held())
        held.users += 1
        try:
            meanwhile = held.lock.locked()
            async with held.lock:
                yield meanwhile
        finally:
            held.users -= 1
            if not held.users:
                del self._asked[key]


@dataclass
class _Held:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0
