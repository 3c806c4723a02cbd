"""LoRA on uploaded conversations: `harness_lora`'s epochs, on messages as they were sent.

The prompt is rendered as it is when the model is asked, so nothing differs between training and answering.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, cast

from harness import Brief, Context, Example, Message, Query, Trainable, Usage
from harness_lora import checkpoint
from harness_lora.causal import Causal
from harness_lora.conversation import Conversation
from harness_lora.head import Scorer
from harness_lora.passes import Scored
from harness_lora.records import Rows
from harness_lora.rows import Row
from harness_lora.strategy import LoRA
from harness_lora.training import Job, train_epoch
from suites.local_service.engine import Epoch, Order, Step, Tell
from suites.local_service.examples import Chat, Wrong

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

_log = logging.getLogger(__name__)
LEARNING_RATE = 1e-3  # at a multiplier of 1
LONGEST = 1024  # tokens of a conversation, answer included
_EARLIER = "earlier turns"


@dataclass
class Sums:
    """What a stretch of training or measuring came to, by answer token."""

    nll: float = 0.0
    right: int = 0
    tokens: int = 0

    def add(self, scored: Scored) -> None:
        import torch

        with torch.no_grad():
            self.nll += float(torch.nn.functional.cross_entropy(scored.logits, scored.targets, reduction="sum"))
            self.right += int((scored.logits.argmax(-1) == scored.targets).sum())
            self.tokens += len(scored.targets)

    def take(self) -> tuple[float, float]:
        """Loss and accuracy so far, and starts anew."""
        loss, accuracy = self.nll / max(1, self.tokens), self.right / max(1, self.tokens)
        self.nll, self.right, self.tokens = 0.0, 0, 0
        return loss, accuracy


@dataclass(frozen=True)
class Chats(Causal):
    """A causal model that learns conversations as they were sent; counts what its scores come to."""

    trained: Sums = field(default_factory=Sums)
    measured: Sums = field(default_factory=Sums)

    def rows(
        self, tokenizer: PreTrainedTokenizerBase, examples: Sequence[Example], limit: int | None
    ) -> list[Row]:
        render = Conversation(tokenizer).row
        return [render(_messages(e.query), e.targets[0], earlier=_EARLIER in e.query.metadata) for e in examples]

    def scorer(self, model: torch.nn.Module, rows: Sequence[Row]) -> Scorer:
        score = super().scorer(model, rows)

        def counted(batch: Sequence[Row]) -> Scored:
            scored = score(batch)
            (self.trained if model.training else self.measured).add(scored)
            return scored

        return counted


class _Free:
    def actual(self, usage: Usage) -> None:
        """Nobody pays here."""


@dataclass
class _Bench:
    """What training asks of a context: a folder, randomness and somebody to tell."""

    folder: Path
    seed: int
    trained: Sums
    tell: Tell

    def rng(self, *names: str) -> Random:
        return Random("/".join((str(self.seed), *names)))

    @contextmanager
    def spend(self, upper: Usage, *, name: str | None = None) -> Iterator[_Free]:
        yield _Free()

    def warn(self, message: str) -> None:
        _log.warning("%s", message)

    def progress(self, done: int, total: int, what: str) -> None:
        self.tell(Step(done, total, *self.trained.take()))


def tune(
    trainable: Trainable,
    chats: tuple[Sequence[Chat], Sequence[Chat]],
    order: Order,
    folder: Path,
    tell: Tell,
) -> None:
    """See `Engine.tune`; `chats` are to learn from and to measure on.

    Raises:
        Wrong: A conversation is too long.
    """
    train, validation = ([_example(i, chat) for i, chat in enumerate(some)] for some in chats)
    sums = Sums()
    context = cast("Context", _Bench(folder, order.seed, sums, tell))
    head = Chats("base", trainable, Brief(name="tuning", instructions="", kind="text"), context, trained=sums)
    params = LoRA(
        model="base",
        epochs=order.epochs,
        batch_size=order.batch_size,
        learning_rate=min(1.0, LEARNING_RATE * order.multiplier),
        max_length=LONGEST,
    )
    job = Job(params, head, train, validation, _rows(head, train, validation), context)
    for number in range(1, order.epochs + 1):
        target = checkpoint.epoch_folder(folder, number)
        accuracy = None
        trained = checkpoint.read_trained(target)
        if trained is None:
            trained = train_epoch(job, number, None)
            accuracy = head.measured.take()[1] if validation else None
        steps, loss = job.steps * number, trained.validation_loss
        tell(Epoch(number, steps, job.rows.tokens, target / "adapter", loss, accuracy))


def _rows(head: Chats, train: Sequence[Example], validation: Sequence[Example]) -> Rows:
    with head.lease() as weights:
        rows = head.rows(weights.tokenizer, train, None)
    limit = min(LONGEST, head.window)
    for number, row in enumerate(rows, start=1):
        if row.tokens > limit:
            raise Wrong(f"example {number} has {row.tokens} tokens: at most {limit} are trained on")
    return Rows(
        rows=len(rows),
        left_out=0,
        validation_rows=len(validation),
        limit=limit,
        longest=max(row.tokens for row in rows),
        tokens=sum(row.tokens for row in rows),
        answer_tokens=sum(row.learnt for row in rows),
        question="",
        answer="",
    )


def _example(number: int, chat: Chat) -> Example:
    """A conversation as the trainer carries it: the last user turn as text, those before it as history."""
    learnt = {_EARLIER: "learnt"} if chat.earlier else {}
    query = Query(id=str(number), text=chat.messages[-1].content, history=chat.messages[:-1], metadata=learnt)
    return Example(query=query, targets=(chat.answer,))


def _messages(query: Query) -> list[Message]:
    return [*query.history, Message(role="user", content=query.text)]
