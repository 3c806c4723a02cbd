"""How a baseline keeps rows and answers: without a text, an id or a target, and small.

hash_of(example)                        "5b0f1c9a7d21"
pack(["1", "0", FAILED, "1"])           "10x1"
pack([".6667", "1", "0"])               ".6667 1 0"
label_token(("late", "rude"), places)   "0+3"
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from harness.records import Example

if TYPE_CHECKING:
    from harness.comparing.evidence import TaskEvidence

FAILED = "x"
NOTHING = "-"  # an answer without a label
_DIGITS = 12  # two of 10,000 rows share them once in five million times


def hash_of(example: Example) -> str:
    """Names a row by id, text and targets together: a row that was changed or relabelled is another row."""
    query = example.query
    history = [(message.role, message.content) for message in query.history]
    content = json.dumps((query.id, query.text, history, example.targets))
    return hashlib.sha256(content.encode()).hexdigest()[:_DIGITS]


def row_hash(evidence: TaskEvidence, example: Example) -> str:
    """The same, also of a row whose text was forgotten."""
    return evidence.hashes.get(example.query.id) or hash_of(example)


def pack(tokens: Sequence[str]) -> str:
    """One string of a token for each row: with nothing between them where each is one character."""
    return ("" if all(len(token) == 1 for token in tokens) else " ").join(tokens)


def unpack(packed: str, rows: int) -> list[str]:
    """The tokens of so many rows.

    Raises:
        ValueError: It has another number of them.
    """
    tokens = list(packed) if len(packed) == rows else packed.split(" ")
    if len(tokens) != rows:
        raise ValueError(f"{len(tokens)} answers for {rows} rows")
    return tokens


def label_token(answers: Sequence[str] | None, places: Mapping[str, int]) -> str:
    """An answer by its labels' places; None is a failure."""
    if answers is None:
        return FAILED
    return "+".join(str(places[label]) for label in answers) or NOTHING


def labels_of(token: str, labels: Sequence[str]) -> tuple[str, ...] | None:
    """The answer of a token; None for a failure.

    Raises:
        ValueError: The token is no answer, or names a label that there is not.
    """
    if token == FAILED:
        return None
    if token == NOTHING:
        return ()
    try:
        return tuple(labels[int(place)] for place in token.split("+"))
    except (ValueError, IndexError):
        raise ValueError(f"{token!r} is no answer of {len(labels)} labels") from None


def score_token(score: float | None) -> str:
    """A row's score with four decimals; None is a failure.

    >>> [score_token(s) for s in (1.0, 0.0, 2 / 3, None)]
    ['1', '0', '.6667', 'x']
    """
    if score is None:
        return FAILED
    return f"{score:.4f}".rstrip("0").rstrip(".").removeprefix("0") or "0"


def score_of(token: str) -> float | None:
    """The score of a token; None for a failure.

    Raises:
        ValueError: The token is no score.
    """
    return None if token == FAILED else float(token)
