"""What each known provider asks of a training file: the one source of it, for the command and for adapters alike.

    openai      at least 10 examples, 65,536 tokens each, 512 MB, supervised and DPO
    azure       likewise, and the file begins with a byte order mark

An adapter gives these as its own (`FineTuning.rules`); one that cannot send so large a file gives less.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from harness.errors import SuiteError, suggest
from harness.finetuning import FileRules, Method

_BOTH: tuple[Method, ...] = ("supervised", "dpo")
_MB = 1_000_000
_READ = "2026-11-21"

PROVIDERS: Mapping[str, FileRules] = {
    "openai": FileRules(
        provider="openai",
        methods=_BOTH,
        minimum=10,
        example_tokens=65_536,  # of the gpt-4o and gpt-4.1 families
        file_bytes=512 * _MB,
        as_of=_READ,
    ),
    "azure": FileRules(
        provider="azure",
        methods=_BOTH,
        minimum=10,
        example_tokens=65_536,
        file_bytes=512 * _MB,
        byte_order_mark=True,
        as_of=_READ,
    ),
    "together": FileRules(provider="together", methods=_BOTH, file_bytes=100_000 * _MB, epochs=1, as_of=_READ),
    "fireworks": FileRules(provider="fireworks", methods=_BOTH, minimum=3, as_of=_READ),
    "mistral": FileRules(provider="mistral", file_bytes=512 * _MB, as_of=_READ),
}

ALTERNATING = frozenset({"together", "mistral"})
"""Providers that refuse two turns of one speaker in a row."""

# What a model's examples may have where it is not what the provider's others take.
_OF_MODELS = (("gpt-3.5-turbo", 16_385), ("gpt-35-turbo", 16_385), ("gpt-4-0613", 8_192))
_AUTOMATIC = ("openai", "azure")
# From OpenAI's published notebook on preparing chat data: three passes, more over few examples, fewer over many.
_TARGET, _FEW, _MANY, _MOST = 3, 100, 25_000, 25


class Epochs(NamedTuple):
    """Passes over a file.

    Attributes:
        passes: How many; None where nobody says.
        by: Who says so, for a person.
    """

    passes: int | None
    by: str


def rules_of(provider: str, model: str = "", example_tokens: int | None = None) -> FileRules:
    """What a provider asks.

    Args:
        provider: Its name.
        model: The base model's name, which may take shorter examples than others.
        example_tokens: The longest example, where the user knows better.

    Raises:
        SuiteError: It is not known; says which are.
    """
    if provider not in PROVIDERS:
        raise SuiteError(
            f"no provider {provider!r} whose training files are known; {suggest(provider, PROVIDERS)}"
        )
    rules = PROVIDERS[provider]
    name = model.rpartition("/")[2].removeprefix("ft:")
    own = next((tokens for begin, tokens in _OF_MODELS if name.startswith(begin)), None)
    tokens = example_tokens or (own if provider in _AUTOMATIC else None)
    return rules if tokens is None else rules.model_copy(update={"example_tokens": tokens})


def epochs_of(rules: FileRules, examples: int, given: int | None = None) -> Epochs:
    """How often a provider goes through a file of so many examples.

    OpenAI and Azure choose by themselves where they are not told; then this is what OpenAI published of it, which
    binds nobody: give `epochs` in the order where the bill must be known beforehand.
    """
    if given is not None:
        return Epochs(given, "as asked")
    if rules.epochs is not None:
        return Epochs(rules.epochs, f"the default of {rules.provider}")
    if rules.provider not in _AUTOMATIC:
        return Epochs(None, f"{rules.provider} does not say how many it makes; give them")
    count = _TARGET
    if examples * _TARGET < _FEW:
        count = min(_MOST, _FEW // max(1, examples))
    elif examples * _TARGET > _MANY:
        count = max(1, _MANY // examples)
    return Epochs(count, f"what OpenAI published of its choice; {rules.provider} decides")
