"""One open answer: how its next token is chosen, and when it ends.

Greedy, or drawn at a temperature by a generator of the row's own: what a row gets depends on its prompt and
its `sample` number, never on the batch it was in. A row that is held to a schema chooses among what it allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness_transformers.engine.constraint import Held
from harness_transformers.engine.rendering import PLAIN_END, Renderer

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


@dataclass
class Row:
    """One answer in the making.

    Attributes:
        rest: The prompt behind the shared head; at least its last token.
        max_tokens: The longest answer.
        temperature: 0 for greedy.
        seed: Of the row's own random generator.
        ids: The answer so far, its end not included.
        stopped: Whether it came to its end.
        held: What its tokens are held to; None for nothing.
        filled: Of its prompt's rest and answer, tokens whose states are computed.
        seconds: What the model spent on it.
    """

    rest: Sequence[int]
    max_tokens: int
    temperature: float
    seed: int
    ids: list[int] = field(default_factory=list)
    stopped: bool = False
    generator: torch.Generator | None = None
    held: Held | None = None
    filled: int = 0
    seconds: float = 0.0

    @property
    def longest(self) -> int:
        """Tokens behind the shared head, of the longest answer."""
        return len(self.rest) + self.max_tokens

    @property
    def known(self) -> int:
        """Tokens behind the shared head, as of now."""
        return len(self.rest) + len(self.ids)

    def unfed(self) -> list[int]:
        """Those of them whose states are not computed."""
        into = self.filled - len(self.rest)
        return self.ids[into:] if into >= 0 else [*self.rest[self.filled :], *self.ids]

    def over(self) -> bool:
        return self.stopped or len(self.ids) >= self.max_tokens

    def forced(self) -> int:
        """How many tokens behind this one are forced and leave one to come."""
        return min(len(self.held.pending), self.max_tokens - len(self.ids) - 1) if self.held is not None else 0

    def pop(self, count: int) -> list[int]:
        """Takes so many of the forced tokens."""
        if self.held is None or not count:
            return []
        popped, self.held.pending = self.held.pending[:count], self.held.pending[count:]
        return popped

    def choose(self, logits: torch.Tensor) -> int:
        """The next token from logits over the vocabulary."""
        import torch

        if self.held is not None:
            logits = self.held.mask(logits)
        if self.temperature <= 0:
            return int(logits.argmax())
        if self.generator is None:
            self.generator = torch.Generator().manual_seed(self.seed)
        probabilities = (logits.double() / self.temperature).softmax(-1).cpu()
        return int(torch.multinomial(probabilities, 1, generator=self.generator))


def generate_plainly(module: PreTrainedModel, row: Row, renderer: Renderer) -> None:
    """Fills the answer of one row by the model's own cache: right for every causal model."""
    import torch

    ends = end_tokens(module, renderer)
    tokens, cache = torch.tensor([row.rest], device=module.device), None
    while not row.over():
        given = module(input_ids=tokens, past_key_values=cache, use_cache=True, logits_to_keep=1)
        cache = given.past_key_values
        take(row, given.logits[0, -1].float(), ends, renderer)
        tokens = torch.tensor([row.ids[-1:]], device=module.device)


def end_tokens(module: PreTrainedModel, renderer: Renderer) -> frozenset[int]:
    """Every token that ends an answer."""
    told = [renderer.tokenizer.eos_token_id, getattr(module.generation_config, "eos_token_id", None)]
    if not renderer.plain:
        told.append(renderer.end)
    ends: set[int] = set()
    for ids in told:
        ends.update([ids] if isinstance(ids, int) else ids or [])
    return frozenset(ends)


def take(
    row: Row, logits: torch.Tensor, ends: frozenset[int], renderer: Renderer, likeliest: int | None = None
) -> None:
    """Adds the next token to a row, and with it what must end the answer behind it.

    Args:
        row: The row.
        logits: Over the vocabulary, behind what the row has.
        ends: Tokens that end an answer.
        renderer: The tokenizer's.
        likeliest: The token of the highest logit, where it is known.
    """
    held = row.held
    if held is not None and held.pending:
        row.ids += row.pop(1)
    else:
        greedy = likeliest is not None and held is None and row.temperature <= 0
        token = likeliest if greedy and likeliest is not None else row.choose(logits)
        if token in ends:
            row.stopped = True
            return
        row.ids.append(token)
        if held is not None:
            held.take(token)
    if held is not None and held.kept:
        if held.over and len(row.ids) + len(held.pending) <= row.max_tokens:
            row.ids += row.pop(len(held.pending))
            row.stopped = True
    elif renderer.plain:
        recent = renderer.tokenizer.decode(row.ids[-4:], skip_special_tokens=True)
        row.stopped = PLAIN_END in recent
