"""The Pareto front, against a search by brute force."""

from __future__ import annotations

import random

from harness.deciding.front import front
from harness.suite import Decide
from tests.deciding.made import cost, strategy


def test_the_front_is_what_nobody_beats_in_all_three() -> None:
    draw = random.Random(7)
    for _ in range(200):
        points = {
            f"s{i}": (draw.randint(1, 4), draw.randint(1, 4), draw.randint(1, 4))
            for i in range(draw.randint(1, 8))
        }
        made = [
            strategy(name, metric / 10, p95=latency / 100, cost=cost(per_answer=money / 1000))
            for name, (metric, latency, money) in points.items()
        ]
        beaten = {
            a
            for a, (m, s, d) in points.items()
            for m2, s2, d2 in points.values()
            if m2 >= m and s2 <= s and d2 <= d and (m2, s2, d2) != (m, s, d)
        }
        assert tuple(name for name in points if name not in beaten) == front(made, Decide(answers_per_month=1000))


def test_what_is_not_known_counts_as_the_worst() -> None:
    known = strategy("known", 0.9, p95=0.1, cost=cost(per_answer=0.1))
    assert ("known",) == front([known, strategy("unknown", 0.9, cost=cost(per_answer=None))], Decide())
    better = strategy("better", 0.95, cost=cost(per_answer=None))
    assert ("known", "better") == front([known, better], Decide())


def test_latencies_of_different_machines_do_not_beat_each_other() -> None:
    fast = strategy("fast", 0.95, p95=0.01, cost=cost(per_answer=0.001))
    slow = strategy("slow", 0.9, p95=0.1, cost=cost(per_answer=0.01))
    assert ("fast",) == front([fast, slow], Decide())
    assert slow.latency is not None
    elsewhere = slow.model_copy(update={"latency": slow.latency.model_copy(update={"machine": "another"})})
    assert ("fast", "slow") == front([fast, elsewhere], Decide())
