"""Chat models behind an OpenAI-compatible endpoint: `use: openai`."""

from __future__ import annotations

from harness import hookimpl
from harness.hookspecs import RegisterModel


@hookimpl
def harness_register_models(register: RegisterModel) -> None:
    from harness_openai.model import OpenAIChat

    register("openai", OpenAIChat)
