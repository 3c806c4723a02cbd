"""The packaged SmolLM2 as the service's engine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness import ChatModel, Completion, Failed, Request, Trainable
from harness_lora.conversation import Conversation
from harness_transformers.model import TransformersModel
from suites.local_service.engine import Order, Tell
from suites.local_service.examples import Chat

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

WEIGHTS = "smollm2-135m-instruct"
NAME = f"{WEIGHTS}-2024-11-01"  # when its makers published it: services date their models
_KEPT = 2  # tuned models in memory


@dataclass
class LocalEngine:
    """Implements `Engine`.

    Attributes:
        base: The base model.
        trainable: Its weights.
        tokenizer: Its tokenizer.
    """

    base: ChatModel
    trainable: Trainable
    tokenizer: PreTrainedTokenizerBase
    name: str = NAME

    def __post_init__(self) -> None:
        self._tuned: dict[Path, ChatModel] = {}

    @property
    def window(self) -> int:
        return self.base.window

    def fingerprint(self, tuned: Path | None) -> str:
        identity = self.base.identity if tuned is None else self._chat(tuned).identity
        return f"fp_{hashlib.sha256(identity.encode()).hexdigest()[:10]}"

    def complete(self, tuned: Path | None, requests: Sequence[Request]) -> Sequence[Completion | Failed]:
        model = self.base if tuned is None else self._chat(tuned)
        found = {answered.index: answered.completion for answered in model.complete(requests)}
        return [found[i] for i in range(len(requests))]

    def pieces(self, text: str) -> list[str]:
        ids = self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        cut = [self.tokenizer.decode([token]) for token in ids]
        # A character may lie across tokens, which then have no text of their own.
        return cut if "".join(cut) == text else [text]

    def tokens(self, chat: Chat) -> int:
        return Conversation(self.tokenizer).row(chat.messages, chat.answer).tokens

    def tune(
        self, train: Sequence[Chat], validation: Sequence[Chat], order: Order, folder: Path, tell: Tell
    ) -> None:
        from suites.local_service.tuning import tune

        tune(self.trainable, (train, validation), order, folder, tell)

    def _chat(self, tuned: Path) -> ChatModel:
        if tuned not in self._tuned:
            if len(self._tuned) >= _KEPT:
                del self._tuned[next(iter(self._tuned))]
            self._tuned[tuned] = self.trainable.chat(tuned)
        return self._tuned[tuned]


@contextmanager
def local_engine(weights: str = WEIGHTS) -> Iterator[LocalEngine]:
    """The engine, with its weights in memory."""
    with TransformersModel(weights=weights).open() as opened:
        assert opened.chat is not None
        assert opened.trainable is not None
        with opened.trainable.lease("causal") as lent:
            tokenizer = lent.tokenizer
        yield LocalEngine(opened.chat, opened.trainable, tokenizer)
