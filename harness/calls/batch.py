"""An endpoint asked by the batch: what the cache lacks goes as one, for less money and later.

prepare, bulk, validation, probe     one batch (several where it is too large for one), joined on custom ids
sample, warm-up                      live, one at a time: a batch says nothing of latency

Before a batch is sent, the dollars of all its requests are reserved and its key and ids are on disk. Where it is
not clear whether it arrived, the provider's list is asked before it is sent again; after a restart what stands in
an open batch is waited for and not sent again.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Mapping, Sequence

from harness.calls.batch_sending import Sending, parts
from harness.calls.batches import OpenBatch, custom_id
from harness.calls.calling import Calls, Owner
from harness.calls.endpoint import MeteredEndpoint
from harness.calls.flights import Fetched
from harness.calls.keys import VERSION
from harness.calls.retries import Retries, given_up, is_paid
from harness.calls.waiting import Waiting
from harness.errors import ModelError
from harness.models import Answered, BatchEndpoint, BatchState, CallFailed, Completion, Endpoint, Request
from harness.numbers import plural

ROUNDS = 3  # batches in a row; what the last one leaves is asked live
_LONGEST_PAUSE = 30.0
_ALONE = ("sample", "warm-up")
_GONE = "gone"

Results = Mapping[str, Completion | CallFailed]
_log = logging.getLogger(__name__)


def metered(endpoint: Endpoint, calls: Calls, owner: Owner, repeat: int) -> MeteredEndpoint:
    """An endpoint as a chat model, by the batch where the suite asks for that."""
    if isinstance(endpoint, BatchEndpoint) and endpoint.batched:
        return BatchedEndpoint(endpoint, calls, owner, repeat)
    return MeteredEndpoint(endpoint, calls, owner, repeat)


class BatchedEndpoint(MeteredEndpoint):
    """An endpoint as a chat model, which asks by the batch all that is not timed."""

    def __init__(self, endpoint: BatchEndpoint, calls: Calls, owner: Owner, repeat: int) -> None:
        super().__init__(endpoint, calls, owner, repeat)
        self._provider = endpoint
        self._batches = calls.batches
        self._waiting = Waiting(calls.loop, owner, endpoint.name)
        self._sending = Sending(endpoint, calls, self._waiting)
        self._billed: set[str] = set()  # what failed and was paid for
        self._paid: set[str] = set()  # what was booked before
        self._brought = 0  # answers and failures that batches brought

    def _fetch(self, missing: Sequence[tuple[str, Request]]) -> Generator[Fetched]:
        if self._meter.phase in _ALONE:
            yield from self._live(dict(missing))
            return
        wanted = dict(missing)
        mine = self._batches.claim(wanted)
        try:
            asked = {key: request for key, request in wanted.items() if key in mine}
            for key in mine:  # another trial may have had its answer just now
                if (found := self._cached(key)) is not None:
                    del asked[key]
                    yield self._known(key, found.completion)
            for fetched in self._by_batch(asked):
                self._batches.release([fetched.key])
                yield fetched
        finally:
            self._batches.release(mine)
        yield from self._from_others({key: r for key, r in wanted.items() if key not in mine})

    def _known(self, key: str, completion: Completion) -> Fetched:
        self._paid.add(key)  # and booked
        return Fetched(key, completion)

    def _pay(self, index: int, request: Request, fetched: Fetched, completion: Completion) -> Answered:
        if fetched.key not in self._paid:
            return super()._pay(index, request, fetched, completion)
        self._paid.discard(fetched.key)
        return self._replay(index, request, fetched.key, completion)

    def _live(self, wanted: Mapping[str, Request]) -> Iterator[Fetched]:
        if wanted:
            yield from super()._fetch(list(wanted.items()))
            self._batches.spoken.add(self._identity)

    def _from_others(self, wanted: Mapping[str, Request]) -> Iterator[Fetched]:
        """Waits for what another trial is asking by the batch just now; what failed there is asked live."""
        left: dict[str, Request] = {}
        for key, request in wanted.items():
            while self._batches.claimed(key):
                self._waiting.sleep(self._batches.pause, "waiting for another trial's batch")
            found = self._cached(key)
            if found is None:
                left[key] = request
            else:
                yield self._known(key, found.completion)
        if left:
            yield from self._live(left)

    def _by_batch(self, wanted: Mapping[str, Request]) -> Iterator[Fetched]:
        left = dict(wanted)
        for _ in range(ROUNDS):
            before = self._brought
            for fetched in self._round(dict(left)):
                del left[fetched.key]
                yield fetched
            if not left or before == self._brought:  # where none brought anything, the next would not either
                break
        if left:
            told = plural(len(left), "request")
            _log.warning(
                "%s: batches left %s unanswered: asked live, at the full price", self._provider.name, told
            )
            yield from self._live(left)

    def _round(self, left: dict[str, Request]) -> Iterator[Fetched]:
        """Everything once: what open batches hold is waited for, the rest is sent as new ones."""
        by_id = {custom_id(key): key for key in left}
        taken = self._sending.taken_up(by_id)
        held = {each for batch in taken for each in batch.open_ids}
        fresh = {each: left[key] for each, key in by_id.items() if each not in held}
        # A refused field is learnt from one live request, not from a whole batch; one alone is not worth a wait.
        if fresh and (len(fresh) == 1 or self._identity not in self._batches.spoken):
            first = next(iter(fresh))
            yield from self._live({by_id[first]: fresh.pop(first)})
        book = f"{self._meter.trial}/{self._meter.phase}"
        taken += [self._sending.send(part, book) for part in parts(fresh)]
        try:
            yield from self._collect(taken, {each: (key, left[key]) for each, key in by_id.items()})
        except KeyboardInterrupt:
            _log.warning("%s: its batch goes on there and is billed; --resume takes it up", self._provider.name)
            raise

    def _collect(self, taken: Sequence[OpenBatch], wanted: Mapping[str, tuple[str, Request]]) -> Iterator[Fetched]:
        """Waits for batches, and hands on what each brings as it ends."""
        pause = self._batches.pause
        states: dict[str, BatchState] = {}
        waiting = list(taken)
        while waiting:
            ended = []
            for batch in waiting:
                states[batch.key] = self._look(batch)
                if states[batch.key].ended:
                    ended.append(batch)
            words = ", ".join(sorted({state.told for state in states.values()}))
            done, total = (sum(getattr(s, n) for s in states.values()) for n in ("done", "total"))
            self._waiting.say(done, total, f"batch {words}")
            for batch in ended:
                waiting.remove(batch)
                yield from self._hand_on(batch, states[batch.key], wanted)
            if waiting and not ended:
                self._waiting.sleep(pause)
                pause = min(pause * 1.5, _LONGEST_PAUSE)

    def _look(self, batch: OpenBatch) -> BatchState:
        id_ = batch.batch or ""
        try:
            return self._waiting.patient(lambda: self._provider.batch(id_))
        except CallFailed:
            _log.warning("%s: batch %r is gone; what it held is asked again", self._provider.name, id_)
            return BatchState(id=id_, ended=True, told=_GONE)

    def _read(self, state: BatchState, requests: Mapping[str, Request]) -> Results | None:
        """What a batch brought; None where nobody can tell any more."""
        if state.told == _GONE:
            return None
        if state.reason:
            _log.warning("%s: batch %r ended as %s: %s", self._provider.name, state.id, state.told, state.reason)
        try:
            return self._waiting.patient(lambda: self._provider.results(state, requests))
        except CallFailed:
            _log.warning("%s: the answers of batch %r are gone", self._provider.name, state.id)
            return None

    def _hand_on(
        self, batch: OpenBatch, state: BatchState, wanted: Mapping[str, tuple[str, Request]]
    ) -> Iterator[Fetched]:
        """Hands on what a batch brought; what it leaves unanswered is neither handed on nor billed."""
        here = {each: wanted[each] for each in batch.open_ids if each in wanted}
        results = self._read(state, {each: request for each, (_, request) in here.items()})
        self._brought += len(results or ())
        fatal: CallFailed | None = None
        for each, (key, request) in here.items():
            batch.done.add(each)
            result = None if results is None else results.get(each)
            if isinstance(result, Completion):
                yield from self._answered(batch, each, key, result)
            elif isinstance(result, CallFailed):
                fatal = result if result.fatal else fatal
                self._book_failed(batch, each, key, result, request)
                if not self._again(key, result):
                    yield Fetched(key, given_up(result, request))
            elif results is not None:
                self._calls.budget.settle(batch.reserved[each], None)
        if not self._elsewhere(batch):
            self._batches.end(batch, state.told)
        if fatal is not None:
            raise ModelError(f"{self._provider.name}: {fatal}") from fatal

    def _answered(self, batch: OpenBatch, each: str, key: str, completion: Completion) -> Iterator[Fetched]:
        usage = completion.usage.model_copy(update={"batched": True})
        # Nobody knows how long it was at work: seconds are measured live.
        completion = completion.model_copy(update={"usage": usage, "seconds": 0.0})
        [kept] = self._calls.cache.store_all([self._kept(key, completion)])
        if each in batch.booked:
            yield self._known(key, completion)
        else:
            yield Fetched(key, completion, batch.reserved[each])
        if not kept:
            self._batches.booked(batch, each)

    def _retries(self, key: str) -> Retries:
        return Retries(paid=int(key in self._billed))

    def _again(self, key: str, said: CallFailed) -> bool:
        """Whether a request that failed is asked again: one that was billed, or may have been, once more."""
        again = said.retry and not said.fatal and not (is_paid(said) and key in self._billed)
        if is_paid(said):
            self._billed.add(key)
        return again

    def _book_failed(self, batch: OpenBatch, each: str, key: str, said: CallFailed, request: Request) -> None:
        if each in batch.booked:
            return
        if said.usage is not None:
            said.usage = said.usage.model_copy(update={"batched": True})
        self._settle_failed(key, request, batch.reserved[each], said)
        self._batches.booked(batch, each)

    def _elsewhere(self, batch: OpenBatch) -> bool:
        """Whether a batch still holds what another call will ask for."""
        return any(self._cached(f"{VERSION}:{each}") is None for each in batch.open_ids)
