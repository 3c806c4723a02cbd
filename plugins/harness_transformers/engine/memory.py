"""How much is held at once, and how a full memory is recognised."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

_CPU_BYTES = 1 << 30  # of keys and values; on a CPU more rows are hardly faster
_MOST = {"cpu": 256, "accelerator": 1024}
_LOGITS = {"cpu": 128, "accelerator": 1024}  # rows of a vocabulary's size


def most_slots(module: PreTrainedModel, tokens: int) -> int:
    """Rows that are generated together, by what their states take; a quarter of what a GPU has free.

    Args:
        module: The model.
        tokens: Of the longest row, answer included.
    """
    import torch

    config = module.config.get_text_config()
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    row = tokens * config.num_hidden_layers * 2 * heads * width * module.dtype.itemsize
    room = _CPU_BYTES
    if module.device.type == "cuda":
        room = torch.cuda.mem_get_info(module.device)[0] // 4
    most = _MOST["cpu" if module.device.type == "cpu" else "accelerator"]
    return max(1, min(most, int(room // row)))


def logits_at_once(device: torch.device) -> int:
    """Tokens whose logits are held together, since a vocabulary is large."""
    return _LOGITS["cpu" if device.type == "cpu" else "accelerator"]


def out_of_memory(error: RuntimeError) -> bool:
    """Whether torch says so; on a CPU only its words tell."""
    import torch

    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
