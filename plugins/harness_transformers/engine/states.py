"""Keys and values of a prompt's head, computed once and seen by every row of a batch.

What requests of one call share is found token by token; what the last call left is taken up as well, so that
questions asked one at a time, as in service, do not pay for their common head again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from transformers import DynamicCache, PreTrainedModel

# A pass over the weights costs about as much as this many tokens: a shorter shared head is not worth one.
WORTH_TOKENS = 32


@dataclass(frozen=True)
class States:
    """Attention states of some tokens, layer by layer; each tensor (1, heads, tokens, width)."""

    ids: tuple[int, ...]
    keys: tuple[torch.Tensor, ...] = ()
    values: tuple[torch.Tensor, ...] = ()

    def cut(self, length: int) -> States:
        keys = tuple(k[:, :, :length] for k in self.keys)
        return States(self.ids[:length], keys, tuple(v[:, :, :length] for v in self.values))

    def cache(self, rows: int) -> DynamicCache:
        """As the past of a batch: not copied until the model writes behind it."""
        from transformers import DynamicCache
        from transformers.cache_utils import DynamicLayer

        cache = DynamicCache()
        for keys, values in zip(self.keys, self.values, strict=True):
            layer = DynamicLayer()
            layer.lazy_initialization(keys, values)
            layer.keys = keys.expand(rows, -1, -1, -1)
            layer.values = values.expand(rows, -1, -1, -1)
            cache.layers.append(layer)
        return cache

    @classmethod
    def of(cls, ids: Sequence[int], cache: DynamicCache) -> States:
        """The first row of a cache, as far as `ids` go."""
        n = len(ids)
        keys = tuple(layer.keys[:1, :, :n] for layer in cache.layers)
        return cls(tuple(ids), keys, tuple(layer.values[:1, :, :n] for layer in cache.layers))


EMPTY = States(())


class SharedHead:
    """The states that are kept between calls."""

    def __init__(self, module: PreTrainedModel) -> None:
        self._module = module
        self.kept = EMPTY

    def of(self, prompts: Sequence[Sequence[int]]) -> States:
        """States of what all prompts share, short of a prompt's last token, as far as that is worth a pass."""
        shared = common_prefix(prompts)[: min(len(p) for p in prompts) - 1]
        kept = self.kept
        known = kept.cut(len(common_prefix([kept.ids, shared])))
        missing = len(shared) - len(known.ids)
        if missing * (len(prompts) - 1) >= WORTH_TOKENS:
            known = self.kept = extend(self._module, known, shared)
        return known


def extend(module: PreTrainedModel, known: States, ids: Sequence[int]) -> States:
    """States of `ids`, which begin with those that are known."""
    import torch

    cache = known.cache(1)
    past = len(known.ids)
    module(
        input_ids=torch.tensor([list(ids[past:])], device=module.device),
        position_ids=torch.arange(past, len(ids), device=module.device)[None],
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=1,
    )
    return States.of(ids, cache)


def common_prefix(sequences: Sequence[Sequence[int]]) -> list[int]:
    """The longest head that all share.

    >>> common_prefix([[1, 2, 3], [1, 2, 4, 5]])
    [1, 2]
    """
    # Whatever lies between the smallest and the largest in dictionary order shares what those two share.
    low, high = min(map(list, sequences)), max(map(list, sequences))
    shared = 0
    for a, b in zip(low, high, strict=False):
        if a != b:
            break
        shared += 1
    return low[:shared]


def by_head(prompts: Sequence[Sequence[int]]) -> list[list[int]]:
    """Indices in groups, each of which shares a head that is worth computing by itself.

    One prompt that differs early (a demonstration left out for its own query) does not take the head from all
    others. A group is split where it shares least, as long as more tokens are saved by that.

    >>> by_head([[7] * 50 + [1], [7] * 50 + [2], [7] * 50 + [3], [8, 8, 8]])
    [[0, 1, 2], [3]]
    """
    order = sorted(range(len(prompts)), key=lambda i: list(prompts[i]))
    near = [len(common_prefix([prompts[a], prompts[b]])) for a, b in pairwise(order)]
    groups: list[list[int]] = []
    waiting = [(0, len(order))] if order else []
    while waiting:
        start, stop = waiting.pop()
        cut = min(range(start, stop - 1), key=lambda i: near[i], default=None)
        if cut is not None:
            parts = [(start, cut + 1), (cut + 1, stop)]
            if sum(_saved(near, *part) for part in parts) > _saved(near, start, stop) + WORTH_TOKENS:
                waiting += reversed(parts)
                continue
        groups.append(order[start:stop])
    return groups


def _saved(near: Sequence[int], start: int, stop: int) -> int:
    return (stop - start - 1) * min(near[start : stop - 1], default=0)
