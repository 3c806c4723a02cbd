"""Training histories, read from the steps that a strategy kept.

rows      {"validation_rows": 100, …}
epoch-1   {"epoch": 1, "train_loss": 0.41, "validation_loss": 0.33, "validation_metric": 0.885, …}
epoch-2   {"epoch": 2, "train_loss": 0.19, "validation_loss": 0.30, "validation_metric": 0.895, …}
best      {"epoch": 2, …}

Any strategy whose steps have these names and fields is served, for core knows no plugin. What a field lacks, or
holds in another type, is unknown. A loss that is nan or infinite is kept: so does a diverged training look.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from harness.comparing.evidence import TaskEvidence, Trial
from harness.diagnosing.records import Epoch

_EPOCH = re.compile(r"epoch-([1-9][0-9]*)")
_FIELDS = ("train_loss", "validation_loss", "validation_metric", "train_accuracy", "gradient_norm")


@dataclass(frozen=True)
class History:
    """What one trial's training recorded.

    Attributes:
        epochs: In order, with losses as they were told: nan or infinite where they were.
        kept: The epoch that answers; None where that is not known.
        train_rows: Rows trained on.
        validation_rows: Rows that epochs were measured on.
        majority: The task's metric on validation for always giving the commonest label; None where there is none.
        majority_share: The share of that label among the training rows.
        params: The strategy's parameters.
    """

    epochs: tuple[Epoch, ...]
    kept: int | None
    train_rows: int
    validation_rows: int
    majority: float | None
    majority_share: float | None
    params: Mapping[str, JsonValue]

    @property
    def shown(self) -> tuple[Epoch, ...]:
        """The epochs for reports, which hold finite numbers alone: what is not finite is unknown there."""
        return tuple(
            epoch.model_copy(update={name: _finite(getattr(epoch, name)) for name in _FIELDS})
            for epoch in self.epochs
        )

    @property
    def first(self) -> Epoch:
        return self.epochs[0]

    @property
    def last(self) -> Epoch:
        return self.epochs[-1]

    @property
    def best(self) -> Epoch | None:
        """The epoch with the highest validation metric, the first of several."""
        known = [epoch for epoch in self.epochs if _finite(epoch.validation_metric) is not None]
        return max(known, key=lambda epoch: epoch.validation_metric or 0.0, default=None)

    @property
    def lowest(self) -> Epoch | None:
        """The epoch with the lowest validation loss, the first of several."""
        known = [epoch for epoch in self.epochs if _finite(epoch.validation_loss) is not None]
        return min(known, key=lambda epoch: epoch.validation_loss or 0.0, default=None)


def history(evidence: TaskEvidence, trial: Trial) -> History | None:
    """A trial's training; None where it has none."""
    steps = {step.name: step.result for step in trial.steps if isinstance(step.result, dict)}
    numbered = {int(found[1]): result for name, result in steps.items() if (found := _EPOCH.fullmatch(name))}
    if not numbered:
        return None
    epochs = tuple(
        Epoch(epoch=number, **{field: _number(numbered[number].get(field)) for field in _FIELDS})
        for number in sorted(numbered)
    )
    rows, kept = steps.get("rows", {}), _whole(steps.get("best", {}).get("epoch"))
    held_out = _whole(rows.get("validation_rows"))
    majority, share = _majority(evidence)
    return History(
        epochs=epochs,
        kept=kept,
        train_rows=_whole(rows.get("rows")) or len(evidence.train),
        validation_rows=len(evidence.validation) if held_out is None else held_out,
        majority=majority,
        majority_share=share,
        params=trial.header.params,
    )


def _majority(evidence: TaskEvidence) -> tuple[float | None, float | None]:
    from collections import Counter

    if evidence.brief.kind != "label" or not evidence.train:
        return None, None
    (label, n), *_ = Counter(example.targets[0] for example in evidence.train).most_common()
    figures = evidence.scorer.whole([(example.targets, (label,)) for example in evidence.validation])
    return figures.get(evidence.metric), n / len(evidence.train)


def _number(value: JsonValue) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _whole(value: JsonValue) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
