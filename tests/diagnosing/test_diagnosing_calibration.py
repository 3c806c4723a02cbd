from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from harness.diagnosing.calibration import calibrations, ece
from harness.stats import wilson

if TYPE_CHECKING:
    from tests.diagnosing.conftest import EvidenceMaker

Make = Callable[..., "EvidenceMaker"]
LABELS = ("no", "yes")


def sure(confidence: np.ndarray, right: np.ndarray) -> tuple[list[str], list[str], np.ndarray]:
    """Targets, answers (always yes) and probabilities of a strategy that is so sure and so right."""
    targets = ["yes" if each else "no" for each in right]
    return targets, ["yes"] * len(targets), np.column_stack([1 - confidence, confidence])


def test_a_brier_score_is_that_of_scikit_learn(make_evidence: Make) -> None:
    rng = np.random.default_rng(0)
    labels = ("a", "b", "c")
    probabilities = rng.dirichlet([1, 1, 1], 60)
    targets = rng.integers(3, size=60)
    make = make_evidence([labels[t] for t in targets], labels=labels)
    make.trial("s", [labels[i] for i in probabilities.argmax(axis=1)], probabilities=probabilities)
    found = calibrations(make.build())[0].brier
    expected = brier_score_loss([labels[t] for t in targets], probabilities, labels=labels, scale_by_half=False)
    assert pytest.approx(expected) == found.value
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high
    assert found.n == 60


def test_plain_ece_is_the_mean_gap_over_answers() -> None:
    # two bins of 2: confidence 0.6 + 0.8 with 1 right, 0.9 + 1.0 with 2 right
    assert pytest.approx((0.4 + 0.1) / 4) == ece(np.array([0.4, -0.1]), 4.0)


def test_a_gap_far_beyond_chance_is_told_as_it_is(make_evidence: Make) -> None:
    # sure at 0.9 and right on 50 of 100: one bin for all, since ties stay together
    targets, answers, probabilities = sure(np.full(100, 0.9), np.arange(100) < 50)
    found = calibrations(make_evidence(targets).trial("s", answers, probabilities=probabilities).build())[0]
    assert 1 == len(found.bins)
    assert pytest.approx(0.4, abs=1e-6) == found.ece.value
    assert pytest.approx(0.9) == found.bins[0].confidence
    low, high = wilson(50, 100)
    assert (0.5, low, high, 100) == (
        found.bins[0].accuracy.value,
        found.bins[0].accuracy.low,
        found.bins[0].accuracy.high,
        found.bins[0].accuracy.n,
    )
    assert found.ece.low is not None
    assert 0.25 < found.ece.low < 0.4


def test_bins_hold_equally_many_answers(make_evidence: Make) -> None:
    rng = np.random.default_rng(1)
    targets, answers, probabilities = sure(rng.uniform(0.5, 1, 300), rng.random(300) < 0.7)
    found = calibrations(make_evidence(targets).trial("s", answers, probabilities=probabilities).build())[0]
    assert [30] * 10 == [each.accuracy.n for each in found.bins]
    assert sorted(each.confidence for each in found.bins) == [each.confidence for each in found.bins]


def test_chance_alone_is_not_called_miscalibration(make_evidence: Make) -> None:
    covered = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        confidence = rng.uniform(0.5, 1, 200)
        targets, answers, probabilities = sure(confidence, rng.random(200) < confidence)
        make = make_evidence(targets, labels=LABELS).trial("s", answers, probabilities=probabilities)
        covered.append(calibrations(make.build())[0].ece.low == 0)
    assert sum(covered) >= 11


def test_three_equal_seeds_say_no_more_than_one(make_evidence: Make) -> None:
    rng = np.random.default_rng(2)
    confidence = rng.uniform(0.5, 1, 120)
    targets, answers, probabilities = sure(confidence, rng.random(120) < confidence - 0.1)
    one = make_evidence(targets).trial("s", answers, probabilities=probabilities)
    three = make_evidence(targets)
    for _ in range(3):
        three.trial("s", answers, probabilities=probabilities)
    a, b = calibrations(one.build())[0], calibrations(three.build())[0]
    assert (120, 360) == (a.n, b.n)
    assert pytest.approx(a.ece.model_dump()) == b.ece.model_dump()
    assert pytest.approx(a.brier.model_dump()) == b.brier.model_dump()
    assert [each.accuracy.n for each in a.bins] == [each.accuracy.n for each in b.bins]


def test_failed_rows_and_answers_without_probabilities_are_left_out(make_evidence: Make) -> None:
    targets, answers, probabilities = sure(np.full(40, 0.8), np.arange(40) < 32)
    make = make_evidence(targets).trial("s", [None, *answers[1:]], probabilities=probabilities)
    found = calibrations(make.trial("plain", answers).build())
    assert ["s"] == [each.strategy for each in found]
    assert (39, 39) == (found[0].n, found[0].brier.n)


def test_other_kinds_of_task_have_no_calibration(make_evidence: Make) -> None:
    make = make_evidence([("a",), ("b",)], kind="labels").trial("s", ["a", "b"], probabilities=np.eye(2))
    assert () == calibrations(make.build())


def test_what_chance_adds_to_the_error_is_taken_off(make_evidence: Make) -> None:
    told, plain = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        confidence = rng.uniform(0.5, 1, 200)
        targets, answers, probabilities = sure(confidence, rng.random(200) < confidence)
        make = make_evidence(targets, labels=LABELS).trial("s", answers, probabilities=probabilities)
        (found,) = calibrations(make.build())
        told.append(found.ece.value)
        plain.append(
            sum(abs(each.confidence - each.accuracy.value) * each.accuracy.n for each in found.bins) / 200
        )
    assert np.mean(plain) > 0.05  # of nothing but chance
    assert np.mean(told) < 0.75 * np.mean(plain)
