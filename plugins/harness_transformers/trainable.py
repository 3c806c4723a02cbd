"""Weights that may be tuned, and answers from what was tuned.

    with trainable.lease("causal") as weights:
        tuned = peft.get_peft_model(weights.module, config)
        ...
        tuned.save_pretrained(folder)
    chat = trainable.chat(folder)

The base answers as before throughout.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from weakref import WeakValueDictionary

from harness import ChatModel, Classifier, ModelError
from harness_transformers import store
from harness_transformers.adapter import with_adapter
from harness_transformers.base import Base, Origin
from harness_transformers.classifier import TunedClassifier
from harness_transformers.engine.chat import LocalChat, Served
from harness_transformers.loading import Head, Loaded, load_encoder
from harness_transformers.onnx.building import Numbers


@dataclass
class CausalTrainable:
    """A language model: tuned through a module of its own on the base's memory."""

    served: Served
    base: Base
    heads: frozenset[Head] = frozenset({"causal"})
    # One copy of merged weights for a folder, as long as anyone asks it.
    _chats: WeakValueDictionary[str, LocalChat] = field(default_factory=WeakValueDictionary)

    @property
    def identity(self) -> str:
        return self.served.identity

    @property
    def window(self) -> int:
        return self.served.window

    @contextmanager
    def lease(self, head: Head, labels: Sequence[str] = ()) -> Iterator[Loaded]:
        _check_head(head, self.heads, self.identity)
        with self.base.lent() as module:
            yield Loaded(module, self.base.tokenizer)

    def chat(self, folder: Path) -> ChatModel:
        identity = f"{self.identity}+{store.weights_sha256(folder)[:16]}"
        chat = self._chats.get(identity)
        if chat is None:
            module = with_adapter(self.base.sharing, folder)
            chat = LocalChat(module, self.base.tokenizer, replace(self.served, identity=identity))
            self._chats[identity] = chat
        return chat

    def classifier(self, folder: Path) -> Classifier:
        raise ModelError(f"{self.identity!r} is a language model; it has no classification head")


@dataclass
class EncoderTrainable:
    """An encoder: every lease gets weights of its own, since the head is part of what is tuned.

    The head starts from the same values in every lease; a caller who wants others draws them.
    """

    served: Served
    origin: Origin
    heads: frozenset[Head] = frozenset({"labels"})
    numbers: Numbers | None = None  # what was tuned answers by ONNX Runtime; None for by torch
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def identity(self) -> str:
        return self.served.identity

    @property
    def window(self) -> int:
        return self.served.window

    @contextmanager
    def lease(self, head: Head, labels: Sequence[str] = ()) -> Iterator[Loaded]:
        _check_head(head, self.heads, self.identity)
        if len(labels) < 2:
            raise ModelError(f"a classification head needs at least two labels, not {list(labels)!r}")
        with self._lock:
            yield load_encoder(self.origin.place, self.origin.dtype, self.origin.device, labels)

    def chat(self, folder: Path) -> ChatModel:
        raise ModelError(f"{self.identity!r} is an encoder; it does not chat")

    def classifier(self, folder: Path) -> Classifier:
        if self.numbers is not None:
            from harness_transformers.onnx.encoders import OnnxClassifier

            return OnnxClassifier.load(self.origin, folder, self.served, self.numbers)
        return TunedClassifier.load(self.origin, folder, self.served)


def _check_head(head: Head, heads: frozenset[Head], identity: str) -> None:
    if head not in heads:
        raise ModelError(f"{identity!r} takes the head {', '.join(sorted(heads))}, not {head!r}")
