"""A job's curve, made small enough to keep, and by epoch, as reports of training histories read it."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from harness.finetuning import CurvePoint
from harness_hosted.records import Epoch

_KEPT = 200


def thinned(points: Sequence[CurvePoint], most: int = _KEPT) -> tuple[CurvePoint, ...]:
    """At most so many points, evenly, with the first, the last, and all that have a validation loss if these fit.

    >>> [point.step for point in thinned([CurvePoint(step=i) for i in range(9)], 3)]
    [0, 4, 8]
    """
    if len(points) <= most:
        return tuple(points)
    held_out = [i for i, point in enumerate(points) if point.valid_loss is not None]
    kept = set(held_out) if len(held_out) <= most // 2 else set()
    room = most - len(kept)
    kept |= {round(i * (len(points) - 1) / (room - 1)) for i in range(room)}
    return tuple(points[i] for i in sorted(kept))


def by_epoch(points: Sequence[CurvePoint], epochs: int | None) -> list[Epoch]:
    """The mean of what was seen in training over each epoch, and the last that was seen of validation in it.

    Args:
        points: All of the curve.
        epochs: How many there were; where that is not known there is nothing to divide by.
    """
    if not points or not epochs:
        return []
    last = max(point.step for point in points) or 1
    found = []
    for number in range(1, epochs + 1):
        own = [point for point in points if (number - 1) * last < point.step * epochs <= number * last]
        held_out = [point.valid_loss for point in own if point.valid_loss is not None]
        found.append(
            Epoch(
                epoch=number,
                train_loss=_mean([point.train_loss for point in own]),
                validation_loss=held_out[-1] if held_out else None,
                train_accuracy=_mean([point.train_accuracy for point in own]),
            )
        )
    return found


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
