"""What a list shows, filters and sorts by, of one answer.

{"query_id": "7", "result": {"answers": ["negative"], …}, "score": 0.0, …} -> wrong, 0.0, 0.92, …, "negative"
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from harness.viewing.contents import STATE, digest

SAID = 160  # characters of an answer that a list can show


class Facts(NamedTuple):
    """In the order of the index's columns.

    Attributes:
        state: As STATE numbers it; None without a score.
        score: 0 to 1.
        confidence: Probability of the answer; of several labels, of the likeliest.
        seconds: Latency, where it was asked alone.
        said: A number that stands for the answer.
        answer: Its beginning; of a failure, its kind.
    """

    state: int | None
    score: float | None
    confidence: float | None
    seconds: float | None
    said: int
    answer: str


def facts(said: Mapping[str, Any]) -> Facts:
    """Of a line of outcomes.jsonl.

    Raises:
        KeyError: It is no such line; TypeError and AttributeError likewise.
    """
    result, score, seconds = said["result"], said.get("score"), said.get("seconds")
    if "kind" in result:
        return Facts(
            STATE["failed"], None, None, seconds, digest(("failed", result["kind"])), result["kind"][:SAID]
        )
    answers = result["answers"]
    probabilities = result.get("probabilities") or {}
    confidence = max(probabilities.values(), default=None)
    if len(answers) == 1:
        confidence = probabilities.get(answers[0], confidence)
    state = None if score is None else STATE["right" if score >= 1 else "wrong" if score <= 0 else "partly"]
    return Facts(state, score, confidence, seconds, digest(answers), " | ".join(answers)[:SAID])
