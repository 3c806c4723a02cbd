from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest

from harness.comparing.evidence import TaskEvidence
from harness.comparing.figures import estimate
from harness.comparing.records import Cost, StrategyFigures
from harness.diagnosing.cascade import cascades
from harness.diagnosing.cascading import choose
from harness.scoring.rowsums import RowSums
from harness.stats import mcnemar
from harness.suite import Decide

if TYPE_CHECKING:
    from tests.diagnosing.conftest import EvidenceMaker

Make = Callable[..., "EvidenceMaker"]


def figures(evidence: TaskEvidence, dollars: Mapping[str, float | None]) -> Sequence[StrategyFigures]:
    """With a price of an answer for each."""
    traffic = evidence.decide.answers_per_month
    return [
        StrategyFigures(
            name=each.name,
            strategy=each.strategy,
            run=each.run,
            use="made",
            status="finished",
            metric=evidence.metric,
            value=estimate(evidence, each.answered, evidence.metric),
            cost=Cost(
                per_answer_deployed=price,
                per_month=None if price is None or traffic is None else price * traffic,
            ),
        )
        for each in evidence.contenders
        for price in [dollars[each.name]]
    ]


def made(make_evidence: Make, rows: int, metric: str = "accuracy", seconds: float = 0.01) -> EvidenceMaker:
    """The small one is right where it is at least 0.8 sure, wrong elsewhere; the large one is right on 9 of 10."""
    sure = np.linspace(0.99, 0.5, rows)
    targets = ["yes", "no"] * (rows // 2)
    other = {"yes": "no", "no": "yes"}
    small = [t if c >= 0.8 else other[t] for t, c in zip(targets, sure, strict=True)]
    large = [other[t] if i % 10 == 9 else t for i, t in enumerate(targets)]
    told = np.array([[1 - c, c] if a == "yes" else [c, 1 - c] for a, c in zip(small, sure, strict=True)])
    make = make_evidence(
        targets, validation=targets, metric=metric, decide=Decide(answers_per_month=1000), labels=("no", "yes")
    )
    make.trial(
        "small",
        small,
        probabilities=told,
        validation=small,
        validation_probabilities=told,
        seconds=[seconds] * rows,
    )
    make.trial("large", large, validation=large, seconds=[0.1] * rows)
    return make


def test_the_threshold_is_the_best_on_validation_with_the_least_escalation() -> None:
    # right where it is 0.9 sure; where it is 0.7 sure both are wrong, where 0.6 only the large one is right
    sums = RowSums(
        (np.array([[1.0, 1], [0, 1], [0, 1]]), np.array([[1.0, 1], [0, 1], [1, 1]])),
        lambda s: s[..., 0] / s[..., 1],
        is_mean=True,
    )
    assert 0.7 == choose(np.array([0.9, 0.7, 0.6]), sums, 0, 1)
    assert 0.6 == choose(np.array([0.9, 0.7, 0.6]), sums, 0, 0)  # nothing to gain: nothing is escalated
    assert 0.9 == choose(np.array([0.9, np.nan, 0.6]), sums, 0, 1)  # what told nothing goes to the large one


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_a_cascade_scores_and_costs_what_its_parts_recorded(make_evidence: Make, metric: str) -> None:
    evidence = made(make_evidence, 200, metric).build()
    (found,) = cascades(evidence, figures(evidence, {"small": 0.001, "large": 0.01}))
    sure = np.linspace(0.99, 0.5, 200)
    escalated = sure < found.threshold
    assert ("small", "large", 200) == (found.small, found.large, found.chosen_on)
    assert 0.79 < found.threshold < 0.82
    assert pytest.approx(escalated.mean()) == found.escalated.value
    wrong = int((escalated & (np.arange(200) % 10 == 9)).sum())
    assert pytest.approx(1 - wrong / 200, abs=0.001) == found.value.value
    assert pytest.approx(0.001 + 0.01 * escalated.mean()) == found.per_answer
    assert pytest.approx(1 + 10 * escalated.mean()) == found.per_month
    assert pytest.approx(0.01 + 0.1 * escalated.mean()) == found.seconds
    assert found.against is not None
    assert pytest.approx((20 - wrong) / 200, abs=0.001) == found.against.value
    if metric == "accuracy":
        expected = mcnemar(20 - wrong, 0, 200, 0.02)
        assert (expected.low, expected.high) == (found.against.low, found.against.high)
    assert "instead of $10.00" in found.words


def test_a_cascade_that_is_dearer_and_no_better_than_one_alone_is_not_shown(make_evidence: Make) -> None:
    make = made(make_evidence, 100)
    make.trial("best", (right := [e.targets[0] for e in make.test]), validation=right)
    evidence = make.build()
    assert () == cascades(evidence, figures(evidence, {"small": 0.001, "large": 0.01, "best": 0.0005}))
    found = cascades(evidence, figures(evidence, {"small": 0.001, "large": 0.01, "best": 0.02}))
    assert [("small", "best"), ("small", "large")] == [(each.small, each.large) for each in found]


def test_the_first_one_must_be_cheaper_or_faster(make_evidence: Make) -> None:
    dear = {"small": 0.02, "large": 0.01}
    slow, fast = made(make_evidence, 100, seconds=0.2).build(), made(make_evidence, 100).build()
    assert () == cascades(slow, figures(slow, dear))
    assert 1 == len(cascades(fast, figures(fast, dear)))  # better than either, and faster than the large one
    free = {"small": None, "large": None}
    assert () == cascades(slow, figures(slow, free))
    assert 1 == len(cascades(fast, figures(fast, free)))


def test_without_prices_seconds_decide(make_evidence: Make) -> None:
    evidence = made(make_evidence, 100).build()
    (found,) = cascades(evidence, figures(evidence, {"small": None, "large": None}))
    assert (None, None) == (found.per_answer, found.per_month)
    assert "on average instead of 100 ms" in found.words


def test_without_validation_answers_there_is_no_cascade(make_evidence: Make) -> None:
    targets = ["yes", "no"] * 10
    told = np.full((20, 2), 0.5)
    make = make_evidence(targets).trial("a", targets, probabilities=told).trial("b", targets)
    evidence = make.build()
    assert () == cascades(evidence, figures(evidence, {"a": 0.1, "b": 1.0}))


def test_at_most_five_cascades_none_beaten_by_another(make_evidence: Make) -> None:
    rng = np.random.default_rng(0)
    targets = [str(t) for t in rng.integers(2, size=300)]
    make = make_evidence(targets, validation=targets, labels=("0", "1"))
    prices = {}
    for level in range(8):
        right = rng.random(300) < 0.6 + 0.05 * level
        sure = np.where(right, rng.uniform(0.6, 1, 300), rng.uniform(0.5, 0.8, 300))
        answers = [t if r else str(1 - int(t)) for t, r in zip(targets, right, strict=True)]
        told = np.array([[1 - c, c] if a == "1" else [c, 1 - c] for a, c in zip(answers, sure, strict=True)])
        make.trial(f"s{level}", answers, probabilities=told, validation=answers, validation_probabilities=told)
        prices[f"s{level}"] = 0.001 * 2.0**level
    evidence = make.build()
    found = cascades(evidence, figures(evidence, prices))
    assert 1 < len(found) <= 5
    points = [(each.value.value, each.per_answer or 0.0) for each in found]
    assert sorted(points, reverse=True) == points  # better is dearer
    assert len({point[1] for point in points}) == len(points)


def test_what_the_small_one_failed_on_goes_to_the_large_one(make_evidence: Make) -> None:
    make = made(make_evidence, 100)
    make.trials.pop(("small", "run", None))
    targets = [e.targets[0] for e in make.test]
    told = np.array([[0.1, 0.9] if t == "yes" else [0.9, 0.1] for t in targets])
    make.trial(
        "small",
        [*[None] * 5, *targets[5:]],
        probabilities=told,
        validation=[*[None] * 5, *targets[5:]],
        validation_probabilities=told,
    )
    evidence = make.build()
    (found,) = cascades(evidence, figures(evidence, {"small": 0.001, "large": 0.01}))
    assert 0.05 == found.escalated.value
    assert (1.0, 100) == (found.value.value, found.value.n)


def sure(answers: Sequence[str], confidence: Iterable[float]) -> list[list[float]]:
    """Probabilities of `no` and `yes`."""
    return [[1 - c, c] if a == "yes" else [c, 1 - c] for a, c in zip(answers, confidence, strict=True)]


def other_way(targets: Sequence[str], wrong: Iterable[bool]) -> list[str]:
    other = {"yes": "no", "no": "yes"}
    return [other[t] if w else t for t, w in zip(targets, wrong, strict=True)]


def test_the_threshold_is_that_of_validation_even_where_test_would_have_another(make_evidence: Make) -> None:
    targets, confidence = ["yes", "no"] * 50, np.linspace(0.99, 0.51, 100)
    make = make_evidence(targets, validation=targets, labels=("no", "yes"))
    validation = other_way(targets, (confidence < 0.8).tolist())
    test = other_way(targets, (confidence < 0.6).tolist())  # on test it would be right to keep far more
    make.trial(
        "small",
        test,
        probabilities=sure(test, confidence),
        validation=validation,
        validation_probabilities=sure(validation, confidence),
    )
    large = other_way(targets, [i % 10 == 9 for i in range(100)])
    make.trial("large", large, validation=large)
    evidence = make.build()
    (found,) = cascades(evidence, figures(evidence, {"small": 0.001, "large": 0.01}))
    assert 0.79 < found.threshold < 0.82
    assert 0.6 == pytest.approx(found.escalated.value)


def test_which_cascades_are_shown_and_their_order_do_not_depend_on_test_targets(make_evidence: Make) -> None:
    rng = np.random.default_rng(3)
    targets = [str(t) for t in rng.choice(["no", "yes"], 120)]
    shown = []
    for lucky in (0, 1, 2):
        make = make_evidence(targets, validation=targets, labels=("no", "yes"))
        for level in range(4):
            of_level = np.random.default_rng(level)
            wrong = of_level.random(120) > 0.6 + 0.08 * level
            confidence = np.where(wrong, of_level.uniform(0.5, 0.8, 120), of_level.uniform(0.6, 1, 120)).tolist()
            answers = other_way(targets, wrong.tolist())
            told = sure(answers, confidence)
            # on test one of them is right throughout, with the confidences that it has otherwise
            test = targets if level == lucky else answers
            make.trial(
                f"s{level}",
                test,
                probabilities=sure(test, confidence),
                validation=answers,
                validation_probabilities=told,
                run=f"run-{lucky}",
            )
        evidence = make.build()
        found = cascades(evidence, figures(evidence, {f"s{level}": 0.001 * 3.0**level for level in range(4)}))
        shown.append([(each.small, each.large, each.threshold) for each in found])
        assert len(found) > 1
        assert all(6 == each.tried for each in found)
    assert shown[0] == shown[1] == shown[2]


def test_differences_of_all_cascades_shown_hold_together(make_evidence: Make) -> None:
    evidence = made(make_evidence, 200).build()
    of = figures(evidence, {"small": 0.001, "large": 0.01})
    (alone,) = cascades(evidence, of)
    (same,) = cascades(evidence, of, "large")
    (both,) = cascades(evidence, of, "small")
    assert [0.95, 0.95, 0.975] == pytest.approx([each.level for each in (alone, same, both)])
    assert alone.against is not None
    assert both.against is not None
    kept, lost = 20, round(20 - 200 * alone.against.value)
    expected = mcnemar(kept - lost, 0, 200, 0.02, 0.975)
    assert pytest.approx((expected.low, expected.high)) == (both.against.low, both.against.high)
    assert expected.low < (alone.against.low or 0.0)


def test_a_cascade_is_held_against_the_recommended_strategy(make_evidence: Make) -> None:
    make = made(make_evidence, 200)
    right = [e.targets[0] for e in make.test]
    make.trial("best", right, seconds=[0.02] * 200)
    evidence = make.build()
    of = figures(evidence, {"small": 0.001, "large": 0.01, "best": 0.002})
    (found,) = cascades(evidence, of, "best")
    assert "best" == found.recommended
    assert found.against_recommended is not None
    assert pytest.approx(found.value.value - 1) == found.against_recommended.value
    dear, plain = found.words.split(". Against large alone")
    assert "against the recommended best, for" in dear
    assert dear.endswith("a month instead of $2.00; 71 ms on average instead of 20 ms")
    assert plain.startswith(" ($10.00 a month, 100 ms) +")
    (same,) = cascades(evidence, of, "large")
    assert same.against == same.against_recommended
    assert "recommended" not in same.words
