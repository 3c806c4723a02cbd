"""LoRA layers that share an input, as one step of differentiation made of two-dimensional matmuls.

    y_i = x W_i^T + scale_i (m * x) A_i^T B_i^T        W_i is frozen; A_i, B_i are float32 and trained

Query, key and value read the same x, and so do gate and up: their A matrices are multiplied as one, and the
gradients that they leave on x are summed within the matmuls. Nothing is computed for W_i, and nothing for an x
that nothing trained lies before. Matmuls are in the number format of W_i.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from harness_lora.quick.dropout import Masks

if TYPE_CHECKING:
    from peft.tuners.lora import Linear

_ADAPTER = "default"  # peft's name for the only one
# Layers of one module that read the same tensor, in architectures of transformers.
_TOGETHER = (("q_proj", "k_proj", "v_proj"), ("gate_proj", "up_proj"), ("query", "key", "value"))


class _Frozen(NamedTuple):
    """What a step takes beside the tensors that it differentiates."""

    weights: Sequence[torch.Tensor]  # (out, in) each
    biases: Sequence[torch.Tensor | None]  # (out,) each
    scales: Sequence[float]
    mask: torch.Tensor | None  # (tokens, in), zeros and 1 / (1 - dropout)


class _Together(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, frozen: _Frozen, *trained: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """All layers' outputs; `trained` holds their A (rank, in) and then their B (out, rank) matrices."""
        count = len(frozen.weights)
        flat = x.reshape(-1, x.shape[-1])  # (tokens, in)
        down = torch.cat(trained[:count]).to(flat.dtype)
        up = [matrix.to(flat.dtype) for matrix in trained[count:]]
        low = (flat if frozen.mask is None else flat * frozen.mask) @ down.T  # (tokens, ranks)
        outs = []
        for i, part in enumerate(torch.split(low, [matrix.shape[1] for matrix in up], dim=1)):
            out = torch.nn.functional.linear(flat, frozen.weights[i], frozen.biases[i])
            out.addmm_(part, up[i].T, alpha=frozen.scales[i])
            outs.append(out.view(*x.shape[:-1], -1))
        ctx.frozen = frozen
        ctx.save_for_backward(flat, low, down, *up)
        ctx.shape = x.shape
        return tuple(outs)

    @staticmethod
    def backward(ctx: Any, *given: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        frozen: _Frozen = ctx.frozen
        flat, low, down, *up = ctx.saved_tensors
        ranks = [matrix.shape[1] for matrix in up]
        grads = [grad.reshape(-1, grad.shape[-1]) for grad in given]
        of_low = torch.empty_like(low)
        of_up: list[torch.Tensor | None] = []
        parts = zip(torch.split(low, ranks, dim=1), torch.split(of_low, ranks, dim=1), strict=True)
        for i, (part, of_part) in enumerate(parts):
            torch.mm(grads[i], up[i] * frozen.scales[i], out=of_part)
            of_up.append((part.T @ grads[i]).T.mul(frozen.scales[i]).float())
        read = flat if frozen.mask is None else flat * frozen.mask
        of_down = torch.split((of_low.T @ read).float(), ranks)
        of_x = None
        if ctx.needs_input_grad[0]:
            of_x = grads[0] @ frozen.weights[0]
            for grad, weight in zip(grads[1:], frozen.weights[1:], strict=True):
                of_x.addmm_(grad, weight)
            if frozen.mask is None:
                of_x.addmm_(of_low, down)
            else:
                of_x.addcmul_(of_low @ down, frozen.mask)
            of_x = of_x.view(ctx.shape)
        return (of_x, None, *of_down, *of_up)


class Layers:
    """Layers that read the same tensor: the first one asked computes for all, the others find it done."""

    def __init__(self, layers: Sequence[Linear], masks: Masks) -> None:
        self._layers = layers
        self._masks = masks
        self._read: torch.Tensor | None = None
        self._done: dict[int, torch.Tensor] = {}

    def output(self, number: int, x: torch.Tensor) -> torch.Tensor:
        if x is not self._read or number not in self._done:
            self._read, self._done = x, dict(enumerate(self._compute(x)))
        out = self._done.pop(number)
        if not self._done:
            self._read = None
        return out

    def _compute(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        bases = [layer.get_base_layer() for layer in self._layers]
        x = x.to(bases[0].weight.dtype)  # as autocast would
        first = self._layers[0]
        dropout = first.lora_dropout[_ADAPTER]
        share = dropout.p if isinstance(dropout, torch.nn.Dropout) and first.training else 0.0
        frozen = _Frozen(
            [base.weight for base in bases],
            [base.bias for base in bases],
            [layer.scaling[_ADAPTER] for layer in self._layers],
            self._masks.mask(x, share) if share else None,
        )
        down = (layer.lora_A[_ADAPTER].weight for layer in self._layers)
        up = (layer.lora_B[_ADAPTER].weight for layer in self._layers)
        found: tuple[torch.Tensor, ...] = _Together.apply(x, frozen, *down, *up)  # type: ignore[no-untyped-call]
        return found


def quicken(model: torch.nn.Module) -> Masks:
    """Puts this step into a peft model in place of its plain LoRA layers; other kinds of layers stay.

    Returns:
        Where dropout masks come from: to be renewed before each step of the optimiser.
    """
    masks = Masks()
    for parent in model.modules():
        plain = {name: child for name, child in parent.named_children() if _is_plain(child)}
        for together in _TOGETHER:
            if all(name in plain for name in together):
                _join([plain.pop(name) for name in together], masks)
        for child in plain.values():
            _join([child], masks)
    return masks


def _join(layers: Sequence[Linear], masks: Masks) -> None:
    joined = Layers(layers, masks)
    for number, layer in enumerate(layers):
        layer.forward = lambda x, number=number: joined.output(number, x)


def _is_plain(module: Any) -> bool:
    """Whether it is LoRA as published, on a linear layer, and nothing else."""
    from peft.tuners.lora import Linear

    if type(module) is not Linear or type(module.get_base_layer()) is not torch.nn.Linear:
        return False
    only = list(module.lora_A) == [_ADAPTER] and module.active_adapters == [_ADAPTER]
    changed = module.merged or module.disable_adapters or module.lora_variant or module.fan_in_fan_out
    biased = only and (module.lora_A[_ADAPTER].bias is not None or module.lora_B[_ADAPTER].bias is not None)
    frozen = not any(parameter.requires_grad for parameter in module.get_base_layer().parameters())
    return only and frozen and not changed and not biased
