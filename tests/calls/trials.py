"""Trials that ask an endpoint through the calls of a run, without a strategy.

owner = run(limit=100)                         a trial of a run under a cap of 100 $
owner.ask(There(seconds=7), "a", "b")          asks two questions, each answered after seven seconds
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path

from harness import CallFailed, Completion, Failed, Message, Request, Usage
from harness.calls.ages import Ages
from harness.calls.budget import Budget
from harness.calls.cache import Cache
from harness.calls.calling import Calls
from harness.calls.endpoint import MeteredEndpoint
from harness.calls.ledger import Meter, entries
from harness.calls.loop import Loop
from harness.calls.pricing import Prices
from harness.models import Answered
from harness.records import TrialKey
from harness.suite import PriceBook, TokenPrice

DOLLAR = 1_000_000  # tokens
Make = Callable[[], asyncio.AbstractEventLoop]


class There:
    """An endpoint that takes its time for each question, and fails at those it is told to, once an error."""

    name = "model"
    window = 1000

    def __init__(
        self, seconds: float = 1.0, account: str = "key", errors: dict[str, list[CallFailed]] | None = None
    ):
        self.seconds = seconds
        self.account = account
        self.errors = errors or {}
        self.sent: list[str] = []
        self.begun = threading.Event()
        self.loop: Telling | None = None
        self.after = 0
        self.served: str | None = None

    @property
    def identity(self) -> str:
        return f"there/{self.account}"

    def tokens(self, request: Request) -> int:
        return DOLLAR

    def once_sent(self, loop: Loop, requests: int) -> There:
        """Answers once so many requests are on their way."""
        assert isinstance(loop, Telling)
        self.loop, self.after = loop, loop.submitted + requests
        return self

    async def send(self, request: Request) -> Completion:
        text = request.messages[-1].content
        self.sent.append(text)
        self.begun.set()
        # The loop and its clock stand still until all that the test sends is on its way.
        while self.loop is not None and self.loop.submitted < self.after:
            time.sleep(0.001)
        if self.errors.get(text):
            await asyncio.sleep(0.01)
            raise self.errors[text].pop(0)
        await asyncio.sleep(self.seconds)
        usage = Usage(model="model", input_tokens=DOLLAR // 10)
        return Completion(text=text.upper(), usage=usage, seconds=self.seconds, served=self.served)

    async def close(self) -> None: ...


class Telling(Loop):
    """Counts what is submitted to it."""

    def __init__(self, make: Make) -> None:
        super().__init__(make)
        self.submitted = 0

    def submit(self, work):  # type: ignore[no-untyped-def]
        submitted = super().submit(work)
        self.submitted += 1
        return submitted

    def start(self, works):  # type: ignore[no-untyped-def]
        super().start(works)
        self.submitted += len(works)


class Owner:
    """A trial, as calls see it."""

    def __init__(self, folder: Path, calls: Calls, strategy: str = "s") -> None:
        self.meter = Meter(folder / f"{strategy}.jsonl", TrialKey(task="t", strategy=strategy))
        self.path = folder / f"{strategy}.jsonl"
        self.calls = calls
        self.warned: list[str] = []

    def progress(self, done: int, total: int, what: str) -> None: ...

    def warn(self, message: str) -> None:
        self.warned.append(message)

    def ask(self, there: There, *texts: str) -> dict[str, Completion | Failed]:
        model = MeteredEndpoint(there, self.calls, self, repeat=0)
        requests = [Request(messages=(Message(role="user", content=text),), query_id=text) for text in texts]
        answers: list[Answered] = list(model.complete(requests))
        return {texts[answered.index]: answered.completion for answered in answers}


class Run:
    """What the trials of a run share, in a folder that outlives it."""

    def __init__(self, folder: Path, loop: Loop) -> None:
        self.folder = folder
        self.loop = loop
        self._opened: list[tuple[Calls, Owner]] = []

    def __call__(self, *, limit: float | None = None, jobs: int = 4, ages: Ages | None = None) -> Owner:
        prices = Prices(PriceBook(models={"model": TokenPrice(input=1, output=0)}))
        paid = list(entries(self.folder / "s.jsonl"))
        budget = Budget(limit, prices, self.folder / "budget.jsonl", paid)
        calls = Calls(Cache(self.folder / "cache.sqlite"), budget, "here", jobs, self.loop, ages)
        owner = Owner(self.folder, calls)
        self._opened.append((calls, owner))
        return owner

    def beside(self, owner: Owner) -> Owner:
        other = Owner(self.folder, owner.calls, "other")
        self._opened.append((owner.calls, other))
        return other

    def close(self) -> None:
        self.loop.close()
        for calls, owner in self._opened:
            owner.meter.close()
            calls.budget.close()
            calls.cache.close()
