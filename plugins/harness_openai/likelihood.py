"""How probable each choice was, from the alternatives that an endpoint gives for each token.

    choices   positive, negative, neutral
    answer    {"answer":"positive"}
                          ^ the token where the choices part: pos 0.90, neg 0.08, neutral 0.01

The first token of the answer decides where each alternative begins one choice alone. Where two choices begin
with the same token, or the alternatives hardly speak of the choices, nothing can be told.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

_ENOUGH = 0.5  # of the probability must be on the choices, or the model was not choosing among them
_BLUR = 0.01  # on alternatives that begin several choices


def choice_probabilities(tokens: object, begins: int, choices: Sequence[str]) -> Mapping[str, float] | None:
    """The probability of each choice.

    Args:
        tokens: The reply's `logprobs.content`: for each token its text and its likeliest alternatives.
        begins: Where the answer begins in the reply's text, in characters.
        choices: The answers allowed.

    Returns:
        By choice, summing to 1; None where it cannot be told.
    """
    at = 0
    for token in tokens if isinstance(tokens, list) else ():
        text = token.get("token") if isinstance(token, dict) else None
        if not isinstance(text, str):
            return None
        # Leading space of an answer in plain text is no part of it.
        if at + len(text) > begins and text[max(0, begins - at) :].strip():
            return _shared_out(token.get("top_logprobs"), text[: max(0, begins - at)], choices)
        at += len(text)
    return None


def _shared_out(alternatives: object, before: str, choices: Sequence[str]) -> Mapping[str, float] | None:
    held = dict.fromkeys(choices, 0.0)
    blurred = 0.0
    for alternative in alternatives if isinstance(alternatives, list) else ():
        text, logprob = _read(alternative)
        if text is None or not text.startswith(before):
            continue
        start = text[len(before) :].partition('"')[0].strip().casefold()
        meant = [choice for choice in choices if start and choice.casefold().startswith(start)]
        if len(meant) == 1:
            held[meant[0]] += math.exp(logprob)
        elif meant:
            blurred += math.exp(logprob)
    total = math.fsum(held.values())
    if total < _ENOUGH or blurred > _BLUR:
        return None
    return {choice: p / total for choice, p in held.items()}


def _read(alternative: object) -> tuple[str | None, float]:
    if not isinstance(alternative, dict):
        return None, 0.0
    text, logprob = alternative.get("token"), alternative.get("logprob")
    if not isinstance(text, str) or not isinstance(logprob, int | float) or not logprob <= 0:
        return None, 0.0
    return text, float(logprob)
