"""Prompting: `prompt` asks with one wording, `prompt-search` finds the best of several on validation."""

from __future__ import annotations

from harness import hookimpl
from harness.hookspecs import RegisterStrategy


@hookimpl
def harness_register_strategies(register: RegisterStrategy) -> None:
    from harness_prompting.prompt import Prompt
    from harness_prompting.search import PromptSearch

    register("prompt", Prompt)
    register("prompt-search", PromptSearch)
