"""The difference of two strategies, several trials each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.diagnosing.differing import difference
from harness.stats import Difference
from tests.diagnosing.conftest import EvidenceMaker, Facts

Make = Callable[..., EvidenceMaker]


def right(n: int) -> list[str]:
    return ["yes"] * n + ["no"] * (100 - n)


def test_repeats_are_no_further_seeds(make_evidence: Make) -> None:
    def found(repeats: int) -> Difference:
        make = make_evidence(["yes"] * 100)
        for name, figures in (("a", (80, 90)), ("b", (60, 75))):
            for seed, good in enumerate(figures):
                for _ in range(repeats):
                    make.trial(name, right(good), facts=Facts(seed=seed))
        evidence = make.build()
        a, b = (evidence.contender(name).trials for name in "ab")
        return difference(evidence, a, b)

    once, often = found(1), found(5)
    assert (once.value, once.low, once.high) == pytest.approx((often.value, often.low, often.high), abs=0.01)
