"""Hugging Face datasets as rows: `path: hf:…`, on the hub or in a folder."""

from __future__ import annotations

from harness import hookimpl
from harness.hookspecs import RegisterSource


@hookimpl
def harness_register_sources(register: RegisterSource) -> None:
    from harness_datasets.source import HuggingFace

    register("hf", HuggingFace())
