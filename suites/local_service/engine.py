"""What answers and trains behind the service: the packaged SmolLM2 (`local.py`), or a script (`scripted.py`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from harness import Completion, Failed, Record, Request
from suites.local_service.examples import Chat


class Order(Record):
    """How to train; everything said, nothing left to a default."""

    epochs: int
    batch_size: int
    multiplier: float
    seed: int


class Step(NamedTuple):
    """One step of training; losses in nats by answer token, accuracies by answer token, 0 to 1."""

    step: int
    of: int
    train_loss: float
    train_accuracy: float


class Epoch(NamedTuple):
    """An epoch that is over, and the folder that answers as the model was then."""

    epoch: int
    step: int
    tokens: int
    folder: Path
    valid_loss: float | None
    valid_accuracy: float | None


Tell = Callable[[Step | Epoch], None]
Form = Literal["bare", "json"]


class Engine(Protocol):
    """A base model that can be tuned. Used by one thread for answers and another for training."""

    @property
    def name(self) -> str:
        """The base's name with its date."""
        ...

    @property
    def window(self) -> int: ...

    def fingerprint(self, tuned: Path | None) -> str:
        """A mark of the weights that answer."""
        ...

    def complete(self, tuned: Path | None, requests: Sequence[Request]) -> Sequence[Completion | Failed]:
        """Answers, in order: of the base, or of the tuned folder."""
        ...

    def pieces(self, text: str) -> list[str]:
        """An answer cut into its tokens, each as text."""
        ...

    def tokens(self, chat: Chat) -> int:
        """Of a training conversation, its answer included."""
        ...

    def tune(
        self, train: Sequence[Chat], validation: Sequence[Chat], order: Order, folder: Path, tell: Tell
    ) -> None:
        """Trains; with the same folder again it goes on behind the last epoch that is over.

        Args:
            train: Conversations to learn from.
            validation: Conversations that each epoch is measured on; may be none.
            order: How.
            folder: The job's own.
            tell: Is told each step and each epoch, and may raise to end it. Epochs that were over before are
                told again.
        """
        ...
