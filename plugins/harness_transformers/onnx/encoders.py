"""An embedder and a tuned classifier on ONNX Runtime; they answer as their torch twins do, but for rounding."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness_transformers import store
from harness_transformers.base import Origin
from harness_transformers.classifier import TunedClassifier, labels_of
from harness_transformers.engine.chat import Served
from harness_transformers.onnx.building import Numbers, OnnxFile, Source, built
from harness_transformers.onnx.session import Session

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer


@dataclass
class _Encoder:
    """An encoder's file, loaded."""

    identity: str
    session: Session

    @property
    def file(self) -> OnnxFile:
        return self.session.file

    @property
    def window(self) -> int:
        return self.file.window


class OnnxEmbedder(_Encoder):
    """A loaded embedder. A text beyond `window` is cut there; `tokens` tells of it."""

    def tokens(self, texts: Sequence[str]) -> Sequence[int]:
        return self.session.tokens(texts)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.session.run(texts)


@dataclass
class OnnxClassifier(_Encoder):
    """Classifies texts; those beyond the window are cut at it."""

    labels: tuple[str, ...]

    @classmethod
    def load(cls, origin: Origin, folder: Path, served: Served, numbers: Numbers) -> OnnxClassifier:
        """From a tuned folder, by way of torch where it is not in the cache yet.

        Raises:
            ModelError: The folder holds no tuned encoder, or it cannot be written as ONNX.
        """
        tuned = store.weights_sha256(folder)
        key = hashlib.sha256(f"{origin.sha256}\0{tuned}\0{served.window}".encode()).hexdigest()
        file = built(key, numbers, lambda: _classifier(origin, folder, served))
        return cls(f"{served.identity}+{tuned[:16]}", Session(file, numbers), labels_of(folder))

    def classify(self, texts: Sequence[str]) -> Iterator[Mapping[str, float]]:
        import numpy as np

        logits = self.session.run(texts).astype(np.float64)
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        return iter([dict(zip(self.labels, row, strict=True)) for row in shares.tolist()])


def onnx_embedder(
    identity: str, sha256: str, numbers: Numbers, batch: int, load: Callable[[], SentenceTransformer]
) -> OnnxEmbedder:
    """An embedder from a sentence-transformers model, which is loaded only where its file has to be made."""
    file = built(sha256, numbers, lambda: _embedder(load()))
    return OnnxEmbedder(identity, Session(file, numbers, batch))


def _embedder(model: SentenceTransformer) -> Source:
    import torch

    class Unit(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            found = self.inner({"input_ids": input_ids, "attention_mask": attention_mask})
            return torch.nn.functional.normalize(found["sentence_embedding"], dim=-1)

    return Source(Unit().eval(), model.tokenizer, int(model.max_seq_length))


def _classifier(origin: Origin, folder: Path, served: Served) -> Source:
    import torch

    exact = replace(origin, dtype=torch.float32, device=torch.device("cpu"))
    tuned = TunedClassifier.load(exact, folder, served)

    class Logits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = tuned.loaded.module

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            logits: torch.Tensor = self.inner(input_ids=input_ids, attention_mask=attention_mask).logits
            return logits

    return Source(Logits().eval(), tuned.loaded.tokenizer, tuned.window)
