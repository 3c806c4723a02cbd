"""The one calling layer: cache, budget, rate, retry, transport, in this order.

A strategy's `complete(requests)` comes here. What the cache has is replayed; a local engine gets the rest as
one list, so that it can batch; an endpoint gets them one by one from a loop in the background, with as many in
flight as the run allows. A failure is an answer of its own and is never cached.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Protocol

from harness.calls.ages import Ages
from harness.calls.batches import Batches
from harness.calls.budget import Budget
from harness.calls.cache import Cache, CachedCompletion, request_key
from harness.calls.drift import Drift
from harness.calls.flights import Fetched, Flights
from harness.calls.keeping import Keeping
from harness.calls.ledger import Meter
from harness.calls.loop import Loop
from harness.calls.pace import Pace
from harness.calls.room import Room
from harness.calls.sharing import Sharing
from harness.models import Answered, ChatModel, Completion, Endpoint, Request
from harness.records import Exchange, Failed


@dataclass
class Calls:
    """What all calls of a run share.

    Attributes:
        cache: Answers of earlier calls.
        budget: The run's cap.
        hardware: Part of a local model's cache key: another machine computes in another time.
        jobs: Requests to one account that may be under way at once, at most.
        loop: Where endpoints are awaited.
        ages: Which cached answers of endpoints are too old; None for none.
        say: Tells whoever watches that an endpoint is waited for.
        batches: What was sent to endpoints as a batch.
        sharing: What several trials ask at the same time.
        embedding: Held while texts are looked up and embedded: who comes second finds them in the cache.
        moved: Endpoints that answer otherwise than before, and since when: older answers are not used again.
    """

    cache: Cache
    budget: Budget
    hardware: str
    jobs: int = 8
    loop: Loop = field(default_factory=Loop)
    ages: Ages | None = None
    say: Callable[[str], object] = lambda _: None
    batches: Batches = field(default_factory=Batches)
    moved: dict[str, datetime] = field(default_factory=dict)
    sharing: Sharing = field(default_factory=Sharing)
    embedding: Lock = field(default_factory=Lock)
    _paces: dict[str, Pace] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.flights = Flights(self.loop)
        self.drift = Drift(self.cache)
        self.keeping = Keeping(self.cache)
        self.room = Room(self.budget)

    def pace(self, endpoint: Endpoint) -> Pace:
        """How fast an endpoint is asked: models behind one key share it."""
        return self._paces.setdefault(endpoint.account, Pace(self.jobs, self.say))

    def told(self) -> list[str]:
        """What the user must know at the end of a run."""
        said = (self.budget.told(), self.ages and self.ages.told(), self.cache.problem)
        return [each for each in said if each]


class Owner(Protocol):
    """Whoever pays: its meter is looked up at each call, because a fitted strategy can pass to another trial."""

    @property
    def meter(self) -> Meter: ...

    def progress(self, done: int, total: int, what: str) -> None: ...

    def warn(self, message: str) -> None: ...


class Metered(ABC):
    """What a metered local engine and a metered endpoint share: the cache in front and the books behind."""

    def __init__(self, calls: Calls, owner: Owner, identity: str, repeat: int, hardware: str = "") -> None:
        self._calls = calls
        self._owner = owner
        self._identity = identity
        self._repeat = repeat
        self._hardware = hardware

    @property
    def _meter(self) -> Meter:
        return self._owner.meter

    @property
    def identity(self) -> str:
        return self._identity

    def complete(self, requests: Sequence[Request]) -> Iterator[Answered]:
        cached = self._replays()
        waiting: dict[str, list[int]] = {}
        for index, request in enumerate(requests):
            key = request_key(self._identity, request, repeat=self._repeat, hardware=self._hardware)
            found = self._cached(key) if cached and key not in waiting else None
            if found is None:
                waiting.setdefault(key, []).append(index)
            else:
                yield self._replay(index, request, key, found.completion)
        done = len(requests) - sum(map(len, waiting.values()))
        with closing(self._fetch([(key, requests[indices[0]]) for key, indices in waiting.items()])) as coming:
            for fetched in coming:
                yield from self._deliver(fetched, waiting[fetched.key], requests)
                done += len(waiting[fetched.key])
                if self._meter.phase == "prepare":  # the runner counts test queries itself
                    self._owner.progress(done, len(requests), "asking the model")

    @abstractmethod
    def _replays(self) -> bool:
        """Whether the cache may answer now."""

    def _cached(self, key: str) -> CachedCompletion | None:
        """What may be replayed under a key."""
        found = self._calls.cache.completion(key)
        return found if found is not None and self._is_good(key, found) else None

    def _is_good(self, key: str, found: CachedCompletion) -> bool:
        """Whether a cached answer may be replayed."""
        return True

    @abstractmethod
    def _fetch(self, missing: Sequence[tuple[str, Request]]) -> Generator[Fetched]: ...

    def _deliver(
        self, fetched: Fetched, indices: Sequence[int], requests: Sequence[Request]
    ) -> Iterator[Answered]:
        answer = fetched.answer
        if isinstance(answer, Failed):
            for index in indices:
                failed = answer.model_copy(update={"query_id": requests[index].query_id or ""})
                yield Answered(index=index, completion=failed)
            return
        own = [] if fetched.shared else indices[:1]
        for index in own:
            yield self._pay(index, requests[index], fetched, answer)
        for index in indices[len(own) :]:
            yield self._replay(index, requests[index], fetched.key, answer)

    def _pay(self, index: int, request: Request, fetched: Fetched, completion: Completion) -> Answered:
        answered = self._book(index, request, fetched.key, completion, paid=True)
        if fetched.reserved is not None:
            self._calls.budget.settle(fetched.reserved, completion.usage)
        return answered

    def _replay(self, index: int, request: Request, key: str, completion: Completion) -> Answered:
        return self._book(index, request, key, completion.model_copy(update={"replayed": True}), paid=False)

    def _book(self, index: int, request: Request, key: str, completion: Completion, *, paid: bool) -> Answered:
        name = self._meter.name(request.query_id or "-", key[-16:])
        self._meter.book(name, completion.usage, completion.seconds, paid=paid, query_id=request.query_id)
        exchange = Exchange(
            model=self._identity,
            messages=request.messages,
            choices=request.choices,
            text=completion.text,
            asked=completion.asked,
            logprobs=completion.logprobs,
            replayed=completion.replayed,
            request_id=completion.request_id,
            served=completion.served,
            fingerprint=completion.fingerprint,
            max_tokens=request.max_tokens,
            temperature=request.temperature,
            sample=request.sample,
        )
        self._meter.sent(request.query_id, exchange)
        return Answered(index=index, completion=completion)


class MeteredEngine(Metered):
    """A local chat model with cache and meter."""

    def __init__(self, engine: ChatModel, calls: Calls, owner: Owner, repeat: int) -> None:
        super().__init__(calls, owner, engine.identity, repeat, hardware=calls.hardware)
        self._engine = engine

    @property
    def window(self) -> int:
        return self._engine.window

    def tokens(self, request: Request) -> int:
        return self._engine.tokens(request)

    def _replays(self) -> bool:
        # Latency is measured at work: while the sample is asked, a local model's cache sleeps.
        return self._meter.phase not in ("sample", "warm-up")

    def _fetch(self, missing: Sequence[tuple[str, Request]]) -> Generator[Fetched]:
        for answered in self._engine.complete([request for _, request in missing]) if missing else ():
            key = missing[answered.index][0]
            if isinstance(answered.completion, Completion):
                self._calls.budget.used(answered.completion.usage)
                self._calls.cache.store(key, answered.completion)
            yield Fetched(key, answered.completion)
