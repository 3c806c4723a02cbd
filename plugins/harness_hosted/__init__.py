"""Fine-tuning that is bought: `use: hosted-finetune`."""

from __future__ import annotations

from harness import hookimpl
from harness.hookspecs import RegisterStrategy


@hookimpl
def harness_register_strategies(register: RegisterStrategy) -> None:
    from harness_hosted.strategy import HostedFineTune

    register("hosted-finetune", HostedFineTune)
