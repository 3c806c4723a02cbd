"""Open answers: a batch is generated token by token, each row until it ends its answer.

Greedy, or drawn at a temperature by a generator of the row's own: what a row gets depends on its prompt and
its `sample` number, never on the batch it was in. A row that is held to a schema chooses among what it allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness_transformers.engine.constraint import Held
from harness_transformers.engine.rendering import PLAIN_END, Renderer
from harness_transformers.engine.states import States

if TYPE_CHECKING:
    import torch
    from transformers import DynamicCache, PreTrainedModel


@dataclass
class Row:
    """One answer in the making.

    Attributes:
        rest: The prompt behind the shared head.
        max_tokens: The longest answer.
        temperature: 0 for greedy.
        seed: Of the row's own random generator.
        ids: The answer so far, its end not included.
        stopped: Whether it came to its end.
        held: What its tokens are held to; None for nothing.
    """

    rest: Sequence[int]
    max_tokens: int
    temperature: float
    seed: int
    ids: list[int] = field(default_factory=list)
    stopped: bool = False
    generator: torch.Generator | None = None
    held: Held | None = None

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


def generate(
    module: PreTrainedModel, head: States | None, rows: Sequence[Row], renderer: Renderer
) -> DynamicCache:
    """Fills `ids` of the rows.

    Args:
        module: A causal model.
        head: States of what all prompts begin with; None for a model that keeps other states than these.
        rows: What to answer; left-padded to the longest.
        renderer: Knows how an answer ends.

    Returns:
        The states; of a single row they are the prompt's and its answer's, in order.
    """
    import torch
    from transformers import DynamicCache

    ends = end_tokens(module, renderer)
    device, past, width = module.device, len(head.ids) if head else 0, max(len(row.rest) for row in rows)
    tokens = torch.zeros(len(rows), width, dtype=torch.long)
    mask = torch.ones(len(rows), past + width, dtype=torch.long)
    for i, row in enumerate(rows):
        tokens[i, width - len(row.rest) :] = torch.tensor(row.rest)
        mask[i, past : past + width - len(row.rest)] = 0
    positions = (mask.cumsum(1) - 1).clamp(min=0)[:, past:].to(device)
    tokens, mask = tokens.to(device), mask.to(device)
    cache = head.cache(len(rows)) if head else DynamicCache(config=module.config)
    alive = list(rows)
    while True:
        logits = module(
            input_ids=tokens,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]  # (rows, vocabulary)
        for row, scores in zip(alive, logits.float(), strict=True):
            _next(row, scores, ends, renderer)
        keep = [i for i, row in enumerate(alive) if not row.over()]
        if not keep:
            return cache
        if len(keep) < len(alive):
            kept = torch.tensor(keep, device=device)
            cache.batch_select_indices(kept)
            mask, positions = mask[kept], positions[kept]
            alive = [alive[i] for i in keep]
        # What is forced goes through the model together, as far as every row has some; models that keep other
        # states than these take one token at a time.
        more = 0 if head is None else min(row.forced() for row in alive)
        for row in alive:
            row.ids += row.pop(more)
        tokens = torch.tensor([row.ids[-1 - more :] for row in alive], device=device)
        mask = torch.cat([mask, mask.new_ones(len(alive), 1 + more)], 1)
        positions = positions[:, -1:] + torch.arange(1, 2 + more, device=device)


def end_tokens(module: PreTrainedModel, renderer: Renderer) -> frozenset[int]:
    """Every token that ends an answer."""
    told = [renderer.tokenizer.eos_token_id, getattr(module.generation_config, "eos_token_id", None)]
    if not renderer.plain:
        told.append(renderer.end)
    ends: set[int] = set()
    for ids in told:
        ends.update([ids] if isinstance(ids, int) else ids or [])
    return frozenset(ends)


def _next(row: Row, logits: torch.Tensor, ends: frozenset[int], renderer: Renderer) -> None:
    """Adds the next token to a row, and with it what must end the answer behind it."""
    held = row.held
    if held is not None and held.pending:
        row.ids += row.pop(1)
    else:
        token = row.choose(logits)
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
