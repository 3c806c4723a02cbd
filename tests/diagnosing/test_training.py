"""What training histories say."""

from __future__ import annotations

import dataclasses
import io
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from harness import comparison
from harness.comparing.evidence import TaskEvidence
from harness.comparison import Compared
from harness.deciding.limits import known_figures
from harness.diagnosing.records import Advice, Training
from harness.diagnosing.training import trainings
from harness.records import Problem, RunHeader, Step
from harness.report import files, terminal

AT = datetime(2026, 1, 1, tzinfo=UTC)
PARAMS = {
    "epochs": 4,
    "patience": None,
    "learning_rate": 0.0005,
    "dropout": 0.0,
    "weight_decay": 0.0,
    "rank": 8,
    "select": "auto",
}
Fields = Mapping[str, Any]


def steps(epochs: Sequence[Fields], rows: int = 100, kept: int = 1) -> list[Step]:
    named = [(f"epoch-{i}", {"epoch": i, **fields}) for i, fields in enumerate(epochs, 1)]
    named += [("rows", {"rows": 400, "validation_rows": rows}), ("best", {"epoch": kept})]
    return [Step(name=name, result=dict(result), seconds=1.0, at=AT) for name, result in named]


def epoch(train: float, loss: float | None, metric: float | None = None, right: float = 0.95) -> Fields:
    return {"train_loss": train, "validation_loss": loss, "validation_metric": metric, "train_accuracy": right}


@pytest.fixture
def found(make_evidence: Callable[..., Any]) -> Callable[..., Training]:
    def training(epochs: Sequence[Fields], rows: int = 100, problem: str | None = None) -> Training:
        make = make_evidence(["a", "b"], train=["a", "b"] * 200, validation=["a", "b"] * 50)
        make.trial("tuned", ["a", "b"], steps=steps(epochs, rows) if epochs else ())
        evidence: TaskEvidence = make.build()
        (contender,) = evidence.contenders
        (trial,) = contender.trials
        failure = None if problem is None else Problem(kind="HarnessError", message=problem)
        header = trial.header.model_copy(update={"params": PARAMS, "problem": failure})
        trial = dataclasses.replace(trial, header=header)
        contender = dataclasses.replace(contender, trials=(trial,))
        (one,) = trainings(dataclasses.replace(evidence, contenders=(contender,)))
        return one

    return training


def only(training: Training) -> Advice:
    (advice,) = training.advice
    return advice


def test_a_validation_loss_that_rises_while_the_train_loss_falls_is_overfitting(
    found: Callable[..., Training],
) -> None:
    epochs = [epoch(0.69, 0.56, 0.87), epoch(0.42, 0.287, 0.88), epoch(0.24, 0.40, 0.87), epoch(0.14, 0.39, 0.90)]
    advice = only(found(epochs))
    assert "overfitting" == advice.finding
    assert "validation loss rises from 0.287 (epoch 2) to 0.390 (epoch 4, n = 100)" in advice.evidence
    assert "surer of its errors, not more often wrong" in advice.evidence
    assert advice.parameter.startswith(
        "epochs down to 2 (now 4); or patience 1 (now none) (early stopping, with select: loss)"
    )
    assert "dropout up (now 0.0)" in advice.parameter


def test_a_metric_that_falls_beyond_its_noise_is_overfitting(found: Callable[..., Training]) -> None:
    advice = only(found([epoch(0.5, 0.4, 0.90), epoch(0.1, 0.4, 0.75)]))
    assert "overfitting" == advice.finding
    assert "falls from 0.900 (epoch 1) to 0.750 (epoch 2), n = 100, standard error 0.030" in advice.evidence


def test_a_metric_that_falls_within_its_noise_is_no_finding(found: Callable[..., Training]) -> None:
    assert "fine" == only(found([epoch(0.5, 0.4, 0.90), epoch(0.1, 0.4, 0.85)])).finding


def test_a_validation_loss_that_rises_with_the_train_loss_is_not_overfitting(
    found: Callable[..., Training],
) -> None:
    assert "fine" == only(found([epoch(0.30, 0.30, 0.9), epoch(0.31, 0.40, 0.9)])).finding


def test_the_same_fall_is_a_finding_on_more_rows(found: Callable[..., Training]) -> None:
    assert "overfitting" == only(found([epoch(0.5, 0.4, 0.90), epoch(0.1, 0.4, 0.85)], rows=1000)).finding


def test_losses_that_both_still_fall_ask_for_more_epochs(found: Callable[..., Training]) -> None:
    advice = only(found([epoch(0.69, 0.60, 0.7), epoch(0.50, 0.40, 0.75)]))
    assert "underfitting" == advice.finding
    assert (
        "train loss still falls in the last epoch, 0.690 to 0.500, and so does validation loss" in advice.evidence
    )
    assert "epochs up (now 4)" == advice.parameter


def test_training_that_stays_at_the_commonest_label_is_underfitting(found: Callable[..., Training]) -> None:
    advice = only(found([epoch(0.70, 0.70, 0.5, right=0.5), epoch(0.69, 0.69, 0.52, right=0.51)]))
    assert "underfitting" == advice.finding
    assert "train accuracy 0.510 in the last epoch where the commonest label alone has 0.500" in advice.evidence
    assert "validation accuracy at its best 0.520" in advice.evidence
    assert advice.parameter.startswith("learning_rate up (now 0.0005)")


def test_one_epoch_cannot_tell(found: Callable[..., Training]) -> None:
    advice = only(found([epoch(0.31, 0.12, 0.92, right=0.75)]))
    assert "cannot be said" == advice.finding


def test_no_validation_rows_cannot_tell(found: Callable[..., Training]) -> None:
    advice = only(found([epoch(0.5, None), epoch(0.1, None)], rows=0))
    assert ("cannot be said", "no validation rows") == (advice.finding, advice.evidence[:18])


@pytest.mark.parametrize(
    "epochs",
    [[epoch(0.7, 0.7), epoch(math.nan, 0.7)], [epoch(0.7, 0.7), epoch(2.9, 0.7)]],
    ids=["nan", "far above"],
)
def test_a_loss_that_explodes_has_diverged(found: Callable[..., Training], epochs: Sequence[Fields]) -> None:
    advice = only(found(epochs))
    assert ("diverged", "learning_rate down (now 0.0005)") == (advice.finding, advice.parameter)


def test_a_trial_that_broke_off_has_diverged_though_it_has_no_epoch(found: Callable[..., Training]) -> None:
    training = found([], problem="training diverged in epoch 1: the loss is no longer a number")
    assert ((), "diverged") == (training.epochs, only(training).finding)


def test_epochs_that_brought_nothing_are_named(found: Callable[..., Training]) -> None:
    advice = only(found([epoch(0.30, 0.30, 0.9), epoch(0.29, 0.31, 0.9), epoch(0.29, 0.31, 0.9)]))
    assert ("stopped improving", "epochs down to 1 (now 4)") == (advice.finding, advice.parameter)


def test_strategies_that_keep_no_epochs_have_no_training(make_evidence: Callable[..., Any]) -> None:
    assert () == trainings(make_evidence(["a", "b"]).trial("plain", ["a", "b"]).build())


def test_fields_of_another_type_are_unknown(found: Callable[..., Training]) -> None:
    training = found([{"train_loss": "0.3", "validation_metric": True}, {"train_loss": 0.1}])
    assert (None, None) == (training.epochs[0].train_loss, training.epochs[0].validation_metric)


def test_a_loss_that_is_no_number_is_diagnosed_and_rendered_in_every_format(
    make_evidence: Callable[..., Any],
) -> None:
    told = [epoch(0.7, 0.6, 0.5), epoch(math.nan, math.inf, math.nan, math.nan), epoch(-math.inf, math.nan)]
    made = make_evidence(["a", "b"] * 10, train=["a", "b"] * 10, validation=["a", "b"] * 10)
    made.trial("lora", ["a", "b"] * 10, steps=steps(told))
    evidence = made.build()
    header = RunHeader(
        id="run",
        name="made",
        suite_path="/made.yaml",
        suite_folder="/",
        started=AT,
        finished=AT,
        versions={},
        hardware=evidence.contenders[0].machine,
        seeds=(0,),
    )
    task = comparison._task(evidence, known_figures(evidence.scorer, tuple(evidence.brief.labels)))
    compared = Compared(runs=(header,), complete=True, tasks=(task,), evidence={"made": evidence})
    (training,) = task.diagnosis.training
    assert [("diverged", "train loss is nan in epoch 2")] == [(a.finding, a.evidence) for a in training.advice]
    assert [0.7, None, None] == [each.train_loss for each in training.epochs]
    assert [0.6, None, None] == [each.validation_loss for each in training.epochs]
    assert [0.5, None, None] == [each.validation_metric for each in training.epochs]
    for suffix in files.FORMATS:
        assert "lora" in files.text(compared, suffix), suffix
    console = Console(file=io.StringIO(), width=100)
    console.print(terminal.table(compared))
    assert "lora" in console.file.getvalue()  # type: ignore[attr-defined]
