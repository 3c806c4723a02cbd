"""Figures, limits and cases made by hand or at random, without any evidence.

strategy("a", 0.9, per_answer=0.001)      accuracy 0.900 (0.870 to 0.930), a tenth of a cent an answer
"""

from __future__ import annotations

import random

from harness.comparing.records import Cost, Estimate, Latency, Pair, StrategyFigures, Verdict
from harness.deciding.case import Case
from harness.suite import Decide

KNOWN = ("accuracy", "macro_f1", "p50_seconds", "p95_seconds", "prepare_dollars", "dollars_per_month", "failed")


def strategy(
    name: str,
    value: float,
    *,
    half: float = 0.03,
    p95: float | None = None,
    local: bool | None = True,
    cost: Cost | None = None,
) -> StrategyFigures:
    found = Estimate(value=value, low=max(-1.0, value - half), high=min(1.0, value + half), n=300)
    latency = None
    if p95 is not None:
        ends = Estimate(value=p95, low=p95 * 0.9, high=p95 * 1.25, n=100)
        half_of_it = Estimate(value=p95 / 2, low=p95 * 0.45, high=p95 * 0.6, n=100)
        latency = Latency(timed=100, machine="made", p50=half_of_it, p95=ends)
    return StrategyFigures(
        name=name,
        strategy=name,
        run="run",
        use="made",
        local=local,
        status="finished",
        n=300,
        metric="accuracy",
        value=found,
        by_trial=(value,),
        figures={"accuracy": found},
        latency=latency,
        cost=cost or Cost(),
    )


def cost(
    prepare: float | None = 0.0,
    per_answer: float | None = 0.0,
    month: float | None = 0.0,
    capacity: float | None = None,
) -> Cost:
    return Cost(
        prepare=prepare,
        per_answer=per_answer,
        per_answer_deployed=per_answer,
        serving_per_month=month,
        capacity_per_month=capacity,
    )


def pair(a: str, b: str, verdict: Verdict, difference: float = 0.0) -> Pair:
    return Pair(
        task="made",
        metric="accuracy",
        a=a,
        b=b,
        n=300,
        difference=difference,
        low=difference - 0.02,
        high=difference + 0.02,
        p_raw=0.5,
        p_value=0.5,
        p_tied=0.5,
        margin=0.02,
        verdict=verdict,
        test="McNemar",
        a_only=10,
        b_only=5,
    )


def case(strategies: list[StrategyFigures], pairs: list[Pair] | None = None, **decide: object) -> Case:
    return Case(tuple(strategies), (), tuple(pairs or ()), Decide.model_validate(decide), KNOWN)


def random_case(seed: int) -> Case:
    """Two to six strategies at random prices under random limits, some tied; now and then a price lacks."""
    draw = random.Random(seed)
    strategies = []
    for i in range(draw.randint(2, 6)):
        per_answer = None if draw.random() < 0.1 else draw.choice([0.0, 10 ** draw.uniform(-6, -2)])
        month = draw.choice([0.0, draw.uniform(1, 400)])
        capacity = 10 ** draw.uniform(4, 7) if month and draw.random() < 0.5 else None
        costs = cost(10 ** draw.uniform(-3, 3), per_answer, month, capacity)
        p95 = None if draw.random() < 0.2 else 10 ** draw.uniform(-3, 1)
        strategies.append(
            strategy(f"s{i}", draw.uniform(0.5, 0.98), p95=p95, cost=costs, local=draw.random() < 0.7)
        )
    ordered = sorted(strategies, key=lambda each: -each.value.value if each.value else 0)
    pairs = [
        pair(a.name, b.name, draw.choice(["tied", "too few to tell", "better"]))
        for i, a in enumerate(ordered)
        for b in ordered[i + 1 :]
    ]
    decide: dict[str, object] = {"worth_per_month": draw.choice([0.0, 20.0])}
    if draw.random() < 0.8:
        decide["answers_per_month"] = round(10 ** draw.uniform(2, 7))
    if draw.random() < 0.6:
        decide["minimum"] = {"accuracy": round(draw.uniform(0.5, 0.99), 3)}
    if draw.random() < 0.5:
        decide["maximum"] = {"p95_seconds": round(10 ** draw.uniform(-2.5, 1), 3)}
    if draw.random() < 0.3:
        decide["budget"] = 10 ** draw.uniform(1, 4)
    if draw.random() < 0.2:
        decide["privacy"] = "local"
    return case(strategies, pairs, **decide)
