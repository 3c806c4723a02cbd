"""Runs whose trials ask, and a loop whose time is not the wall's: it jumps to the next timer when idle."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from harness.calls.loop import Loop
from tests.calls.trials import Make, Run, Telling

T = TypeVar("T")


class _Jumping(selectors.DefaultSelector):
    """Waits for nothing but what other threads submit."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(None if timeout is None else 0)
        if not ready and timeout:
            self.now += timeout
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.jumping = _Jumping()
        super().__init__(self.jumping)

    def time(self) -> float:
        return self.jumping.now


@pytest.fixture
def jumping() -> Make:
    return JumpingLoop


@pytest.fixture
def in_no_time() -> Callable[[Callable[[], Awaitable[T]]], T]:
    """Runs a coroutine function on such a loop."""

    def run(work: Callable[[], Awaitable[T]]) -> T:
        loop = JumpingLoop()
        try:
            return loop.run_until_complete(work())
        finally:
            loop.close()

    return run


@pytest.fixture
def run(tmp_path: Path, jumping: Make) -> Iterator[Run]:
    made = Run(tmp_path, Telling(jumping))
    yield made
    made.close()


@pytest.fixture
def at_wall_time(tmp_path: Path) -> Iterator[Run]:
    made = Run(tmp_path, Loop())
    yield made
    made.close()
