"""How many rows a batch may have, and how a full memory is recognised."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_CPU_BYTES = 1 << 30  # a batch's states and logits; larger ones are no faster on a CPU


def most_rows(module: PreTrainedModel, tokens: int, logits: int) -> int:
    """Rows of a batch by what its states and logits take; a quarter of what a GPU has free.

    Args:
        module: The model.
        tokens: Of the longest row, the shared head included.
        logits: Positions of a row at which logits are computed.
    """
    import torch

    config = module.config.get_text_config()
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    # Twice: states are copied when the model writes behind them, and logits are cast.
    states = 2 * tokens * config.num_hidden_layers * 2 * heads * width * module.dtype.itemsize
    row = states + 2 * logits * config.vocab_size * 4
    room = _CPU_BYTES
    if module.device.type == "cuda":
        room = torch.cuda.mem_get_info(module.device)[0] // 4
    return max(1, int(room // row))


def out_of_memory(error: RuntimeError) -> bool:
    """Whether torch says so; on a CPU only its words tell."""
    import torch

    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
