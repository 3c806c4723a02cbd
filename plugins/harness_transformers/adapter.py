"""What peft saved, put onto a module and merged into its weights: as fast as the base from then on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from harness import ModelError
from harness_transformers.quiet import quiet

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def is_adapter(folder: Path) -> bool:
    return (folder / "adapter_config.json").is_file()


def with_adapter(module: PreTrainedModel, folder: Path) -> PreTrainedModel:
    """The module with the adapter merged in.

    What the adapter changes is copied first: `module` may share its memory with a base that others use.

    Raises:
        ModelError: Where the folder holds no adapter in safetensors, or one of another model.
    """
    import torch

    if not (folder / "adapter_model.safetensors").is_file():
        raise ModelError(f"the tuned folder {str(folder)!r} holds no adapter_model.safetensors")
    with quiet():
        from peft import PeftModel
        from peft.tuners.tuners_utils import BaseTunerLayer

        try:
            tuned = PeftModel.from_pretrained(module, folder)
        except (ValueError, RuntimeError, KeyError) as error:
            raise ModelError(f"the adapter in {str(folder)!r} does not fit this model: {error}") from error
        for layer in tuned.modules():
            if isinstance(layer, BaseTunerLayer):
                inner = layer.get_base_layer()
                for name, parameter in list(inner.named_parameters(recurse=False)):
                    setattr(inner, name, torch.nn.Parameter(parameter.detach().clone()))
        merged: PreTrainedModel = tuned.merge_and_unload()
        return merged.eval().requires_grad_(False)
