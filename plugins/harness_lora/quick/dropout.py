"""Dropout masks for hundreds of layers from one draw.

A stretch of random zeros and 1 / (1 - dropout) is drawn once a step; each layer takes its mask from a random place
in it. Drawing a mask a layer costs a processor a sixth of all time.
"""

from __future__ import annotations

import torch

_LEAST = 1 << 21  # values drawn at once


class Masks:
    """Masks of one dropout rate at a time."""

    def __init__(self) -> None:
        self._drawn: torch.Tensor | None = None
        self._share = 0.0

    def renew(self) -> None:
        """Draws anew when next asked."""
        self._drawn = None

    def mask(self, like: torch.Tensor, share: float) -> torch.Tensor:
        """A mask (tokens, width) for a tensor (..., tokens, width).

        Where it lies is drawn from torch's generator, so that a forward pass that is repeated for its gradient
        finds the same one.
        """
        size = like.numel()
        if self._drawn is None or self._drawn.numel() < 2 * size or self._share != share:
            values = torch.empty(max(2 * size, _LEAST), dtype=like.dtype, device=like.device)
            self._drawn, self._share = values.bernoulli_(1 - share).div_(1 - share), share
        start = int(torch.randint(self._drawn.numel() - size + 1, ()))
        return self._drawn[start : start + size].view(-1, like.shape[-1])
