"""Dropout masks for hundreds of layers from one draw.

A stretch of random zeros and 1 / (1 - dropout) is drawn once a step; each layer takes its mask from a random place
in it. Drawing a mask a layer costs a processor a sixth of all time.
"""

from __future__ import annotations

import torch

_LEAST = 1 << 21  # values drawn at once


class Masks:
    """Masks for the layers of a model."""

    def __init__(self) -> None:
        self._seed = 0
        self._drawn: dict[tuple[int, float], torch.Tensor] = {}

    def renew(self) -> None:
        """Other masks from now on, by torch's generator."""
        self._seed = int(torch.randint(1 << 62, ()))
        self._drawn.clear()

    def mask(self, like: torch.Tensor, share: float) -> torch.Tensor:
        """A mask (tokens, width) for a tensor (..., tokens, width).

        Where it lies in its stretch is drawn from torch's generator: a forward pass that is repeated for its
        gradient, from the generator's state of then, finds the same one.
        """
        size = like.numel()
        room = max(_LEAST, 1 << (2 * size - 1).bit_length())
        drawn = self._drawn.get((room, share))
        if drawn is None:
            generator = torch.Generator(like.device).manual_seed(self._seed + room)
            drawn = torch.empty(room, dtype=like.dtype, device=like.device)
            drawn.bernoulli_(1 - share, generator=generator).div_(1 - share)
            self._drawn[room, share] = drawn
        start = int(torch.randint(room - size + 1, ()))
        return drawn[start : start + size].view(-1, like.shape[-1])
