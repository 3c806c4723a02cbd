"""The `sentence-transformers` model: texts to unit vectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from harness import Model, ModelError, Opened
from harness.exportable import ExportTarget, Part
from harness.models import Role
from harness_transformers import places, store
from harness_transformers.device import pick_device
from harness_transformers.onnx.building import RUNTIME, Runtime, numbers_of
from harness_transformers.quiet import quiet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer


class SentenceTransformersModel(Model):
    """An embedder (Reimers and Gurevych, 2019), in float32."""

    roles: ClassVar[frozenset[Role]] = frozenset({"embedder"})

    weights: str = Field(min_length=1, description="A packaged name (all-minilm-l6-v2), a folder or a hub name.")
    revision: str | None = Field(None, description="The hub's branch, tag or commit.")
    device: str = Field("auto", description="auto, cpu, cuda, cuda:1 or mps.")
    batch_size: int = Field(32, ge=1, description="Texts that are embedded together.")

    runtime: Runtime = Field("torch", description=RUNTIME)

    @contextmanager
    def open(self) -> Iterator[Opened]:
        place = places.find(self.weights, self.revision)
        if place.is_file():
            raise ModelError(f"weights {self.weights!r} are a GGUF file; an embedder is a folder or a hub name")
        sha256 = store.weights_sha256(place)
        numbers = numbers_of(self.runtime)
        if numbers is not None:
            from harness_transformers.onnx.encoders import onnx_embedder

            identity = f"{self.weights}@{sha256[:16]}/{self.runtime}/unit"
            yield Opened(
                embedder=onnx_embedder(
                    identity, sha256, numbers, self.batch_size, lambda: self._load(place, "cpu")
                )
            )
            return
        model = self._load(place, self.device)
        identity = f"{self.weights}@{sha256[:16]}/float32/unit"
        yield Opened(embedder=LocalEmbedder(identity, model, self.batch_size))

    def export(self, part: Part, tuned: Path | None, target: ExportTarget) -> None:
        from harness_transformers.exporting import export_embedder

        export_embedder(self, part, tuned, target)

    def _load(self, place: Path, wanted: str) -> SentenceTransformer:
        with quiet():
            device = pick_device(wanted)
            try:
                from sentence_transformers import SentenceTransformer
            except ImportError as error:
                raise ModelError(
                    f"embedders need sentence-transformers ({error}): {places.INSTALL_LOCAL}"
                ) from error
            try:
                return SentenceTransformer(
                    str(place),
                    device=str(device),
                    trust_remote_code=False,
                    model_kwargs={"use_safetensors": True, "dtype": "float32"},
                )
            except (OSError, ValueError, KeyError, RuntimeError) as error:
                raise ModelError(f"weights {self.weights!r} cannot be loaded as an embedder: {error}") from error

    def reaches(self) -> str | None:
        return places.reaches(self.weights, self.revision)


@dataclass
class LocalEmbedder:
    """A loaded embedder. A text beyond `window` is cut there; `tokens` tells of it."""

    identity: str
    model: SentenceTransformer
    batch_size: int

    @property
    def window(self) -> int:
        return int(self.model.max_seq_length)

    def tokens(self, texts: Sequence[str]) -> Sequence[int]:
        if not texts:
            return []
        ids = self.model.tokenizer(list(texts), truncation=False, padding=False, verbose=False)["input_ids"]
        return [len(i) for i in ids]

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        if not texts:
            return np.zeros((0, int(self.model.get_embedding_dimension() or 0)), np.float32)
        vectors: NDArray[np.float32] = self.model.encode(
            list(texts),
            batch_size=self.batch_size,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return vectors.astype(np.float32, copy=False)
