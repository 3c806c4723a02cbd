"""RMSNorm (Zhang and Sennrich, 2019) with a frozen weight: forward and backward in few passes over memory."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch


class _Norm(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, weight: torch.Tensor, epsilon: float) -> torch.Tensor:
        wide = x.float()
        square = torch.linalg.vector_norm(wide, dim=-1, keepdim=True).square_()
        inverse = square.div_(x.shape[-1]).add_(epsilon).rsqrt_()  # (..., 1)
        ctx.save_for_backward(x, weight, inverse)
        scaled: torch.Tensor = (wide * inverse).to(x.dtype)
        return scaled.mul_(weight)

    @staticmethod
    def backward(ctx: Any, *given: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        x, weight, inverse = ctx.saved_tensors
        wide = x.float()
        grad = given[0].float() * weight
        along = torch.linalg.vecdot(grad, wide).unsqueeze_(-1)
        along.mul_(inverse.pow(3)).div_(x.shape[-1])
        return grad.mul_(inverse).addcmul_(wide, along, value=-1).to(x.dtype), None, None


def _norm(module: Any, x: torch.Tensor) -> torch.Tensor:
    epsilon = _epsilon(module)
    found: torch.Tensor = _Norm.apply(x, module.weight, epsilon)  # type: ignore[no-untyped-call]
    return found


def _epsilon(module: Any) -> Any:
    return getattr(module, "variance_epsilon", getattr(module, "eps", None))


def quicken(model: torch.nn.Module) -> None:
    """Takes over the modules of RMSNorm that compute just this; others under that name stay as they are."""
    module: Any
    for module in model.modules():
        if type(module).__name__.endswith("RMSNorm") and _is_plain(module):
            module.forward = partial(_norm, module)


def _is_plain(module: torch.nn.Module) -> bool:
    """Compares on values of which some are so small that the epsilon counts."""
    weight, epsilon = getattr(module, "weight", None), _epsilon(module)
    if not isinstance(weight, torch.Tensor) or weight.dim() != 1 or weight.requires_grad or not epsilon:
        return False
    steps = torch.linspace(-3, 3, 2 * weight.numel(), device=weight.device)
    x = (steps.sin() * steps.exp()).view(2, -1).mul(torch.tensor([[1.0], [epsilon**0.5]], device=weight.device))
    with torch.no_grad():
        try:
            right = module(x.to(weight.dtype))
        except (RuntimeError, TypeError, ValueError):
            return False
        found = _norm(module, x.to(weight.dtype))
    return bool(
        right.dtype == found.dtype
        and torch.allclose(right, found, rtol=1e-2 if weight.dtype != torch.float32 else 1e-5)
    )
