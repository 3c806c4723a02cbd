"""Weights that are loaded once per process, however many chat models, leases and trials use them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from harness_transformers.loading import Head, Loaded, load_causal
from harness_transformers.sharing import sharing

if TYPE_CHECKING:
    import torch
    from transformers import PretrainedConfig, PreTrainedModel, PreTrainedTokenizerBase


@dataclass(frozen=True)
class Origin:
    """What was loaded: which weights, as what.

    Attributes:
        name: As the suite writes it; prices and identities go by it.
        place: The folder or GGUF file.
        sha256: Of the weights.
        head: Whether they are a language model or an encoder.
        dtype: The number format that they compute in.
        device: Where.
    """

    name: str
    place: Path
    sha256: str
    head: Head
    dtype: torch.dtype
    device: torch.device


@dataclass
class Base:
    """A language model's weights in memory. Nobody changes them: who tunes gets a module of their own on them."""

    origin: Origin
    loaded: Loaded
    lock: threading.Lock = field(default_factory=threading.Lock)  # held by a lease
    _sums: dict[str, int] | None = None

    @property
    def module(self) -> PreTrainedModel:
        return self.loaded.module

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        return self.loaded.tokenizer

    @property
    def config(self) -> PretrainedConfig:
        return self.loaded.module.config

    def sharing(self) -> PreTrainedModel:
        """A module of its own whose parameters lie in the same memory."""
        return sharing(self.module)

    @contextmanager
    def lent(self) -> Iterator[PreTrainedModel]:
        """Exclusively lends a sharing module; values that were written in place are loaded anew."""
        with self.lock:
            if self._sums is None:
                self._sums = _sums(self.module)
            try:
                yield self.sharing()
            finally:
                if _sums(self.module) != self._sums:
                    fresh = load_causal(self.origin.place, self.origin.dtype, self.origin.device)
                    self.module.load_state_dict(fresh.module.state_dict())


def _sums(module: torch.nn.Module) -> dict[str, int]:
    """A checksum of each parameter's bits."""
    import torch

    sums = {}
    for name, parameter in module.named_parameters():
        bits = torch.int32 if parameter.element_size() == 4 else torch.int16
        sums[name] = int(parameter.detach().view(bits).sum(dtype=torch.int64))
    return sums


@dataclass
class _Shared:
    base: Base
    users: int = 0


_shared: dict[Origin, _Shared] = {}
_shared_lock = threading.Lock()


@contextmanager
def shared_base(origin: Origin) -> Iterator[Base]:
    """The process's one copy of these weights; freed when the last user leaves."""
    with _shared_lock:
        entry = _shared.get(origin)
        if entry is None:
            loaded = load_causal(origin.place, origin.dtype, origin.device)
            entry = _shared[origin] = _Shared(Base(origin, loaded))
        entry.users += 1
    try:
        yield entry.base
    finally:
        with _shared_lock:
            entry.users -= 1
            if entry.users == 0:
                del _shared[origin]
