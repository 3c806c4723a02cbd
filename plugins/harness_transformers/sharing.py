"""A second module on the same weights."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def sharing(module: PreTrainedModel) -> PreTrainedModel:
    """A module of its own whose parameters lie in the memory of `module`.

    Whatever is wrapped, injected, frozen, configured or switched to training in it stays out of the other; only
    values written in place are seen there.
    """
    import torch

    memo: dict[int, object] = {}
    for parameter in module.parameters():
        memo[id(parameter)] = torch.nn.Parameter(parameter.detach(), requires_grad=parameter.requires_grad)
    for buffer in module.buffers():
        memo[id(buffer)] = buffer.clone()
    return copy.deepcopy(module, memo)
