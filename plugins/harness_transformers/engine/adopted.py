"""Any other architecture of transformers: its own forward pass, with attention by the layout.

Whether a model takes attention from elsewhere as it is meant, nobody can tell from outside: the engine tries it.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from harness_transformers.engine.kernels import Kernels
from harness_transformers.engine.layout import Layout

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

_NAME = "harness"
_layout: ContextVar[Layout] = ContextVar("layout")
# What a layout does not do; a model that asks for one of these is answered the plain way.
_FOREIGN = ("softcap", "s_aux", "position_bias", "alibi")


class Adopted:
    """A module of its own on the weights, told to leave attention to the layout.

    Args:
        module: Shares parameters with the one that is served, and is nobody else's.
        kernels: Computes attention.
    """

    def __init__(self, module: PreTrainedModel, kernels: Kernels) -> None:
        from transformers import AttentionInterface

        AttentionInterface.register(_NAME, _attend)
        self.kernels = kernels
        self.dtype = module.dtype
        self._module = module
        module.set_attn_implementation(_NAME)

    def run(
        self, ids: torch.Tensor, positions: torch.Tensor, layout: Layout, wanted: torch.Tensor
    ) -> torch.Tensor:
        import torch

        token = _layout.set(layout)
        try:
            # Where none are wanted one is computed: nothing would ask for all of them.
            keep = wanted if len(wanted) else torch.zeros(1, dtype=torch.long, device=ids.device)
            found = self._module(
                input_ids=ids[None], position_ids=positions[None], use_cache=False, logits_to_keep=keep
            ).logits[0]
        finally:
            _layout.reset(token)
        return found[: len(wanted)]  # type: ignore[no-any-return]

    def logits(self, found: torch.Tensor) -> torch.Tensor:
        return found.float()


def _attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    **others: Any,
) -> tuple[torch.Tensor, None]:
    """Attention as transformers asks for it: (1, heads, tokens, width) in, (1, tokens, heads, width) out."""
    layout = _layout.get()
    told = [name for name in _FOREIGN if others.get(name) is not None]
    if told or attention_mask is not None:
        raise NotImplementedError(f"attention with {told or 'a mask'}")
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    q, k, v = (each[0].transpose(0, 1) for each in (query, key, value))
    return layout.attend(module.layer_idx, q, k, v, scale)[None], None
