"""What peft saved, put onto a module and merged into its weights: as fast as the base from then on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from harness import ModelError
from harness_transformers.engine.memory import out_of_memory
from harness_transformers.quiet import quiet

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel


def is_adapter(folder: Path) -> bool:
    return (folder / "adapter_config.json").is_file()


def with_adapter(make: Callable[[], PreTrainedModel], folder: Path) -> PreTrainedModel:
    """A module that answers with the adapter in `folder`.

    Weights that the adapter changes are copied before it is merged into them, since a base may share their
    memory; a device without room for the copies keeps the adapter beside them. In bfloat16 the merged weights
    are rounded once more, as they are where merged weights are served.

    Args:
        make: Gives a module that may be changed.
        folder: As `save_pretrained` of peft writes it.

    Raises:
        ModelError: Where the folder holds no adapter in safetensors, or one of another model.
    """
    if not (folder / "adapter_model.safetensors").is_file():
        raise ModelError(f"the tuned folder {str(folder)!r} holds no adapter_model.safetensors")
    with quiet():
        module: PreTrainedModel
        try:
            module = _own_layers(_put(make(), folder)).merge_and_unload()
        except RuntimeError as error:
            if not out_of_memory(error):
                raise
            module = _put(make(), folder).get_base_model()
        return module.eval().requires_grad_(False)


def _put(module: PreTrainedModel, folder: Path) -> PeftModel:
    from peft import PeftModel

    try:
        return PeftModel.from_pretrained(module, folder)
    except (ValueError, RuntimeError, KeyError) as error:
        if isinstance(error, RuntimeError) and out_of_memory(error):
            raise
        raise ModelError(f"the adapter in {str(folder)!r} does not fit this model: {error}") from error


def _own_layers(tuned: PeftModel) -> PeftModel:
    """Gives the layers that merging will change memory of their own."""
    import torch
    from peft.tuners.tuners_utils import BaseTunerLayer

    for layer in tuned.modules():
        if isinstance(layer, BaseTunerLayer):
            inner = layer.get_base_layer()
            for name, parameter in list(inner.named_parameters(recurse=False)):
                setattr(inner, name, torch.nn.Parameter(parameter.detach().clone()))
    return tuned
