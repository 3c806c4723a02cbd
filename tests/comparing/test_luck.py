"""The best figure of several loses what it owes to having been picked."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from harness.comparing.luck import optimism
from tests.diagnosing.conftest import EvidenceMaker, Facts

Make = Callable[..., EvidenceMaker]


def test_one_strategy_was_not_picked_from_anything(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 30).trial("a", ["yes"] * 30)
    make.trial("stopped", ["yes"] * 3, facts=Facts(status="stopped"))
    assert optimism(make.build()) is None


def test_the_best_of_equals_loses_some_and_a_clear_winner_next_to_nothing(make_evidence: Make) -> None:
    draw = random.Random(2)
    equals, clear = make_evidence(["yes"] * 100), make_evidence(["yes"] * 100)
    for i in range(8):
        equals.trial(f"s{i}", ["yes" if draw.random() < 0.8 else "no" for _ in range(100)])
        clear.trial(f"s{i}", ["yes"] * (97 if i == 5 else 40) + ["no"] * (3 if i == 5 else 60))
    lucky, won = optimism(equals.build()), optimism(clear.build())
    assert lucky is not None
    assert won is not None
    assert lucky.value - lucky.corrected > 0.005
    assert ("s5", 8) == (won.strategy, won.among)
    assert 0.97 == pytest.approx(won.value)
    assert won.value - won.corrected < 0.005


def test_those_with_all_labels_are_compared_and_not_a_curves_sizes(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 40).trial("lora", ["yes"] * 38 + ["no"] * 2)
    make.trial("lora", ["yes"] * 40, train_size=64).trial("knn", ["yes"] * 30 + ["no"] * 10)
    found = optimism(make.build())
    assert found is not None
    assert ("lora", 2) == (found.strategy, found.among)
