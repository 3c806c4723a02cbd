"""Few-shot: `few-shot` shows the model labelled examples before each question."""

from __future__ import annotations

from harness import hookimpl
from harness.hookspecs import RegisterStrategy


@hookimpl
def harness_register_strategies(register: RegisterStrategy) -> None:
    from harness_fewshot.fewshot import FewShot

    register("few-shot", FewShot)
