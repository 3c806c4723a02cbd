"""What training needs of a kind of model: a language model (`causal.py`) or an encoder (`encoder.py`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from harness import Example, Failed, Fitted, Prediction, Weights
from harness.long import Cut
from harness_lora.passes import Scored
from harness_lora.rows import Row

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

    from harness_lora.strategy import LoRA

Scorer = Callable[[Sequence[Row]], Scored]


class Evaluation(NamedTuple):
    """What a tuned folder gave on examples.

    Attributes:
        answers: One for each example.
        loss: Mean negative log-likelihood of the targets in nats, by answer token or, for a classifier, by
            row, over the examples that the model tells it of; None where it tells of none.
    """

    answers: Sequence[Prediction | Failed]
    loss: float | None


class Head(Protocol):
    """A leased model, its rows and its answers."""

    @property
    def identity(self) -> str:
        """The base model's."""
        ...

    @property
    def window(self) -> int:
        """The longest row in tokens."""
        ...

    @property
    def labels(self) -> Sequence[str]:
        """Of a classifier, in the order of its logits; empty for a language model."""
        ...

    @property
    def tells_loss(self) -> bool:
        """Whether `evaluate` gives the loss, so that training need not measure it on validation rows."""
        ...

    @property
    def closed(self) -> bool:
        """Whether it chooses among labels, so that an epoch's metric costs little."""
        ...

    @property
    def how(self) -> Cut | None:
        """What is done with training rows that are too long; None where they are left out."""
        ...

    def lease(self) -> AbstractContextManager[Weights]: ...

    def rows(
        self, tokenizer: PreTrainedTokenizerBase, examples: Sequence[Example], limit: int | None
    ) -> list[Row]:
        """Examples as rows; those of more than `limit` tokens, where there is one, shortened as the task says."""
        ...

    def fresh(self, module: torch.nn.Module, params: LoRA) -> torch.nn.Module:
        """The module with new adapters in it; draws from torch's generator."""
        ...

    def scorer(self, model: torch.nn.Module, rows: Sequence[Row]) -> Scorer:
        """The quickest way to score batches of these rows that is right for this model."""
        ...

    def evaluate(self, adapter: Path, examples: Sequence[Example]) -> Evaluation: ...

    def fitted(self, adapter: Path) -> Fitted: ...
