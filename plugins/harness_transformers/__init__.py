"""Models that run on this machine: `transformers` (causal models and encoders) and `sentence-transformers`."""

from __future__ import annotations

from harness import hookimpl
from harness.hookspecs import RegisterModel


@hookimpl
def harness_register_models(register: RegisterModel) -> None:
    from harness_transformers.embedder import SentenceTransformersModel
    from harness_transformers.model import TransformersModel

    register("transformers", TransformersModel)
    register("sentence-transformers", SentenceTransformersModel)
