"""Answers on their way into the cache: on disk before they are handed on, whatever comes between."""

from __future__ import annotations

import asyncio
from pathlib import Path

from harness import Completion, Usage
from harness.calls.cache import Cache
from harness.calls.cached import Kept
from harness.calls.keeping import Keeping


def answer(text: str) -> Completion:
    return Completion(text=text, usage=Usage(model="m", input_tokens=1))


def test_each_answer_is_on_disk_once_it_is_kept(tmp_path: Path) -> None:
    async def keep(cache: Cache, keeping: Keeping, key: str) -> tuple[bool, str | None]:
        kept = await keeping.keep(Kept(key, answer("" if key == "empty" else key)))
        with Cache(cache.path) as other:
            found = other.completion(key)
        return kept, None if found is None else found.completion.text

    async def all_at_once(cache: Cache) -> list[tuple[bool, str | None]]:
        keeping = Keeping(cache)
        return await asyncio.gather(*(keep(cache, keeping, key) for key in ("a", "empty", "b")))

    with Cache(tmp_path / "cache.sqlite") as cache:
        assert [(True, "a"), (False, None), (True, "b")] == asyncio.run(all_at_once(cache))


def test_who_is_cancelled_while_its_answer_is_kept_is_so_too_late(tmp_path: Path) -> None:
    async def cancelled(cache: Cache) -> bool:
        task = asyncio.ensure_future(Keeping(cache).keep(Kept("a", answer("a"))))
        asyncio.get_running_loop().call_soon(task.cancel)  # before the turn's write
        return await task

    with Cache(tmp_path / "cache.sqlite") as cache:
        assert asyncio.run(cancelled(cache)) is True
        assert cache.completion("a") is not None


def test_answers_that_cannot_be_written_are_handed_on_all_the_same(tmp_path: Path) -> None:
    async def both(cache: Cache) -> list[bool]:
        keeping = Keeping(cache)
        return await asyncio.gather(*(keeping.keep(Kept(key, answer(key))) for key in "ab"))

    cache = Cache(tmp_path / "cache.sqlite")
    cache.close()
    assert [False, False] == asyncio.run(both(cache))
