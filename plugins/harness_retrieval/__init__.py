"""Prompts made for each query: nearest labelled examples, passages of a corpus, or both (`retrieval`)."""

from __future__ import annotations

from harness import hookimpl
from harness.hookspecs import RegisterStrategy


@hookimpl
def harness_register_strategies(register: RegisterStrategy) -> None:
    from harness_retrieval.retrieval import Retrieval

    register("retrieval", Retrieval)
