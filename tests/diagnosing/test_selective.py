from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import beta

from harness.comparing.evidence import TaskEvidence
from harness.comparing.records import Estimate, StrategyFigures
from harness.diagnosing.selective import selectives
from harness.diagnosing.threshold import Levels, holding, least_rows, levels, passes, rows_needed
from harness.stats import wilson
from harness.suite import Decide

if TYPE_CHECKING:
    from tests.diagnosing.conftest import EvidenceMaker

Make = Callable[..., "EvidenceMaker"]


def answers(confidence: np.ndarray, right: np.ndarray) -> tuple[list[str], list[str], np.ndarray]:
    """Targets, answers (always yes) and probabilities."""
    targets = ["yes" if each else "no" for each in right]
    return targets, ["yes"] * len(targets), np.column_stack([1 - confidence, confidence])


def figures(evidence: TaskEvidence) -> Sequence[StrategyFigures]:
    return [
        StrategyFigures(
            name=each.name,
            strategy=each.strategy,
            run=each.run,
            use="made",
            status="finished",
            metric="accuracy",
            value=Estimate(value=0.5, n=1),
        )
        for each in evidence.contenders
    ]


def made(make_evidence: Make, decide: Decide, validation: np.ndarray, test: np.ndarray) -> TaskEvidence:
    """A strategy that is right exactly where its confidence, falling over the rows, is high."""
    sure = [np.linspace(0.99, 0.51, len(right)) for right in (validation, test)]
    wanted, given, probabilities = answers(sure[0], validation)
    targets, answered, of_test = answers(sure[1], test)
    make = make_evidence(targets, validation=wanted, labels=("no", "yes"), decide=decide)
    make.trial("s", answered, probabilities=of_test, validation=given, validation_probabilities=probabilities)
    return make.build()


def test_levels_count_ties_together() -> None:
    found = levels(np.array([0.9, np.nan, 0.7, 0.9]), np.array([1.0, 0.0, 0.0, 0.0]))
    assert ([0.9, 0.7], [2, 3], [1, 2]) == tuple(each.tolist() for each in found)


@pytest.mark.parametrize(("wrong", "rows"), [(0, 59), (1, 93), (2, 124)])
def test_fewest_rows_that_hold_five_percent_are_those_of_the_tables(wrong: int, rows: int) -> None:
    assert rows == least_rows(0.05, wrong)
    assert float(beta.ppf(0.95, wrong + 1, rows - wrong)) <= 0.05  # Clopper and Pearson's bound
    assert float(beta.ppf(0.95, wrong + 1, rows - 1 - wrong)) > 0.05
    assert not passes(np.array([wrong]), np.array([rows - 1]), 0.05)[0]


def test_the_threshold_found_breaks_the_ceiling_in_at_most_one_of_twenty() -> None:
    # right as often as sure, so the true risk of a threshold is known: mean of 1 - confidence above it
    rng, broken, found = np.random.default_rng(0), 0, 0
    for _ in range(1500):
        confidence = 0.5 + 0.5 * rng.beta(2, 1, 200)
        threshold = holding(levels(confidence, (rng.random(200) < confidence).astype(float)), 0.12)
        found += threshold is not None
        if threshold is not None:
            x = 2 * threshold - 1  # beta(2, 1) has density 2x
            above = (1 - x**3) * 2 / 3 / (1 - x**2)
            broken += 0.5 - 0.5 * above > 0.12
    assert found > 900
    assert broken / 1500 <= 0.05 + 0.015
    assert broken > 0  # else the rule would be needlessly shy


def test_a_naive_threshold_would_break_it_far_more_often() -> None:
    rng, broken = np.random.default_rng(0), 0
    for _ in range(300):
        confidence = 0.5 + 0.5 * rng.beta(2, 1, 200)
        found = levels(confidence, (rng.random(200) < confidence).astype(float))
        x = 2 * float(found.threshold[np.flatnonzero(found.wrong <= 0.12 * found.answered)[-1]]) - 1
        broken += 0.5 - 0.5 * (1 - x**3) * 2 / 3 / (1 - x**2) > 0.12
    assert broken / 300 > 0.3


def test_rows_needed_are_those_at_which_it_passes() -> None:
    # half of 100 rows are answered without an error: 59 such rows hold 0.05, so 118 in all
    found = Levels(np.array([0.9, 0.6]), np.array([50, 100]), np.array([0, 30]))
    needed = rows_needed(found, 100, 0.05)
    assert needed is not None
    assert 118 <= needed <= 124  # the grid's next number
    assert rows_needed(Levels(np.array([0.9]), np.array([50]), np.array([10])), 100, 0.05) is None


def test_a_threshold_is_chosen_on_validation_and_told_on_test(make_evidence: Make) -> None:
    decide = Decide(maximum_error=0.1, review_price=0.5, answers_per_month=1000)
    evidence = made(make_evidence, decide, np.arange(200) < 150, np.arange(300) < 210)
    found = selectives(evidence, figures(evidence))[0]
    assert found.threshold is not None
    assert found.coverage is not None
    assert found.risk is not None
    assert 200 == found.validation_rows
    kept = int((np.linspace(0.99, 0.51, 300) >= found.threshold).sum())
    assert pytest.approx(kept / 300) == found.coverage.value
    assert kept > 210  # some wrong ones are let through
    low, high = wilson(kept - 210, kept)
    assert ((kept - 210) / kept, low, high, kept) == (
        found.risk.value,
        found.risk.low,
        found.risk.high,
        found.risk.n,
    )
    assert pytest.approx(0.5 * 1000 * (1 - kept / 300)) == found.review_per_month
    assert "chosen on 200 validation rows for at most 0.100 wrong" in found.words


@pytest.mark.parametrize(("right", "held"), [(300, True), (285, None), (150, False)])
def test_whether_the_ceiling_held_is_told_or_left_open(make_evidence: Make, right: int, held: bool | None) -> None:
    test = np.zeros(300)
    test[np.random.default_rng(0).permutation(300)[:right]] = 1
    evidence = made(make_evidence, Decide(maximum_error=0.06), np.ones(200), test)
    found = selectives(evidence, figures(evidence))[0]
    assert held is found.held
    assert found.coverage is not None
    assert 1.0 == found.coverage.value


def test_where_no_threshold_holds_the_rows_that_would_allow_one_are_told(make_evidence: Make) -> None:
    evidence = made(make_evidence, Decide(maximum_error=0.02), np.ones(100), np.ones(100))
    found = selectives(evidence, figures(evidence))[0]
    assert found.threshold is None
    assert found.coverage is None
    assert "About 150 validation rows would allow one" in found.words


def test_without_validation_answers_the_curve_is_still_there(make_evidence: Make) -> None:
    targets, given, probabilities = answers(np.linspace(0.99, 0.5, 50), np.arange(50) < 40)
    make = make_evidence(targets, decide=Decide(maximum_error=0.1))
    make.trial("s", given, probabilities=probabilities).trial("plain", given)
    evidence = make.build()
    (found,) = selectives(evidence, figures(evidence))
    assert found.threshold is None
    assert "validation rows were not asked" in found.words
    assert 20 == len(found.points)
    assert (1.0, 0.2) == (found.points[-1].coverage, found.points[-1].risk.value)
    assert (0.8, 0.0) == (found.points[15].coverage, found.points[15].risk.value)


def test_failed_rows_are_left_to_people(make_evidence: Make) -> None:
    targets, given, probabilities = answers(np.full(80, 0.9), np.ones(80))
    make = make_evidence(targets, validation=targets, labels=("no", "yes"), decide=Decide(maximum_error=0.05))
    make.trial(
        "s",
        [*[None] * 20, *given[20:]],
        probabilities=probabilities,
        validation=given,
        validation_probabilities=probabilities,
    )
    evidence = make.build()
    (found,) = selectives(evidence, figures(evidence))
    assert found.coverage is not None
    assert (0.75, 80) == (found.coverage.value, found.coverage.n)
    assert [0.75] == [point.coverage for point in found.points]


def test_of_several_seeds_the_first_is_told_and_said(make_evidence: Make) -> None:
    targets, given, probabilities = answers(np.full(80, 0.9), np.ones(80))
    make = make_evidence(targets, labels=("no", "yes"))
    make.trial("s", given, probabilities=probabilities).trial("s", ["no"] * 80, probabilities=probabilities)
    evidence = make.build()
    (found,) = selectives(evidence, figures(evidence))
    assert 0.0 == found.points[-1].risk.value
    assert "seed 0, one of 2 trials" in found.words
