"""The `transformers` model: a local causal model or encoder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from harness import Model, ModelError, Opened
from harness.exportable import ExportTarget, Part
from harness.models import Role
from harness_transformers import places, store
from harness_transformers.base import Origin, shared_base
from harness_transformers.device import DType, pick_device, pick_dtype
from harness_transformers.engine.chat import LocalChat, Served
from harness_transformers.loading import head_of, load_encoder, window_of
from harness_transformers.onnx.building import RUNTIME, Runtime, numbers_of
from harness_transformers.quiet import quiet
from harness_transformers.trainable import CausalTrainable, EncoderTrainable

# Part of the identity: a change of what the engine answers makes old cached answers foreign.
ENGINE = 3


class TransformersModel(Model):
    """A causal model that chats and can be tuned, or an encoder that can be tuned; which, its weights say."""

    roles: ClassVar[frozenset[Role]] = frozenset({"chat", "trainable"})

    weights: str = Field(
        min_length=1,
        description=f"A packaged name ({', '.join(places.PACKAGED)}), a folder, a .gguf file or a hub name.",
    )
    revision: str | None = Field(None, description="The hub's branch, tag or commit.")
    dtype: DType = Field("auto", description="Number format; auto is bfloat16 where the device computes in it.")
    device: str = Field("auto", description="auto, cpu, cuda, cuda:1 or mps.")
    batch_tokens: int | None = Field(
        None, ge=1, description="The most tokens of a batch, padding included; 2048 on a CPU, 8192 on a GPU."
    )
    max_window: int | None = Field(
        None, ge=16, description="A window smaller than the model's own, to save memory."
    )

    runtime: Runtime = Field("torch", description=RUNTIME)

    @contextmanager
    def open(self) -> Iterator[Opened]:
        place = places.find(self.weights, self.revision)
        with quiet():
            device = pick_device(self.device)
        origin = Origin(
            name=self.weights,
            place=place,
            sha256=store.weights_sha256(place),
            head=head_of(place),
            dtype=pick_dtype(self.dtype, device),
            device=device,
        )
        identity = f"{origin.name}@{origin.sha256[:16]}/{str(origin.dtype).removeprefix('torch.')}/engine-{ENGINE}"
        numbers = numbers_of(self.runtime)
        if numbers is not None and origin.head != "labels":
            raise ModelError(f"runtime {self.runtime!r} serves encoders, and {self.weights!r} is a language model")
        if origin.head == "labels":
            identity += "" if numbers is None else f"/{self.runtime}"
            window = window_of(load_encoder(place, origin.dtype, origin.device, ("yes", "no")))
            yield Opened(
                trainable=EncoderTrainable(self._served(origin, identity, window), origin, numbers=numbers)
            )
            return
        with shared_base(origin) as base:
            served = self._served(origin, identity, window_of(base.loaded))
            yield Opened(
                chat=LocalChat(base.module, base.tokenizer, served), trainable=CausalTrainable(served, base)
            )

    def _served(self, origin: Origin, identity: str, window: int) -> Served:
        # On a CPU larger batches are no faster and hold more padding.
        batch_tokens = self.batch_tokens or (2048 if origin.device.type == "cpu" else 8192)
        return Served(identity, self.weights, min(window, self.max_window or window), batch_tokens)

    def export(self, part: Part, tuned: Path | None, target: ExportTarget) -> None:
        from harness_transformers import exporting

        causal = head_of(places.find(self.weights, self.revision)) == "causal"
        write = exporting.export_causal if causal else exporting.export_classifier
        write(self, part, tuned, target)

    def reaches(self) -> str | None:
        return places.reaches(self.weights, self.revision)
