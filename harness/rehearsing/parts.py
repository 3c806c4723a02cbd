"""What a run's bench gets for a rehearsal: models that are not loaded, a cache that is only read, a budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from harness.calls.budget import Budget
from harness.calls.cache import Cache, CachedCompletion, Kept, keeps
from harness.calls.pool import ModelPool
from harness.calls.pricing import Prices
from harness.models import Completion, Model, Opened
from harness.records import Usage
from harness.rehearsing.standins import Speaker, StandInChat, StandInEmbedder, StandInEndpoint
from harness.rehearsing.tuning import StandInTuning
from harness.suite import PriceBook


class Reservations(Budget):
    """A cap that holds nothing, and remembers how many tokens were reserved to be trained on.

    Args:
        path: A journal, to which nothing is written.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(None, Prices(PriceBook()), path, ())
        self.trained: dict[str, int] = {}

    def reserve(self, name: str, upper: Usage) -> str:
        self.reserve_once(name, upper)
        return name

    def reserve_once(self, name: str, upper: Usage) -> None:
        """Likewise, under a name of its own."""
        if upper.training_tokens:
            self.trained[upper.model] = upper.training_tokens

    def settle(self, name: str, used: Usage | None) -> None:
        """What was used stands in the ledger."""

    def used(self, usage: Usage) -> None:
        """Seconds of a rehearsal are nobody's."""


class ReadCache(Cache):
    """What earlier runs were answered, which is read, and what this rehearsal was, which is kept in memory.

    Args:
        kept: The real one; left as it is.
    """

    def __init__(self, kept: Cache) -> None:
        super().__init__(kept.path, enabled=False)
        self._kept = kept
        self._fresh: dict[str, Completion] = {}
        self._hits: Counter[str] = Counter()
        self.found = 0  # requests that earlier runs answered

    def completion(self, key: str) -> CachedCompletion | None:
        if key in self._fresh:
            replayed = self._fresh[key].model_copy(update={"replayed": True})
            return CachedCompletion(replayed, datetime.now(UTC))
        found = self._kept.completion(key)
        if found is not None:
            self.found += 1
            self._hits[key] += 1
        return found

    def store_all(self, kept: Sequence[Kept]) -> list[bool]:
        for key, completion, _ in kept:
            self.found -= self._hits.pop(key, 0)  # it was found, and was too old to be used
            if keeps(completion):
                self._fresh.setdefault(key, completion)
        return [False] * len(kept)


class StandInPool(ModelPool):
    """Stand-ins for the suite's models, by name.

    Attributes:
        speaker: What they answer.
        batched: Names that prices go by, of endpoints that take requests as a batch.
        asked: Requests put to a chat model so far, of endpoints.
        prompts: By query, the tokens of the last prompt that was made of it.
        said: What the strategies of the trial under way did that its reader must know.

    Args:
        models: The suite's.
        budget: Knows what was reserved.
    """

    def __init__(self, models: Mapping[str, Model], budget: Reservations) -> None:
        super().__init__(models)
        self._budget = budget
        self._stack = ExitStack()
        self._made: dict[str, Opened] = {}
        self.speaker = Speaker()
        self.batched: set[str] = set()
        self.asked = 0
        self.prompts: dict[str, int] = {}
        self.said: dict[str, None] = {}

    def get(self, name: str) -> Opened:
        if name not in self._made:
            self._made[name] = self._local(name) if self.is_local(name) else self._hosted(name)
        return self._made[name]

    def is_open(self, name: str) -> bool:
        return True

    def _local(self, name: str) -> Opened:
        roles = self._models[name].roles
        return Opened(
            chat=StandInChat(name, self.speaker) if "chat" in roles else None,
            embedder=StandInEmbedder(name) if "embedder" in roles else None,
        )

    def _hosted(self, name: str) -> Opened:
        real = super().get(name)
        if real.endpoint is None:
            return self._local(name)
        endpoint = StandInEndpoint(real.endpoint, self.speaker)
        if endpoint.batches:
            self.batched.add(endpoint.name)
        if real.tuning is None:
            return Opened(endpoint=endpoint)
        tuning = StandInTuning(real.tuning, real.endpoint, self.speaker, self._budget.trained.get)
        if endpoint.batches:
            self.batched.add(tuning.name)
        return Opened(endpoint=endpoint, tuning=tuning)
