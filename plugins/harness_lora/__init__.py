"""Low-rank adaptation of a local model: the strategy `lora`."""

from __future__ import annotations

from harness import hookimpl
from harness.hookspecs import RegisterStrategy


@hookimpl
def harness_register_strategies(register: RegisterStrategy) -> None:
    from harness_lora.strategy import LoRA

    register("lora", LoRA)
