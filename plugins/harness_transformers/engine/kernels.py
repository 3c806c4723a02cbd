"""Attention that also tells its log-sum-exp, so that attention over parts of a sequence can be merged exactly.

    over = attention(q, k_of_the_shared_head, v_of_the_shared_head)
    own = attention(q, k, v, causal=True)
    merged(own, over)                     # as if keys and values had stood one behind the other

Hydragen (Juravsky et al., 2024) splits attention this way; FlashAttention (Dao et al., 2022) computes each part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import torch


class Attended(NamedTuple):
    """What attention gave.

    Attributes:
        values: (batch, heads, queries, width).
        logsumexp: Of the scaled scores, natural, (batch, heads, queries), float32.
    """

    values: torch.Tensor
    logsumexp: torch.Tensor


class Kernels:
    """Attention by the device's fused kernels where it has some, else by plain matmuls and a softmax.

    Args:
        fast: False for plain ones everywhere.
    """

    def __init__(self, *, fast: bool = True) -> None:
        self.fast = fast

    def __call__(
        self,
        q: torch.Tensor,
        k: torch.Tensor,
        v: torch.Tensor,
        scale: float,
        mask: torch.Tensor | None = None,
        *,
        causal: bool = False,
    ) -> Attended:
        """Attention of queries (batch, heads, queries, width) over keys (batch, key heads, keys, width).

        Args:
            q: Queries; `heads` is a multiple of the keys' heads, which are shared by neighbours.
            k: Keys.
            v: Values, of the keys' shape.
            scale: What scores are multiplied with.
            mask: Added to the scores, broadcast to (batch, heads, queries, keys); None where all is seen.
            causal: Whether the i-th query sees only the first i keys; they are as many then.
        """
        if self.fast and q.device.type == "cpu":
            return _on_cpu(q, k, v, scale, mask, causal)
        if self.fast and q.device.type == "cuda" and mask is None:
            return _on_cuda(q, k, v, scale, causal)
        return _plainly(q, k, v, scale, mask, causal)


def _on_cpu(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, scale: float, mask: torch.Tensor | None, causal: bool
) -> Attended:
    import torch

    flash = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
    if mask is not None and mask.dim() == 4:
        mask = mask.expand(q.shape[0], q.shape[1], -1, -1)
    return Attended(*flash(q, k, v, 0.0, causal, attn_mask=mask, scale=scale))


def _on_cuda(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, scale: float, causal: bool) -> Attended:
    import torch

    groups = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1)
    if q.dtype == torch.float32:
        efficient = torch.ops.aten._scaled_dot_product_efficient_attention
        values, logsumexp = efficient(q, k, v, None, True, 0.0, causal, scale=scale)[:2]
        return Attended(values, logsumexp[:, :, : q.shape[2]])
    flash = torch.ops.aten._scaled_dot_product_flash_attention
    values, logsumexp = flash(q, k, v, 0.0, causal, False, scale=scale)[:2]
    return Attended(values, logsumexp)


def _plainly(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, scale: float, mask: torch.Tensor | None, causal: bool
) -> Attended:
    import torch

    groups = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1)
    scores = (q @ k.transpose(-1, -2)).float() * scale
    if mask is not None:
        scores += mask
    if causal:
        future = torch.ones(scores.shape[-2:], dtype=torch.bool, device=q.device).triu(1)
        scores.masked_fill_(future, -torch.inf)
    logsumexp = scores.logsumexp(-1)
    return Attended((scores - logsumexp[..., None]).exp().to(v.dtype) @ v, logsumexp)


def hidden(unseen: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """What is added to scores so that keys where `unseen` is true count for nothing, of its shape."""
    import torch

    return torch.zeros(unseen.shape, dtype=dtype, device=unseen.device).masked_fill_(
        unseen, torch.finfo(dtype).min
    )


def merged(one: Attended, other: Attended) -> torch.Tensor:
    """Attention over the keys of both, (batch, heads, queries, width)."""
    import torch

    share = torch.sigmoid(other.logsumexp - one.logsumexp)[..., None]
    return torch.lerp(one.values, other.values, share.to(one.values.dtype))
