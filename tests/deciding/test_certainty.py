"""How sure a recommendation is: the stated rule, followed in every resample of the rows."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

from harness.comparing.evidence import TaskEvidence
from harness.comparing.figures import strategy_figures
from harness.comparing.pairs import pairs
from harness.deciding.case import Case
from harness.deciding.certainty import _Ties, shares
from harness.deciding.recommendation import recommend
from harness.deciding.records import Recommendation
from harness.records import Usage
from harness.suite import Decide, PriceBook
from tests.deciding.made import pair, strategy
from tests.diagnosing.conftest import EvidenceMaker, Facts

Make = Callable[..., EvidenceMaker]


def decide(evidence: TaskEvidence) -> Recommendation:
    also = [*evidence.decide.minimum, *evidence.decide.maximum]
    figures = [strategy_figures(evidence, each, also) for each in evidence.contenders]
    return recommend(evidence, figures, pairs(evidence), None)


def alternating(n: int, share: float, seed: int) -> list[str]:
    draw = random.Random(seed)
    right = [i < round(share * n) for i in range(n)]
    draw.shuffle(right)
    return ["yes" if each else "no" for each in right]


def test_two_that_are_equally_good_are_picked_about_as_often(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 200)
    make.trial("a", alternating(200, 0.8, 1)).trial("b", alternating(200, 0.8, 2))
    found = decide(make.build())
    assert 0.5 == pytest.approx(found.picked["a"], abs=0.08)
    assert 1.0 == pytest.approx(sum(found.picked.values()))
    assert found.sure is not None
    assert found.picked[found.strategy or ""] == found.sure.value
    assert 1000 == found.sure.n


def test_a_clear_winner_is_picked_every_time(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 200)
    make.trial("bad", alternating(200, 0.4, 1)).trial("good", alternating(200, 0.95, 2))
    assert {"good": 1.0} == dict(decide(make.build()).picked)


def test_a_limit_on_the_lower_end_is_held_in_every_draw(make_evidence: Make) -> None:
    # 170 of 200 is 0.7939 at Wilson's lower end: a limit there is met in about half of the draws.
    make = make_evidence(["yes"] * 200, decide=Decide(minimum={"accuracy": 0.7935}))
    make.trial("a", alternating(200, 0.85, 1))
    found = decide(make.build())
    assert "a" == found.strategy
    assert 0.5 == pytest.approx(found.picked["a"], abs=0.1)
    assert 1.0 == pytest.approx(found.picked["a"] + found.picked[""])


def test_limits_that_rows_do_not_move_keep_a_strategy_out_of_every_draw(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 100, decide=Decide(maximum={"p95_seconds": 0.1}))
    make.trial("slow", alternating(100, 0.95, 1), seconds=[1.0] * 100)
    make.trial("quick", alternating(100, 0.6, 2), seconds=[0.01] * 100)
    assert {"quick": 1.0} == dict(decide(make.build()).picked)


def test_a_limit_on_a_figure_that_only_some_strategies_have_counts_in_the_draws(make_evidence: Make) -> None:
    # Nobody's target is "maybe", and only a answers it: precision[maybe] of b is not known.
    make = make_evidence(
        ["yes"] * 50 + ["no"] * 50, labels=["yes", "no", "maybe"], decide=Decide(minimum={"precision[maybe]": 0.5})
    )
    make.trial("a", ["yes"] * 50 + ["maybe"] * 50).trial("b", ["yes"] * 50 + ["no"] * 50)
    found = decide(make.build())
    assert found.strategy is None
    assert {"": 1.0} == dict(found.picked)


def test_a_price_of_errors_without_traffic_does_not_rule_the_draws(make_evidence: Make) -> None:
    errors = {"yes": {"no": 100.0}, "no": {"yes": 0.0}}
    make = make_evidence(
        ["yes"] * 100 + ["no"] * 100,
        prices=PriceBook(device_hours={"this": 1.0}),
        decide=Decide(error_price=errors),
    )
    used = {
        "sample/t0": Usage(model="this", device_seconds=1.0),
        "prepare/fit": Usage(model="this", device_seconds=1.0),
    }
    # a is better by far; b never makes the dear mistake.
    make.trial("a", ["yes"] * 90 + ["no"] * 110, facts=Facts(used=used))
    make.trial("b", ["yes"] * 200, facts=Facts(used=used))
    without = make.build()
    assert {"a": 1.0} == dict(decide(without).picked)
    make.decide = Decide(error_price=errors, answers_per_month=1000)
    found = decide(make.build())
    assert ("b", {"b": 1.0}) == (found.strategy, dict(found.picked))
    assert "wrong answers" in found.rule


def test_seeds_that_lie_far_apart_make_it_less_sure(make_evidence: Make) -> None:
    def share(spread: float) -> float:
        make = make_evidence(["yes"] * 300)
        for i, seed in enumerate((-1, 0, 1)):
            make.trial("a", alternating(300, 0.85 + spread * seed, i))
            make.trial("b", alternating(300, 0.75 + spread * seed, 10 + i))
        return decide(make.build()).picked["a"]

    assert share(0.0) > 0.99
    assert 0.6 < share(0.1) < 0.95


def test_failures_count_in_the_draws_as_they_do_in_the_rule(make_evidence: Make) -> None:
    # b has the better figure of what it answered, and the rule goes by that.
    make = make_evidence(["yes"] * 200)
    make.trial("a", alternating(200, 0.80, 1))
    make.trial("b", [*["yes"] * 174, *["no"] * 16, *[None] * 10])
    found = decide(make.build())
    assert "b" == found.strategy
    assert found.picked["b"] > 0.95


def test_the_draws_are_the_same_every_time(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 60).trial("a", alternating(60, 0.8, 1)).trial("b", alternating(60, 0.75, 2))
    evidence = make.build()
    figures = [strategy_figures(evidence, each) for each in evidence.contenders]
    tested = pairs(evidence)
    case = Case.of(evidence, figures, tested)
    fixed = {"a": True, "b": True}
    assert shares(evidence, case.strategies, tested, fixed) == shares(evidence, case.strategies, tested, fixed)


def test_ties_in_a_draw_are_corrected_over_all_pairs() -> None:
    # Standard error 0.0108: a difference of 0 has p 0.032 of a tie, of three pairs 0.096.
    made = [strategy(name, value) for name, value in (("a", 0.9), ("b", 0.9), ("c", 0.5))]
    half = 1.96 * 0.0108
    equal = pair("a", "b", "too few to tell").model_copy(update={"low": -half, "high": half})
    far = [pair(name, "c", "better", 0.4) for name in ("a", "b")]
    drawn = np.array([[0.9, 0.9, 0.5]])
    assert _Ties(made, [equal], drawn, 0.02).of(0)("a", "b")
    assert not _Ties(made, [equal, *far], drawn, 0.02).of(0)("a", "b")
