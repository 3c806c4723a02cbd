"""What training histories say, and which parameter to turn.

epoch   train loss   validation loss   validation accuracy (n = 100)
1            0.686             0.556   0.870
2            0.423             0.287   0.880
3            0.236             0.398   0.870
4            0.142             0.387   0.900
        -> overfitting: validation loss rises from 0.287 (epoch 2) to 0.387 (epoch 4) while train loss falls

A difference within the noise of the validation rows is no finding.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from harness.comparing.evidence import TaskEvidence, Trial
from harness.diagnosing.histories import History, history
from harness.diagnosing.levels import diverged, underfitting
from harness.diagnosing.noise import metric_noise, number, of_metric, rises
from harness.diagnosing.records import Advice, Training
from harness.diagnosing.turning import turn


def trainings(evidence: TaskEvidence) -> tuple[Training, ...]:
    """The training histories of all trials that have one, with what they show."""
    found = []
    for contender in evidence.contenders:
        for trial in contender.trials:
            known = history(evidence, trial)
            advice = _of_failure(trial) or (_advice(known, evidence.metric) if known else ())
            if not advice:
                continue
            found.append(
                Training(
                    strategy=contender.name,
                    seed=trial.header.key.seed,
                    repeat=trial.header.key.repeat,
                    epochs=known.shown if known else (),
                    kept=known.kept if known else None,
                    validation_rows=known.validation_rows if known else 0,
                    advice=advice,
                )
            )
    return tuple(found)


def _of_failure(trial: Trial) -> tuple[Advice, ...]:
    """A training that broke off because it diverged has no step to show for it, only its problem."""
    problem = trial.header.problem
    if problem is None or "diverged" not in problem.message:
        return ()
    evidence = problem.message.splitlines()[0]
    return (
        Advice(
            finding="diverged", evidence=evidence, parameter=turn(trial.header.params, "learning_rate", "down")
        ),
    )


def _advice(known: History, metric: str) -> tuple[Advice, ...]:
    if broken := diverged(known):
        return (broken,)
    found: list[Advice] = []
    if len(known.epochs) == 1:
        found.append(_one_epoch(known))
    else:
        rules: tuple[Callable[[History, str], Advice | None], ...] = (_worse, _surer, _idle)
        found.extend(filter(None, [next(filter(None, (rule(known, metric) for rule in rules)), None)]))
    if not any(advice.finding == "overfitting" for advice in found):
        found.extend(underfitting(known, metric))
    return tuple(found) or (_fine(known, metric),)


def _one_epoch(known: History) -> Advice:
    return Advice(
        finding="cannot be said",
        evidence="one epoch: whether more would help or harm needs at least two",
        parameter=turn(known.params, "epochs", "up", more=", to see how the losses go on"),
    )


def _worse(known: History, metric: str) -> Advice | None:
    """The validation metric has fallen since its best epoch by more than its noise."""
    best, last = known.best, known.last
    if best is None or best.validation_metric is None or last.validation_metric is None:
        return None
    if best.validation_metric - last.validation_metric <= metric_noise(
        best.validation_metric, known.validation_rows
    ):
        return None
    told = (
        f"validation {metric} falls from {number(best.validation_metric)} (epoch {best.epoch}) to "
        f"{number(last.validation_metric)} (epoch {last.epoch}), {of_metric(best.validation_metric, known)}"
    )
    return Advice(
        finding="overfitting",
        evidence=told + _train_falls(known, best.epoch),
        parameter=_less(known, best.epoch, "metric"),
    )


def _surer(known: History, metric: str) -> Advice | None:
    """The validation loss has risen since its lowest while the train loss went on falling."""
    lowest, last = known.lowest, known.last
    if lowest is None or not rises(lowest.validation_loss, last.validation_loss, known.validation_rows):
        return None
    falls = _train_falls(known, lowest.epoch)
    if not falls:
        return None
    told = (
        f"validation loss rises from {number(lowest.validation_loss)} (epoch {lowest.epoch}) to "
        f"{number(last.validation_loss)} (epoch {last.epoch}, n = {known.validation_rows}){falls}"
    )
    if last.validation_metric is not None:
        told += (
            f"; validation {metric} does not fall beyond noise ({number(lowest.validation_metric)} to "
            f"{number(last.validation_metric)}, {of_metric(last.validation_metric, known)}): "
            "it grows surer of its errors, not more often wrong"
        )
    return Advice(finding="overfitting", evidence=told, parameter=_less(known, lowest.epoch, "loss"))


def _idle(known: History, metric: str) -> Advice | None:
    """Two epochs or more without anything better on validation."""
    best = known.best if known.lowest is None else known.lowest
    if best is None or best.epoch > known.last.epoch - 2:
        return None
    if known.best is not None and known.best.epoch > known.last.epoch - 2:
        return None
    told = (
        f"nothing better on validation after epoch {best.epoch} of {known.last.epoch} "
        f"(loss {number(best.validation_loss)} to {number(known.last.validation_loss)}, {metric} "
        f"{number(best.validation_metric)} to {number(known.last.validation_metric)}, n = {known.validation_rows})"
    )
    return Advice(
        finding="stopped improving", evidence=told, parameter=turn(known.params, "epochs", "down", to=best.epoch)
    )


def _fine(known: History, metric: str) -> Advice:
    if known.validation_rows == 0:
        return Advice(
            finding="cannot be said",
            evidence="no validation rows: only the train loss is known, "
            f"{number(known.first.train_loss)} to {number(known.last.train_loss)}",
            parameter="",
        )
    told = (
        f"train loss {number(known.first.train_loss)} to {number(known.last.train_loss)}, validation loss "
        f"{number(known.first.validation_loss)} to {number(known.last.validation_loss)}, validation {metric} "
        f"{number(known.first.validation_metric)} to {number(known.last.validation_metric)} "
        f"(n = {known.validation_rows}): nothing stands out"
    )
    return Advice(finding="fine", evidence=told, parameter="")


def _train_falls(known: History, since: int) -> str:
    """Words for how the train loss fell since an epoch; nothing where it did not."""
    before = next(epoch.train_loss for epoch in known.epochs if epoch.epoch == since)
    after = known.last.train_loss
    if before is None or after is None or not math.isfinite(before) or after >= before:
        return ""
    return f" while train loss falls from {number(before)} to {number(after)}"


def _less(known: History, epoch: int, by: str) -> str:
    early = f" (early stopping{f', with select: {by}' if 'select' in known.params else ''})"
    turns = [
        turn(known.params, "epochs", "down", to=epoch),
        turn(known.params, "patience", "to", to=1, more=early) if "patience" in known.params else "",
        *(turn(known.params, name, "up") for name in ("dropout", "weight_decay") if name in known.params),
        *(turn(known.params, name, "down") for name in ("learning_rate", "rank") if name in known.params),
    ]
    return "; or ".join(filter(None, turns))
