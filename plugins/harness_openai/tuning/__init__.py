"""Fine-tuning on a provider's machines: one small adapter for each provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.privacy.keys import KeySource
    from harness_openai.model import OpenAIChat
    from harness_openai.tuning.adapter import Adapter


def tuning_of(params: OpenAIChat, key: KeySource) -> Adapter | None:
    """The adapter of an endpoint's provider; None where nobody knows how it tunes.

    A server on this machine counts as OpenAI's dialect, so that the whole way can be tried without an account.
    """
    from harness_openai.tuning.azure import AzureTuning
    from harness_openai.tuning.fireworks import FireworksTuning
    from harness_openai.tuning.mistral import MistralTuning
    from harness_openai.tuning.openai import OpenAITuning
    from harness_openai.tuning.together import TogetherTuning

    known: dict[str, type[Adapter]] = {
        "openai": OpenAITuning,
        "azure": AzureTuning,
        "together": TogetherTuning,
        "fireworks": FireworksTuning,
        "mistral": MistralTuning,
    }
    found = known.get(params.provided_by)
    if found is None and params.address.loopback:
        found = OpenAITuning
    return None if found is None else found(params, key)
