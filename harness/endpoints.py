"""What a hosted-model plugin writes: one attempt, typed errors. Core owns cache, budget, rate and retry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from harness.completions import Completion, Limits, Request
from harness.records import Record, Usage


class CallFailed(Exception):
    """One attempt at an endpoint failed; core decides whether to try again.

    Args:
        kind: A short word to count by: `rate-limit`, `timeout`, `server`, `refused`, `quota`, `auth`, …
        message: What happened, without any secret.
        retry: Whether the same request may succeed later.
        after: Seconds that the endpoint asked to wait.
        fatal: Whether every further call must fail too (a wrong key, no quota): the strategy is stopped.
        usage: What the endpoint billed all the same (a refusal is an answer); None for nothing that it told.
        billed: Whether it may have been served and billed though nothing was told (a time-out): a reservation
            stays booked at its upper bound, and it is tried once more at most.
        limits: What the endpoint said it still takes.
    """

    def __init__(  # noqa: PLR0913  (what each attempt may know, by name)
        self,
        kind: str,
        message: str,
        *,
        retry: bool = False,
        after: float | None = None,
        fatal: bool = False,
        usage: Usage | None = None,
        billed: bool = False,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.retry = retry
        self.after = after
        self.fatal = fatal
        self.usage = usage
        self.billed = billed
        self.limits = limits


class Endpoint(Protocol):
    """What a hosted-model plugin writes: one attempt, typed errors. Core owns cache, budget, rate and retry."""

    @property
    def identity(self) -> str: ...

    @property
    def name(self) -> str:
        """What prices go by, such as ``openai/gpt-5-mini``."""
        ...

    @property
    def account(self) -> str:
        """What a rate limit is held by: the host and a hash of the key, never the key."""
        ...

    @property
    def window(self) -> int: ...

    def tokens(self, request: Request) -> int:
        """Tokens of the prompt; an estimate from above where the tokenizer is not known."""
        ...

    async def send(self, request: Request) -> Completion:
        """One attempt.

        Raises:
            CallFailed: With what core needs to know to retry, fail the one request, or stop.
        """
        ...

    async def close(self) -> None: ...


@runtime_checkable
class Telling(Protocol):
    """An endpoint that has something to say of who answers."""

    def warnings(self, completion: Completion) -> Sequence[str]:
        """What readers of a trial must know, each told once: that the model's name is an alias, and of what.

        Args:
            completion: One that came back, or that the cache had.
        """
        ...


class BatchState(Record):
    """A batch as the endpoint tells it.

    Attributes:
        id: The endpoint's.
        ended: Whether no more answers will come: completed, expired, cancelled or failed.
        told: The endpoint's own word for its state.
        done: Requests that are answered or failed.
        total: All of them.
        outputs: Ids of files with answers and errors; what an expired batch answered is kept and billed.
        reason: Why it failed, where the endpoint says so; without any secret.
    """

    id: str
    ended: bool
    told: str
    done: int = 0
    total: int = 0
    outputs: tuple[str, ...] = ()
    reason: str = ""


@runtime_checkable
class BatchEndpoint(Endpoint, Protocol):
    """An endpoint that also takes requests as a batch, for less money and later."""

    @property
    def batched(self) -> bool:
        """Whether the suite asks for it."""
        ...

    async def submit(self, requests: Mapping[str, Request], key: str) -> BatchState:
        """Sends requests by their custom ids as one batch, marked with `key`; one attempt."""
        ...

    async def find_batch(self, key: str) -> BatchState | None:
        """The batch that was sent under this key; None where the endpoint's list has none."""
        ...

    async def batch(self, batch: str) -> BatchState: ...

    async def results(
        self, state: BatchState, requests: Mapping[str, Request]
    ) -> Mapping[str, Completion | CallFailed]:
        """What came back, by custom id; requests that are not in it were neither answered nor billed."""
        ...

    async def cancel_batch(self, batch: str) -> None: ...
