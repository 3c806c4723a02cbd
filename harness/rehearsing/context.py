"""A trial's Context in a rehearsal: the real one, but that nothing is trained here, waited for or timed.

What is chosen on validation is chosen to be dear: of several prompts the longest scores best, so that what a
search or a matrix comes to is counted at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from harness.errors import HarnessError
from harness.models import Answered, ChatModel, Completion, Request, Trainable
from harness.records import Example, Failed, Prediction
from harness.rehearsing.parts import StandInPool
from harness.running.context import TrialContext
from harness.strategy import Fitted

CHOSEN = "it chooses on validation: of what it chooses among the longest prompt is counted"
GOES_ON = "it uses other strategies: about, because what they are asked may depend on answers"


class TrainsHere(HarnessError):
    """A strategy trains weights on this machine, which a rehearsal does not."""


class Counted:
    """A chat model whose prompts are counted."""

    def __init__(self, model: ChatModel, pool: StandInPool, *, counts: bool) -> None:
        self._model = model
        self._pool = pool
        self._counts = counts

    @property
    def identity(self) -> str:
        return self._model.identity

    @property
    def window(self) -> int:
        return self._model.window

    def tokens(self, request: Request) -> int:
        return self._model.tokens(request)

    def complete(self, requests: Sequence[Request]) -> Iterator[Answered]:
        self._pool.asked += len(requests) if self._counts else 0
        for answered in self._model.complete(requests):
            query, completion = requests[answered.index].query_id, answered.completion
            if query is not None and isinstance(completion, Completion):
                self._pool.prompts[query] = completion.usage.input_tokens
            yield answered


class RehearsalContext(TrialContext):
    """See harness.strategy.Context."""

    @property
    def _pool(self) -> StandInPool:
        pool = self._bench.pool
        assert isinstance(pool, StandInPool)
        return pool

    def chat_model(self, name: str, *, tuned: str | None = None) -> ChatModel:
        return Counted(super().chat_model(name, tuned=tuned), self._pool, counts=not self._pool.is_local(name))

    def trainable(self, name: str) -> Trainable:
        raise TrainsHere(f"it trains {name!r} on this machine, which is not rehearsed")

    @contextmanager
    def fitted(self, name: str) -> Iterator[Fitted]:
        with super().fitted(name) as fitted:
            self._pool.said[GOES_ON] = None
            yield fitted

    def score(self, predictions: Sequence[Prediction | Failed], examples: Sequence[Example]) -> float:
        self._pool.said[CHOSEN] = None
        tokens = [self._pool.prompts.get(example.query.id, 0) for example in examples]
        mean = sum(tokens) / len(tokens) if tokens else 0.0
        return mean / (mean + 1000)  # grows with the prompt, and is a score

    def sleep(self, seconds: float) -> None:
        """Passes at once."""

    def elapsed(self, name: str, seconds: float) -> None:
        """Nothing has passed."""
