"""How much a figure on few validation rows says: what is within its noise is no finding.

metric_noise(0.90, 100)   0.060    twice the binomial standard error
loss_noise(0.287, 100)    0.057    twice the error of a mean whose rows vary as much as the mean itself

A metric that is no share of right rows is taken for one, for lack of its rows' scores; a history keeps no losses
of single rows either, hence the rule for the loss, which is never under a tenth of it.
"""

from __future__ import annotations

import math

from harness.diagnosing.histories import History


def metric_noise(value: float, rows: int) -> float:
    """What a metric may differ by and say nothing; infinite for no rows. Never that of a spread of 0."""
    if rows == 0:
        return math.inf
    share = min(max(value, 1 / (rows + 2)), 1 - 1 / (rows + 2))
    return 2 * math.sqrt(share * (1 - share) / rows)


def loss_noise(loss: float, rows: int) -> float:
    return math.inf if rows == 0 else max(2 * abs(loss) / math.sqrt(rows), 0.1 * abs(loss))


def rises(before: float | None, after: float | None, rows: int) -> bool:
    """Whether a validation loss rose beyond noise."""
    if before is None or after is None:
        return False
    return after - before > loss_noise(before, rows)


def number(value: float | None) -> str:
    if value is None:
        return "unknown"
    return f"{value:.3f}" if abs(value) < 1000 else f"{value:.3g}"


def of_metric(value: float, known: History) -> str:
    """The rows behind a metric, and its standard error."""
    error = metric_noise(value, known.validation_rows) / 2
    return f"n = {known.validation_rows}, standard error {error:.3f}"
