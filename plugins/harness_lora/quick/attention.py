"""Attention over a pack: a row sees the shared beginning and itself, and nothing else is computed.

    begin   attends to itself: one causal block of S x S
    rows    as a batch of R, each L queries against S + L keys: the beginning's and its own

The heads that share keys (grouped queries) go through a matmul as one long query. What the softmax gave is
computed again in the backward pass rather than kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch

NAME = "harness_pack"  # in transformers' registry of attention functions
_ODD = ("softcap", "s_aux", "position_bias")  # what some architectures ask of attention besides


class Pack:
    """Where the rows of a pack lie.

    Attributes:
        shared: Tokens of the beginning, S.
        lengths: Tokens that each row has for itself.
    """

    def __init__(self, shared: int, lengths: Sequence[int], device: torch.device, dtype: torch.dtype) -> None:
        self.shared = shared
        self.lengths = lengths
        self._device = device
        self._dtype = dtype
        self._masks: dict[tuple[int, int, int], torch.Tensor] = {}

    @cached_property
    def longest(self) -> int:
        return max(self.lengths)

    @cached_property
    def own(self) -> torch.Tensor:
        """Of the R x L places, those that hold a token."""
        within = torch.arange(self.longest)[None, :] < torch.tensor(self.lengths)[:, None]
        return within.flatten().nonzero()[:, 0].to(self._device)

    @cached_property
    def empty(self) -> torch.Tensor:
        """Those that hold none."""
        within = torch.arange(self.longest)[None, :] < torch.tensor(self.lengths)[:, None]
        return (~within).flatten().nonzero()[:, 0].to(self._device)

    @cached_property
    def taken(self) -> torch.Tensor:
        """For each of the R x L places the token of the pack that it holds; an empty one holds the last."""
        places = torch.full((len(self.lengths) * self.longest,), self.shared + sum(self.lengths) - 1)
        places[self.own.cpu()] = torch.arange(self.shared, self.shared + sum(self.lengths))
        return places.to(self._device)

    def mask(self, groups: int, queries: int, before: int) -> torch.Tensor:
        """(groups x queries, before + queries): 0 where a query sees a key, else minus infinity."""
        key = (groups, queries, before)
        if key not in self._masks:
            blocked = torch.full((queries, queries), -torch.inf, dtype=self._dtype, device=self._device).triu(1)
            seen = torch.zeros(queries, before, dtype=self._dtype, device=self._device)
            self._masks[key] = torch.cat([seen, blocked], dim=1).repeat(groups, 1)
        return self._masks[key]


class _Attention(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, pack: Pack, scale: float
    ) -> torch.Tensor:
        """From (1, heads, tokens, width) to (1, tokens, heads, width)."""
        ctx.save_for_backward(query, key, value)
        ctx.pack, ctx.scale = pack, scale
        blocks = _blocks(pack, query, key, value)
        return torch.cat([block.back(block.shares(scale) @ block.value) for block in blocks]).unsqueeze(0)

    @staticmethod
    def backward(ctx: Any, *given: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        query, key, value = ctx.saved_tensors
        pack: Pack = ctx.pack
        grad = given[0].transpose(1, 2)
        of_query = []
        of_keys: list[torch.Tensor] = []
        of_values: list[torch.Tensor] = []
        for block in _blocks(pack, query, key, value):
            shares, out = block.shares(ctx.scale), block.of(grad)
            of_shares = out @ block.value.transpose(1, 2)
            of_scores = torch._softmax_backward_data(of_shares, shares, -1, shares.dtype)
            of_query.append(block.back(of_scores @ block.key))
            of_keys.append(of_scores.transpose(1, 2) @ block.query)
            of_values.append(shares.transpose(1, 2) @ out)
        return (
            torch.cat(of_query).mul_(ctx.scale).transpose(0, 1).unsqueeze(0),
            _whole(pack, of_keys, key.shape[1]).mul_(ctx.scale).transpose(0, 1).unsqueeze(0),
            _whole(pack, of_values, value.shape[1]).transpose(0, 1).unsqueeze(0),
            None,
            None,
        )


class _Block:
    """Queries with the keys that they see: (rows x key heads, groups x queries, width) and (…, keys, width)."""

    def __init__(self, pack: Pack, tensors: Sequence[torch.Tensor], *, beginning: bool) -> None:
        query, key, value = tensors
        self._pack = pack
        self._beginning = beginning
        self._rows = 1 if beginning else len(pack.lengths)
        self._queries = pack.shared if beginning else pack.longest
        self._heads = key.shape[1]
        self.query = self._part(query)
        self.key, self.value = self._seen(key), self._seen(value)

    def of(self, grad: torch.Tensor) -> torch.Tensor:
        return self._part(grad, clear=True)

    def shares(self, scale: float) -> torch.Tensor:
        groups = self.query.shape[1] // self._queries
        mask = self._pack.mask(groups, self._queries, self.key.shape[1] - self._queries)
        scores = torch.baddbmm(
            mask.expand(len(self.query), -1, -1), self.query, self.key.transpose(1, 2), alpha=scale
        )
        return torch.softmax(scores, dim=-1)

    def back(self, out: torch.Tensor) -> torch.Tensor:
        """(tokens, heads, width) of what is laid out as the queries are."""
        out = out.view(self._rows, self._heads, -1, self._queries, out.shape[-1])
        flat = out.permute(0, 3, 1, 2, 4).reshape(self._rows * self._queries, -1, out.shape[-1])
        return flat if self._beginning else flat.index_select(0, self._pack.own)

    def _part(self, x: torch.Tensor, *, clear: bool = False) -> torch.Tensor:
        tokens = x[0].transpose(0, 1)  # (tokens, heads, width)
        if self._beginning:
            tokens = tokens[: self._pack.shared]
        else:
            tokens = tokens.index_select(0, self._pack.taken)
            if clear:
                tokens.index_fill_(0, self._pack.empty, 0)
        laid = tokens.reshape(self._rows, self._queries, self._heads, -1, x.shape[-1]).permute(0, 2, 3, 1, 4)
        return laid.reshape(self._rows * self._heads, -1, x.shape[-1])

    def _seen(self, x: torch.Tensor) -> torch.Tensor:
        own = self._part(x)
        if self._beginning:
            return own
        before = x[:, :, : self._pack.shared].expand(self._rows, -1, -1, -1)
        parts = [before, own.view(self._rows, self._heads, self._queries, -1)]
        return torch.cat(parts, dim=2).view(self._rows * self._heads, -1, x.shape[-1])


def _blocks(pack: Pack, *tensors: torch.Tensor) -> list[_Block]:
    beginning = [_Block(pack, tensors, beginning=True)] if pack.shared else []
    return [*beginning, _Block(pack, tensors, beginning=False)]


def _whole(pack: Pack, parts: Sequence[torch.Tensor], heads: int) -> torch.Tensor:
    """(tokens, heads, width) of the gradients of the keys that each block saw."""
    rows = parts[-1].view(len(pack.lengths), heads, -1, parts[-1].shape[-1])
    own = rows[:, :, pack.shared :].transpose(1, 2).reshape(-1, heads, rows.shape[-1])
    own = own.index_select(0, pack.own)
    if not pack.shared:
        return own
    beginning = parts[0].add_(rows[:, :, : pack.shared].sum(dim=0))
    return torch.cat([beginning.transpose(0, 1), own])


def attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    **asked: Any,
) -> tuple[torch.Tensor, None]:
    """Attention as transformers calls it: over a pack where it is told of one, else its own.

    Raises:
        ValueError: For a pack, where more is asked for than plain causal attention.
    """
    pack: Pack | None = asked.pop("pack", None)
    if pack is None:
        from transformers.integrations.sdpa_attention import sdpa_attention_forward

        found: tuple[torch.Tensor, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, **asked
        )
        return found
    window = asked.get("sliding_window")
    if asked.get("dropout") or (window is not None and window < pack.shared + pack.longest):
        raise ValueError("a pack has no attention with dropout, nor with a window that is shorter than its rows")
    if odd := [name for name in _ODD if asked.get(name) is not None]:
        raise ValueError(f"a pack has no attention with {', '.join(odd)}")
    scale = asked.get("scaling")
    scale = query.shape[-1] ** -0.5 if scale is None else scale
    out: torch.Tensor = _Attention.apply(query, key, value, pack, scale)  # type: ignore[no-untyped-call]
    return out, None


def prepare(model: torch.nn.Module) -> bool:
    """Makes a model that attends by transformers' SDPA take packs; says whether it does so now."""
    from transformers.integrations.sdpa_attention import sdpa_attention_forward
    from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS, sdpa_mask
    from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

    config: Any = getattr(model, "config", None)
    how = getattr(config, "_attn_implementation", None)
    if how == "sdpa" and ALL_ATTENTION_FUNCTIONS["sdpa"] is sdpa_attention_forward:
        ALL_ATTENTION_FUNCTIONS.register(NAME, attend)
        ALL_MASK_ATTENTION_FUNCTIONS.register(NAME, sdpa_mask)
        for module in model.modules():
            own = getattr(module, "config", None)
            if own is not None and getattr(own, "_attn_implementation", None) == "sdpa":
                own._attn_implementation = NAME
    return getattr(config, "_attn_implementation", None) == NAME
