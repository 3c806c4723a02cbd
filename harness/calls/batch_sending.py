"""How a batch is sent so that it is sent once: reserved, on disk, sent, and looked for before it is sent again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.calls.batches import OpenBatch
from harness.calls.calling import Calls
from harness.calls.upper import upper
from harness.calls.waiting import Waiting
from harness.errors import BudgetError, ModelError
from harness.models import BatchEndpoint, BatchState, CallFailed, Request

_MOST = 50_000  # requests of a batch: the providers' limit
_BYTES = 150_000_000  # of the requests of one; the limit is 200 MB, and a body is longer than its request
_BODY_BYTES = 500  # what a body has beside its request
_LOOKS = (1, 3, 8)  # pauses before each look at the provider's list, which may be seconds behind
_TRIES = 6


class Sending:
    """Sends batches of one endpoint, and takes up those that were sent."""

    def __init__(self, provider: BatchEndpoint, calls: Calls, waiting: Waiting) -> None:
        self._provider = provider
        self._budget = calls.budget
        self._batches = calls.batches
        self._waiting = waiting

    def taken_up(self, ids: Mapping[str, str]) -> list[OpenBatch]:
        """Batches of an earlier process, or of an earlier call, that hold some of these requests."""
        taken = []
        for batch in self._batches.holding(self._provider.identity, ids):
            if batch.batch is None:
                state = self._listed(batch) or self._looked_for(batch)
                if state is None:
                    self._drop(batch, "never sent")
                    continue
                self._batches.sent(batch, state.id)
            taken.append(batch)
        return taken

    def send(self, requests: Mapping[str, Request], book: str) -> OpenBatch:
        """Reserves, notes and sends a batch; it is the provider's when this returns.

        Args:
            requests: By custom id.
            book: What its reservations are named by: trial and phase.

        Raises:
            BudgetError: The whole of it does not fit the cap; nothing was sent.
            ModelError: The provider refuses it, or cannot be reached.
        """
        batch = self._batches.begin(self._provider.identity, self._reserved(requests, book))
        said: CallFailed | None = None
        for _ in range(_TRIES):
            state = None if said is None else self._found(batch, said)
            try:
                state = state or self._waiting.now(self._provider.submit(requests, batch.key))
            except CallFailed as error:
                if error.fatal or not error.retry:
                    self._drop(batch, f"refused: {error.kind}")
                    raise ModelError(f"{self._provider.name}: a batch was not taken: {error}") from error
                said = error
                continue
            self._batches.sent(batch, state.id)
            return batch
        raise ModelError(
            f"{self._provider.name}: a batch could not be sent: {said}. --resume looks for it and goes on"
        ) from said

    def _reserved(self, requests: Mapping[str, Request], book: str) -> dict[str, str]:
        """The reservation of each request: all of them, or none."""
        reserved: dict[str, str] = {}
        try:
            for each, request in requests.items():
                most = upper(self._provider, request).model_copy(update={"batched": True})
                reserved[each] = self._budget.reserve(f"{book}/{each[-16:]}", most)
        except BudgetError:
            for name in reserved.values():
                self._budget.settle(name, None)
            raise
        return reserved

    def _found(self, batch: OpenBatch, said: CallFailed) -> BatchState | None:
        """The batch, where it arrived although its sending failed."""
        if said.after is not None or said.kind == "rate-limit":
            pause = self._batches.pause if said.after is None else said.after
            self._waiting.sleep(pause, "sending a batch again")
        return None if said.kind == "rate-limit" else self._looked_for(batch)

    def _looked_for(self, batch: OpenBatch) -> BatchState | None:
        """The batch once the provider's list shows it; None where it is not there after all."""
        for pauses in _LOOKS:
            self._waiting.sleep(pauses * self._batches.pause, "looking for the batch")
            state = self._listed(batch)
            if state is not None:
                return state
        return None

    def _listed(self, batch: OpenBatch) -> BatchState | None:
        return self._waiting.patient(lambda: self._provider.find_batch(batch.key))

    def _drop(self, batch: OpenBatch, why: str) -> None:
        for name in batch.reserved.values():
            self._budget.settle(name, None)
        self._batches.end(batch, why)


def parts(requests: Mapping[str, Request], most: int = _MOST, size: int = _BYTES) -> Iterator[dict[str, Request]]:
    """Requests in as many batches as the providers' limits need."""
    part: dict[str, Request] = {}
    held = 0
    for each, request in requests.items():
        length = len(request.model_dump_json().encode()) + _BODY_BYTES
        if part and (len(part) == most or held + length > size):
            yield part
            part, held = {}, 0
        part[each] = request
        held += length
    if part:
        yield part
