"""What the engine needs of a model: tokens of a layout in, logits at some of them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from harness_transformers.engine.kernels import Kernels
from harness_transformers.engine.layout import Layout

if TYPE_CHECKING:
    import torch


class Body(Protocol):
    """A causal model whose attention the layout does."""

    @property
    def kernels(self) -> Kernels: ...

    @property
    def dtype(self) -> torch.dtype: ...

    def run(
        self, ids: torch.Tensor, positions: torch.Tensor, layout: Layout, wanted: torch.Tensor
    ) -> torch.Tensor:
        """Computes the tokens of a layout.

        Args:
            ids: Their ids, (tokens,).
            positions: Each token's place in its prompt, (tokens,).
            layout: Who sees whom.
            wanted: Tokens at which logits will be asked for, (wanted,); none where only states are.

        Returns:
            What `logits` takes, its first dimension `wanted`.
        """
        ...

    def logits(self, found: torch.Tensor) -> torch.Tensor:
        """Logits (rows, vocabulary) in float32 of some rows of what `run` gave."""
        ...
