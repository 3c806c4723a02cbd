"""How many tokens go through the model at once, and what is done when memory runs out.

    1024 tokens -> 512 -> ... -> a row at a time -> a row at a time, its activations computed again (checkpointing)

Checkpointing (Chen et al., 2016) takes a third more time and keeps what lies between two layers alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from harness.errors import HarnessError
from harness_lora.rows import Row

if TYPE_CHECKING:
    import torch

# Larger parts are no faster, and the memory that a part takes grows with its tokens.
_TOKENS_AT_ONCE = {"cpu": 1024, "accelerator": 8192}


def sort_of(model: torch.nn.Module) -> str:
    """`cpu` or `accelerator`."""
    return "cpu" if next(model.parameters()).device.type == "cpu" else "accelerator"


def out_of_memory(error: RuntimeError) -> bool:
    """Whether torch says so; on a CPU only its words tell."""
    import torch

    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)


class Room:
    """What fits.

    Attributes:
        tokens: A part's, at most; a row that is longer goes alone.
    """

    def __init__(self, model: torch.nn.Module) -> None:
        self.tokens = _TOKENS_AT_ONCE[sort_of(model)]
        self._model = model
        self._checkpoints = False

    def shrink(self, rows: Sequence[Row]) -> str:
        """Makes do with less, after rows did not fit; says how.

        Raises:
            HarnessError: Where there is no less.
        """
        longest = max(row.tokens for row in rows)
        together = sum(row.tokens for row in rows)
        if longest < min(self.tokens, together):
            self.tokens = max(longest, min(self.tokens, together) // 2)
            return f"rows go through the model in parts of at most {self.tokens} tokens"
        if not self._checkpoints and self._checkpointed():
            self._checkpoints = True
            return "activations are computed again instead of kept, which takes a third more time"
        raise HarnessError(
            f"a row of {longest} tokens does not fit in memory: lower max_length, or take a smaller model"
        )

    def _checkpointed(self) -> bool:
        import torch

        base: Any = getattr(self._model, "get_base_model", lambda: self._model)()
        if not getattr(base, "supports_gradient_checkpointing", False):
            return False
        renamed = getattr(base, "activation_checkpointing_enable", None)  # in transformers 5.23
        (renamed or base.gradient_checkpointing_enable)({"use_reentrant": False})
        if next(self._model.parameters()).device.type == "cuda":
            torch.cuda.empty_cache()
        return True
