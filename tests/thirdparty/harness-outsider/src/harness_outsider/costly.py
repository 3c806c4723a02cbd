"""Accuracy where a missed `negative` counts double."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Pair = tuple[tuple[str, ...], tuple[str, ...]]


class Costly:
    """Weighs rows by their target."""

    kinds = frozenset({"label"})
    figures = ("weighted_accuracy",)

    def one(self, figure: str, targets: tuple[str, ...], answers: tuple[str, ...]) -> float:
        return float(targets == answers)

    def whole(self, pairs: Sequence[Pair]) -> Mapping[str, float]:
        weights = [2.0 if targets == ("negative",) else 1.0 for targets, _ in pairs]
        right = sum(w for w, (targets, answers) in zip(weights, pairs, strict=True) if targets == answers)
        return {"weighted_accuracy": right / sum(weights)}
