"""Answers that come at about the same time go into the cache with one write.

20 at once, an endpoint that answers in a millisecond     some 10 answers a write instead of one
1 at once, or answers that come apart                     one a write, at once

None is handed on before it is on disk.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from harness.calls.cache import Cache
from harness.calls.cached import Kept


class Keeping:
    """Writes what came during one turn of the loop together. Used from one event loop.

    Args:
        cache: Where to.
    """

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._came: list[tuple[Kept, asyncio.Future[bool]]] = []

    async def keep(self, kept: Kept) -> bool:
        """Whether it may be replayed and was written; it is on disk then.

        Whoever is cancelled here is so too late: the answer has come and is paid for.
        """
        loop = asyncio.get_running_loop()
        written: asyncio.Future[bool] = loop.create_future()
        if not self._came:
            loop.call_soon(self._write)
        self._came.append((kept, written))
        with suppress(asyncio.CancelledError):
            return await asyncio.shield(written)
        self._write()
        return written.result()

    def _write(self) -> None:
        came, self._came = self._came, []
        if not came:
            return
        try:
            stored = self._cache.store_all([kept for kept, _ in came])
        except BaseException as error:  # nobody may wait for ever
            for _, written in came:
                written.set_exception(error)
            raise
        for (_, written), done in zip(came, stored, strict=True):
            written.set_result(done)
