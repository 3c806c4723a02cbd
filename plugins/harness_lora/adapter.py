"""LoRA modules on a leased base (Hu et al., 2022): fresh from a seed, or as an epoch left them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from harness.errors import SuiteError, suggest

if TYPE_CHECKING:
    import torch

    from harness_lora.strategy import LoRA

TaskType = Literal["CAUSAL_LM", "SEQ_CLS"]


def fresh(module: torch.nn.Module, params: LoRA, task: TaskType, heads: Sequence[str] = ()) -> torch.nn.Module:
    """Puts new adapters into `module`, in float32 whatever the base computes in.

    Args:
        module: The leased base; changed in place, as peft does.
        params: Rank, alpha, dropout and target modules.
        task: What the module is.
        heads: Modules that are trained whole and saved beside the adapters.

    Raises:
        SuiteError: Where `target_modules` names what the model has not.
    """
    from peft import LoraConfig, get_peft_model

    targets = params.target_modules
    if not isinstance(targets, str):
        _check(targets, module)
    config = LoraConfig(
        r=params.rank,
        lora_alpha=params.alpha,
        lora_dropout=params.dropout,
        target_modules=targets if isinstance(targets, str) else list(targets),
        modules_to_save=list(heads) or None,
        task_type=task,
    )
    with _quiet():
        model: torch.nn.Module = get_peft_model(module, config, autocast_adapter_dtype=True)
    return model


def resumed(module: torch.nn.Module, adapter: Path) -> torch.nn.Module:
    """Puts the adapters of a folder into `module`, to be trained further."""
    from peft import PeftModel

    with _quiet():
        model: torch.nn.Module = PeftModel.from_pretrained(
            module, adapter, is_trainable=True, autocast_adapter_dtype=True
        )
    return model


def _check(targets: Sequence[str], module: torch.nn.Module) -> None:
    import torch

    names = [name for name, _ in module.named_modules() if name]
    for target in targets:
        if not any(name == target or name.endswith("." + target) for name in names):
            linear = {n.rpartition(".")[2] for n, m in module.named_modules() if isinstance(m, torch.nn.Linear)}
            raise SuiteError(f"target_modules: the model has no module {target!r}; {suggest(target, linear)}")


@contextmanager
def _quiet() -> Iterator[None]:
    """Peft still calls what transformers has renamed, which is no news to the user."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
