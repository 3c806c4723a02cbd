"""What a model is to the harness, and what a model plugin writes.

A plugin registers a subclass of `Model`: the parameters that a suite writes under `with:`. `open` loads it
and returns what it can do; core wraps that in cache, budget, rate, retry and meter before a strategy sees it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, runtime_checkable

from harness.completions import Answered, ChatModel, Completion, Limits, Request
from harness.endpoints import BatchEndpoint, BatchState, CallFailed, Endpoint, Telling
from harness.finetuning import FineTuning
from harness.records import Brief, Kind, Record

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from transformers import PreTrainedTokenizerBase


__all__ = [
    "Answered",
    "BatchEndpoint",
    "BatchState",
    "CallFailed",
    "ChatModel",
    "Classifier",
    "Completion",
    "Embedder",
    "Endpoint",
    "Limits",
    "Model",
    "Opened",
    "Request",
    "Role",
    "Scorer",
    "TaskScorer",
    "Telling",
    "Trainable",
    "Weights",
    "scorer_for",
]

Role = Literal["chat", "embedder", "trainable"]


class Embedder(Protocol):
    """Texts to vectors."""

    @property
    def identity(self) -> str: ...

    @property
    def window(self) -> int:
        """The longest text in tokens; what is beyond it is cut, which core counts and says."""
        ...

    def tokens(self, texts: Sequence[str]) -> Sequence[int]:
        """Tokens of each text, uncut."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of unit length, (texts, width), float32."""
        ...


class Classifier(Protocol):
    """A tuned encoder: texts to the probability of each label, in the order of the texts."""

    def classify(self, texts: Sequence[str]) -> Iterator[Mapping[str, float]]: ...


class Weights(Protocol):
    """What a lease gives: the module to tune, on its device, and its tokenizer."""

    @property
    def module(self) -> torch.nn.Module: ...

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase: ...


class Trainable(Protocol):
    """Weights that may be tuned, causal or encoder.

    A lease is exclusive and restores the base when it ends (peft changes a shared base in place). What was
    tuned is answered from its folder, so that it has an identity for the cache and comes down the same fast
    path: a folder written by peft's `save_pretrained`, and for a classifier `labels.json` beside it.
    """

    @property
    def identity(self) -> str: ...

    @property
    def heads(self) -> frozenset[Literal["causal", "labels"]]:
        """Which heads these weights take: `causal` for a language model, `labels` for an encoder."""
        ...

    @property
    def window(self) -> int: ...

    def lease(
        self, head: Literal["causal", "labels"], labels: Sequence[str] = ()
    ) -> AbstractContextManager[Weights]: ...

    def chat(self, folder: Path) -> ChatModel: ...

    def classifier(self, folder: Path) -> Classifier: ...


@dataclass(frozen=True)
class Opened:
    """What a loaded model can do; None for what it cannot."""

    chat: ChatModel | None = None
    endpoint: Endpoint | None = None
    embedder: Embedder | None = None
    trainable: Trainable | None = None
    tuning: FineTuning | None = None


class Model(Record, ABC):
    """Parameters of a model, as the suite writes them under `with:`. No work when constructed."""

    roles: ClassVar[frozenset[Role]]  # what it may serve as; which of them, `open` finds out
    local: ClassVar[bool] = True  # holds this machine's device while it works; False for an endpoint

    @abstractmethod
    def open(self) -> AbstractContextManager[Opened]:
        """Loads the weights or makes the client; leaving frees them.

        Raises:
            ModelError: When it cannot be used at all; says what to install or set.
        """

    def check(self) -> None:
        """Called when a run that needs it begins, before anything is spent; asks the model nothing.

        Raises:
            ModelError: It cannot be used: there is no key for it.
        """

    def reaches(self) -> str | None:
        """The host or hub name beyond this machine that it would contact; None for none (`privacy: local`)."""
        return None


class Scorer(Protocol):
    """Turns answers into figures.

    `one` is a row's own score, 0 to 1, used for paired tests; `whole` gives every figure of a set, by name.
    A figure of the same name as `metric` must be among those of `whole`.
    """

    @property
    def kinds(self) -> frozenset[Kind]: ...

    @property
    def figures(self) -> Sequence[str]:
        """Names that may stand as a task's `metric`, larger is better.

        The scorer that `of_task` gives may name others too, such as `mae`: they are told and may be limited.
        """
        ...

    def one(self, figure: str, targets: tuple[str, ...], answers: tuple[str, ...]) -> float: ...

    def whole(self, pairs: Sequence[tuple[tuple[str, ...], tuple[str, ...]]]) -> Mapping[str, float]: ...


@runtime_checkable
class TaskScorer(Protocol):
    """A scorer whose figures depend on the task: on the order of its labels, on the schema of its answers."""

    def of_task(self, brief: Brief) -> Scorer: ...


def scorer_for(scorer: Scorer, brief: Brief) -> Scorer:
    """The scorer as it judges this task."""
    return scorer.of_task(brief) if isinstance(scorer, TaskScorer) else scorer
