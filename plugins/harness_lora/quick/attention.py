"""Attention over a pack: a row sees the shared beginning and itself, and nothing else is computed.

    begin   attends to itself: one causal block of S x S
    rows    as a batch of R, each L queries against S + L keys: the beginning's and its own

The heads that share keys (grouped queries) go through a matmul as one long query. What the softmax gave is kept
for the backward pass where it is small, and computed again where it is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch

NAME = "harness_pack"  # in transformers' registry of attention functions
_KEPT = 1 << 21  # values of a softmax that are kept for the backward pass, a layer and block
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
        ctx.pack, ctx.scale, ctx.heads = pack, scale, key.shape[1]
        outs, kept = [], []
        for block in _blocks(pack, key.shape[1]):
            asked, keys, values = block.part(query), block.seen(key), block.seen(value)
            shares = block.shares(asked, keys, scale)
            outs.append(block.back(shares @ values))
            kept += [asked, keys, values, shares if shares.numel() <= _KEPT else None]
        ctx.save_for_backward(*kept)
        return torch.cat(outs).unsqueeze(0)

    @staticmethod
    def backward(ctx: Any, *given: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        pack: Pack = ctx.pack
        grad = given[0].transpose(1, 2)
        of_query = []
        of_keys: list[torch.Tensor] = []
        of_values: list[torch.Tensor] = []
        kept = iter(ctx.saved_tensors)
        for block, (asked, keys, values, had) in zip(
            _blocks(pack, ctx.heads), zip(kept, kept, kept, kept, strict=True), strict=True
        ):
            shares = block.shares(asked, keys, ctx.scale) if had is None else had
            out = block.part(grad, clear=True)
            of_shares = out @ values.transpose(1, 2)
            of_scores = torch._softmax_backward_data(of_shares, shares, -1, shares.dtype)
            of_query.append(block.back(of_scores @ keys))
            of_keys.append(of_scores.transpose(1, 2) @ asked)
            of_values.append(shares.transpose(1, 2) @ out)
        return (
            torch.cat(of_query).mul_(ctx.scale).transpose(0, 1).unsqueeze(0),
            _whole(pack, of_keys, ctx.heads).mul_(ctx.scale).transpose(0, 1).unsqueeze(0),
            _whole(pack, of_values, ctx.heads).transpose(0, 1).unsqueeze(0),
            None,
            None,
        )


class _Block:
    """Queries with the keys that they see: (rows x key heads, groups x queries, width) and (..., keys, width)."""

    def __init__(self, pack: Pack, heads: int, *, beginning: bool) -> None:
        self._pack = pack
        self._beginning = beginning
        self._rows = 1 if beginning else len(pack.lengths)
        self._queries = pack.shared if beginning else pack.longest
        self._heads = heads  # of the keys

    def shares(self, asked: torch.Tensor, keys: torch.Tensor, scale: float) -> torch.Tensor:
        """What each query takes of each key's value, (..., groups x queries, keys)."""
        mask = self._pack.mask(asked.shape[1] // self._queries, self._queries, keys.shape[1] - self._queries)
        scores = torch.baddbmm(mask.expand(len(asked), -1, -1), asked, keys.transpose(1, 2), alpha=scale)
        return torch.softmax(scores, dim=-1)

    def back(self, out: torch.Tensor) -> torch.Tensor:
        """(tokens, heads, width) of what is laid out as the queries are."""
        out = out.view(self._rows, self._heads, -1, self._queries, out.shape[-1])
        flat = out.permute(0, 3, 1, 2, 4).reshape(self._rows * self._queries, -1, out.shape[-1])
        return flat if self._beginning else flat.index_select(0, self._pack.own)

    def part(self, x: torch.Tensor, *, clear: bool = False) -> torch.Tensor:
        """The queries' places, or keys' or gradients of theirs; `clear` leaves zeros where no token is."""
        tokens = x[0].transpose(0, 1)  # (tokens, heads, width)
        if self._beginning:
            tokens = tokens[: self._pack.shared]
        else:
            tokens = tokens.index_select(0, self._pack.taken)
            if clear:
                tokens.index_fill_(0, self._pack.empty, 0)
        laid = tokens.reshape(self._rows, self._queries, self._heads, -1, x.shape[-1]).permute(0, 2, 3, 1, 4)
        return laid.reshape(self._rows * self._heads, -1, x.shape[-1])

    def seen(self, x: torch.Tensor) -> torch.Tensor:
        """Keys or values with those of the beginning before them."""
        own = self.part(x)
        if self._beginning:
            return own
        before = x[:, :, : self._pack.shared].expand(self._rows, -1, -1, -1)
        parts = [before, own.view(self._rows, self._heads, self._queries, -1)]
        return torch.cat(parts, dim=2).view(self._rows * self._heads, -1, x.shape[-1])


def _blocks(pack: Pack, heads: int) -> list[_Block]:
    beginning = [_Block(pack, heads, beginning=True)] if pack.shared else []
    return [*beginning, _Block(pack, heads, beginning=False)]


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
