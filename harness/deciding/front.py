"""The Pareto front: strategies that no other one beats in metric, latency and money at once."""

from __future__ import annotations

import math
from collections.abc import Sequence

from harness.comparing.records import StrategyFigures
from harness.deciding.spend import Served
from harness.suite import Decide


def front(strategies: Sequence[StrategyFigures], decide: Decide) -> tuple[str, ...]:
    """Names of those on the front, by their figures as measured.

    Money is that of a month at the user's traffic, or of an answer without one. What is not known counts as the
    worst. Latencies of different machines are not compared, so that none of one machine beats one of another.
    """
    points = [(each, _point(each, decide)) for each in strategies if each.value is not None]
    return tuple(
        each.name
        for each, point in points
        if not any(_beats(other, point) and _same_machine(one, each) for one, other in points)
    )


def _same_machine(a: StrategyFigures, b: StrategyFigures) -> bool:
    """Whether their latencies may be compared: those of one machine, or where one of them is not known."""
    return a.latency is None or b.latency is None or a.latency.machine == b.latency.machine


def _point(strategy: StrategyFigures, decide: Decide) -> tuple[float, float, float]:
    assert strategy.value is not None
    served = Served.of(strategy, decide)
    money = served.per_month(decide.answers_per_month)
    if money is None:
        money = served.per_answer
    latency = strategy.latency.p50 if strategy.latency else None
    return (
        strategy.value.value,
        -math.inf if latency is None else -latency.value,
        -math.inf if money is None else -money,
    )


def _beats(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a != b and all(x >= y for x, y in zip(a, b, strict=True))
