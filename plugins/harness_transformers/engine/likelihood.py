"""Log-likelihoods of all choices of a closed question in one forward pass.

    columns   pad  pad  the  queue  <end>  <assistant>  refund  status   <- one row of a batch
                        `------ rest of the prompt ---'  `- the trie -'

The head that prompts share lies in the cache; the trie stands at the same columns in every row, so that logits
are computed only where they are read. Tree attention as in SpecInfer (Miao et al., 2024).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from harness_transformers.engine.states import EMPTY, States, extend
from harness_transformers.engine.trie import Trie

if TYPE_CHECKING:
    import torch
    from transformers import DynamicCache, PreTrainedModel


class Scored(NamedTuple):
    """What a batch gave.

    Attributes:
        logprobs: Natural-log likelihood of each choice to its end, (rows, choices).
        cache: States of the batch, those of the trie included.
    """

    logprobs: list[list[float]]
    cache: DynamicCache


def score(module: PreTrainedModel, head: States, rests: Sequence[Sequence[int]], trie: Trie) -> Scored:
    """Scores the choices behind each prompt.

    Args:
        module: A causal model that `attends_fully` as far as these prompts are long.
        head: States of what all prompts begin with.
        rests: What follows of each prompt, at least its last token.
        trie: The choices.
    """
    import torch

    device = module.device
    width, nodes, past = max(map(len, rests)), len(trie.tokens), len(head.ids)
    tokens = torch.tensor([[0] * (width - len(rest)) + [*rest, *trie.tokens] for rest in rests], device=device)
    lengths = torch.tensor([len(rest) for rest in rests], device=device)[:, None]
    inside = torch.arange(width, device=device)[None] - (width - lengths)  # below 0 for padding
    depths = torch.tensor(trie.depths, dtype=torch.long, device=device)[None]
    cache = head.cache(len(rests))
    logits = module(
        input_ids=tokens,
        position_ids=past + torch.cat([inside.clamp(min=0), lengths - 1 + depths], 1),
        attention_mask=_mask(inside >= 0, trie, past, module.dtype),
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=torch.arange(width - 1, width + nodes, device=device),
    ).logits.float()  # (rows, 1 + nodes, vocabulary)
    return Scored(_read(logits, trie), cache)


def score_plainly(module: PreTrainedModel, prompt: Sequence[int], trie: Trie) -> list[float]:
    """The same for one prompt, choice by choice, without cache or tree: right for every causal model."""
    import torch

    scores = []
    for reads in trie.reads:
        answer = [read.token for read in reads]
        tokens = torch.tensor([[*prompt, *answer[:-1]]], device=module.device)
        logits = module(input_ids=tokens, use_cache=False, logits_to_keep=len(answer)).logits[0].float()
        scores.append(sum(float(row.log_softmax(-1)[t]) for row, t in zip(logits, answer, strict=True)))
    return scores


def attends_fully(module: PreTrainedModel, ids: Sequence[int]) -> int:
    """Up to how many tokens every position sees all before it, so that `score` is right; 0 for never.

    Not believed but tried: architectures differ in how they take positions and masks, so `score` must agree
    with `score_plainly` on a small question.

    Args:
        module: A causal model.
        ids: At least 8 tokens to try it with.
    """
    from transformers import DynamicCache
    from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

    layers = DynamicCache(config=module.config).layers
    if any(type(layer) not in (DynamicLayer, DynamicSlidingWindowLayer) for layer in layers):
        return 0
    trie = Trie.of([ids[4:6], [ids[4], *ids[6:8]], ids[5:6]])
    prompts = [[*ids[:6], *ids[:3]], [*ids[:6], ids[2]]]
    try:
        head = extend(module, EMPTY, ids[:5])
        found = score(module, head, [prompt[5:] for prompt in prompts], trie).logprobs
    except (TypeError, ValueError, RuntimeError, AttributeError, IndexError):
        return 0
    expected = [score_plainly(module, prompt, trie) for prompt in prompts]
    loose = 1e-3 if module.dtype.itemsize == 4 else 3e-2
    for row, right in zip(found, expected, strict=True):
        if any(abs(a - b) > loose * (1 + abs(b)) for a, b in zip(row, right, strict=True)):
            return 0
    return min((layer.sliding_window for layer in layers if layer.is_sliding), default=1 << 30)


def _mask(real: torch.Tensor, trie: Trie, past: int, dtype: torch.dtype) -> torch.Tensor:
    """What is added to attention scores, (rows, 1, width + nodes, past + width + nodes).

    Args:
        real: Which columns of the prompts' rests are not padding, (rows, width).
        trie: The choices.
        past: Tokens in the cache.
        dtype: The model's.
    """
    import torch

    rows, width = real.shape
    nodes = len(trie.tokens)
    seen = torch.zeros(rows, width + nodes, past + width + nodes, dtype=torch.bool, device=real.device)
    seen[:, :, :past] = True
    causal = torch.ones(width, width, dtype=torch.bool, device=real.device).tril()
    # Padding sees padding, so that no row of the softmax is empty.
    seen[:, :width, past : past + width] = causal & (real[:, None, :] | ~real[:, :, None])
    seen[:, width:, past : past + width] = real[:, None, :]
    if nodes:
        seen[:, width:, past + width :] = torch.tensor(trie.sees, device=real.device)
    blocked = torch.finfo(dtype).min
    return torch.zeros(seen.shape, dtype=dtype, device=real.device).masked_fill_(~seen, blocked)[:, None]


def _read(logits: torch.Tensor, trie: Trie) -> list[list[float]]:
    import torch

    columns = torch.tensor([r.column for reads in trie.reads for r in reads], device=logits.device)
    tokens = torch.tensor([r.token for reads in trie.reads for r in reads], device=logits.device)
    owners = torch.tensor([i for i, reads in enumerate(trie.reads) for _ in reads], device=logits.device)
    values = logits[:, columns, tokens] - logits.logsumexp(-1)[:, columns]  # (rows, reads)
    sums = torch.zeros(len(logits), len(trie.reads), device=logits.device)
    scores: list[list[float]] = sums.index_add_(1, owners, values).tolist()
    return scores
