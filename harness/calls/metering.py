"""Embedders and trainable weights with a meter: what a strategy is handed instead of the bare model."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from harness.calls.calling import Calls, MeteredEngine, Owner
from harness.models import ChatModel, Classifier, Embedder, Trainable, Weights
from harness.records import Usage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class MeteredEmbedder:
    """An embedder whose vectors are computed once, kept by content, and charged to everyone who asks."""

    def __init__(self, name: str, embedder: Embedder, calls: Calls, owner: Owner) -> None:
        self._name = name
        self._embedder = embedder
        self._calls = calls
        self._owner = owner

    @property
    def identity(self) -> str:
        return self._embedder.identity

    @property
    def window(self) -> int:
        return self._embedder.window

    def tokens(self, texts: Sequence[str]) -> Sequence[int]:
        return self._embedder.tokens(texts)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        if not texts:
            return self._embedder.embed([])
        identity = f"{self._embedder.identity} on {self._calls.hardware}"
        # Latency is measured at work: while the sample is asked, the cache sleeps.
        live = self._owner.meter.phase in ("sample", "warm-up")
        fresh: dict[str, NDArray[np.float32]] = {}
        with nullcontext() if live else self._calls.embedding:
            known = {} if live else self._calls.cache.vectors(identity, texts)
            missing = list(dict.fromkeys(text for i, text in enumerate(texts) if i not in known))
            if missing:
                began = time.perf_counter()
                vectors = self._embedder.embed(missing)
                shares = _shares(missing, time.perf_counter() - began)
                if not live:
                    self._calls.cache.store_vectors(identity, missing, vectors, shares)
                fresh = dict(zip(missing, vectors, strict=True))
        if missing:
            self._book(dict(zip(missing, shares, strict=True)), paid=True)
        self._book({texts[i]: found.seconds for i, found in known.items()}, paid=False)
        return np.stack([known[i].vector if i in known else fresh[text] for i, text in enumerate(texts)])

    def _book(self, seconds: Mapping[str, float], *, paid: bool) -> None:
        meter = self._owner.meter
        for text, each in seconds.items():
            usage = Usage(model=self._name, device_seconds=each)
            meter.book(meter.name("embed", _digest(self.identity, text)), usage, each, paid=paid)
            if paid:
                self._calls.budget.used(usage)


class MeteredTrainable:
    """Weights whose tuned answers come down the same metered path; training itself books through `spend`."""

    def __init__(self, name: str, trainable: Trainable, calls: Calls, owner: Owner, repeat: int) -> None:
        self._name = name
        self._trainable = trainable
        self._calls = calls
        self._owner = owner
        self._repeat = repeat

    @property
    def identity(self) -> str:
        return self._trainable.identity

    @property
    def heads(self) -> frozenset[Literal["causal", "labels"]]:
        return self._trainable.heads

    @property
    def window(self) -> int:
        return self._trainable.window

    def lease(
        self, head: Literal["causal", "labels"], labels: Sequence[str] = ()
    ) -> AbstractContextManager[Weights]:
        return self._trainable.lease(head, labels)

    def chat(self, folder: Path) -> ChatModel:
        return MeteredEngine(self._trainable.chat(folder), self._calls, self._owner, self._repeat)

    def classifier(self, folder: Path) -> Classifier:
        return MeteredClassifier(self._name, self._trainable.classifier(folder), self._calls, self._owner)


class MeteredClassifier:
    """A classifier whose seconds are booked, text by text."""

    def __init__(self, name: str, classifier: Classifier, calls: Calls, owner: Owner) -> None:
        self._name = name
        self._classifier = classifier
        self._calls = calls
        self._owner = owner

    def classify(self, texts: Sequence[str]) -> Iterator[Mapping[str, float]]:
        answers = iter(self._classifier.classify(texts))
        for text in texts:
            began = time.perf_counter()
            answer = next(answers, None)
            if answer is None:
                return
            # The first of a batch brings the batch's seconds, the others none: they sum to its wall time.
            usage = Usage(model=self._name, device_seconds=time.perf_counter() - began)
            meter = self._owner.meter
            name = meter.name("classify", _digest(self._name, text))
            meter.book(name, usage, usage.device_seconds, paid=True)
            self._calls.budget.used(usage)
            yield answer


def _shares(texts: Sequence[str], seconds: float) -> list[float]:
    """Seconds of a batch by text: longer ones took longer, and a character is measure enough for that."""
    weights = [len(text) + 1 for text in texts]
    return [seconds * weight / sum(weights) for weight in weights]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
