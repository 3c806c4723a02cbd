"""Which epoch is the best so far, and whether to stop. Pure.

validation metric   0.80  0.88  0.87  0.88          patience 2: stops after the fourth
validation loss     0.50  0.35  0.33  0.36          best by metric: the second (a tie with the fourth,
                                                    which has the larger loss)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from harness_lora.records import Epoch

By = Literal["metric", "loss", "last"]


def best(epochs: Sequence[Epoch], by: By) -> Epoch:
    """The best of at least one epoch: by metric with ties to the lower loss, by loss, or simply the last.

    Of epochs that are equal in both the earlier wins: it was trained less.
    """
    if by == "last":
        return epochs[-1]
    return max(epochs, key=lambda epoch: _worth(epoch, by))


def should_stop(epochs: Sequence[Epoch], by: By, patience: int | None) -> bool:
    """Whether the last `patience` epochs brought nothing better than what was there before them."""
    if patience is None or by == "last" or not epochs:
        return False
    return epochs[-1].epoch - best(epochs, by).epoch >= patience


def _worth(epoch: Epoch, by: By) -> tuple[float, float]:
    loss = -math.inf if epoch.validation_loss is None else -epoch.validation_loss
    metric = -math.inf if epoch.validation_metric is None else epoch.validation_metric
    return (metric, loss) if by == "metric" else (loss, metric)
