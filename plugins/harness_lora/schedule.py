"""The learning rate over a run: a warm-up, then constant, linear or cosine decay to zero. Pure.

    step   0    1    2    3    4    5    6    7    8    9
    rate  .33  .67  1.0  .88  .75  .63  .50  .38  .25  .13     linear, 10 steps, warm-up over 20 % of them

No step is idle: the first is above zero, and zero would come after the last.
"""

from __future__ import annotations

import math
from typing import Literal

Schedule = Literal["linear", "cosine", "constant"]


def factor(step: int, steps: int, warmup_ratio: float, schedule: Schedule) -> float:
    """What the learning rate is multiplied with at a step, counted from 0.

    >>> [round(factor(step, 5, 0.4, "linear"), 2) for step in range(5)]
    [0.33, 0.67, 1.0, 0.67, 0.33]
    """
    warmup = math.ceil(steps * warmup_ratio)
    if step < warmup:
        return (step + 1) / (warmup + 1)
    done = (step - warmup) / max(1, steps - warmup)
    if schedule == "linear":
        return 1.0 - done
    return 0.5 * (1.0 + math.cos(math.pi * done)) if schedule == "cosine" else 1.0
