"""Training that went wrong as a whole: it diverged, or it learnt too little.

train loss 0.7, 1.9, nan                          -> diverged: learning_rate down
train accuracy 0.52, commonest label 0.50         -> underfitting: learning_rate up
train loss 0.69, 0.61, 0.50 and validation too    -> underfitting: epochs up
"""

from __future__ import annotations

import math

from harness.diagnosing.histories import History
from harness.diagnosing.noise import loss_noise, metric_noise, number, of_metric
from harness.diagnosing.records import Advice
from harness.diagnosing.turning import turn

FAR = 1.5  # times the first epoch's train loss
FALLING = 0.9  # times the epoch before: the train loss still falls


def diverged(known: History) -> Advice | None:
    """A loss or gradient that is no number, or a train loss far above its first."""
    for epoch in known.epochs:
        named = {
            "train loss": epoch.train_loss,
            "validation loss": epoch.validation_loss,
            "gradient norm": epoch.gradient_norm,
        }
        for name, value in named.items():
            if value is not None and not math.isfinite(value):
                return _diverged(known, f"{name} is {value} in epoch {epoch.epoch}")
    first, last = known.first.train_loss, known.last.train_loss
    if first is not None and last is not None and len(known.epochs) > 1 and last > FAR * first:
        told = f"train loss rises from {number(first)} (epoch 1) to {number(last)} (epoch {known.last.epoch})"
        if known.last.gradient_norm is not None:
            told += f"; largest gradient norm {number(known.last.gradient_norm)}"
        return _diverged(known, told)
    return None


def underfitting(known: History, metric: str) -> tuple[Advice, ...]:
    """Too little was learnt: by its level, or because it was still getting better when it ended."""
    found = []
    if level := _at_majority(known, metric):
        found.append(
            Advice(
                finding="underfitting",
                evidence=level,
                parameter="; or ".join(
                    turn(known.params, name, "up")
                    for name in ("learning_rate", "epochs", "rank")
                    if name in known.params or name == "learning_rate"
                ),
            )
        )
    elif falling := _still_falling(known, metric):
        found.append(
            Advice(finding="underfitting", evidence=falling, parameter=turn(known.params, "epochs", "up"))
        )
    return tuple(found)


def _diverged(known: History, told: str) -> Advice:
    turns = [turn(known.params, "learning_rate", "down")]
    turns += [turn(known.params, name, "up") for name in ("warmup_ratio",) if name in known.params]
    turns += [turn(known.params, name, "down") for name in ("max_grad_norm",) if name in known.params]
    return Advice(finding="diverged", evidence=told, parameter="; or ".join(turns))


def _at_majority(known: History, metric: str) -> str:
    told = []
    share, right = known.majority_share, known.last.train_accuracy
    if share is not None and right is not None and right <= share + metric_noise(share, known.train_rows):
        told.append(
            f"train accuracy {number(right)} in the last epoch where the commonest label alone has "
            f"{number(share)} (n = {known.train_rows})"
        )
    best, plain = known.best, known.majority
    if best is not None and best.validation_metric is not None and plain is not None:
        value = best.validation_metric
        if value <= plain + metric_noise(plain, known.validation_rows):
            told.append(
                f"validation {metric} at its best {number(value)} where always giving the commonest label has "
                f"{number(plain)} ({of_metric(plain, known)})"
            )
    return "; ".join(told)


def _still_falling(known: History, metric: str) -> str:
    """The last epoch was better than the one before on train, and on validation beyond noise."""
    if len(known.epochs) < 2:
        return ""
    before, last = known.epochs[-2], known.last
    if before.train_loss is None or last.train_loss is None or last.train_loss > FALLING * before.train_loss:
        return ""
    told = f"train loss still falls in the last epoch, {number(before.train_loss)} to {number(last.train_loss)}"
    if before.validation_loss is not None and last.validation_loss is not None:
        fell = before.validation_loss - last.validation_loss
        if fell > loss_noise(before.validation_loss, known.validation_rows):
            return (
                f"{told}, and so does validation loss, {number(before.validation_loss)} to "
                f"{number(last.validation_loss)} (n = {known.validation_rows})"
            )
        return ""
    if before.validation_metric is not None and last.validation_metric is not None:
        rose = last.validation_metric - before.validation_metric
        if rose > metric_noise(before.validation_metric, known.validation_rows):
            return (
                f"{told}, and validation {metric} rises, {number(before.validation_metric)} to "
                f"{number(last.validation_metric)} ({of_metric(before.validation_metric, known)})"
            )
    return ""
