"""What a strategy costs at any traffic: once, each month, each answer.

always_on   once $0.0059   $146.00 a month a machine, one for every 13 million answers   $0 an answer
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from harness.comparing.records import StrategyFigures
from harness.deciding.records import Basis, BreakEven, CostLine
from harness.suite import Decide

# The traffics between which break-evens are looked for, in answers a month.
LEAST, MOST = 1.0, 1e10
STEPS = 1000  # further replicas that are counted one by one


@dataclass(frozen=True)
class Served:
    """A strategy's cost as it would run; None where a price is not known.

    Attributes:
        once: To prepare: its own, the search for it, and labels.
        per_answer: Of each answer.
        standing: Of one replica a month.
        capacity: Answers a month of one replica; None for no bound.
        replicas: At least.
    """

    once: float | None
    per_answer: float | None
    standing: float | None = 0.0
    capacity: float | None = None
    replicas: int = 1

    @classmethod
    def of(cls, strategy: StrategyFigures, decide: Decide, basis: Basis = "deployed") -> Served:
        cost = strategy.cost
        parts = (cost.prepare, cost.search)
        once = None if None in parts else math.fsum(part for part in parts if part is not None) + cost.labels
        if basis == "metered":
            return cls(once, cost.per_answer)
        return cls(
            once,
            cost.per_answer_deployed,
            cost.serving_per_month,
            cost.capacity_per_month,
            decide.serving.replicas,
        )

    def per_month(self, answers: float | None) -> float | None:
        """Serving at some traffic, preparing left out."""
        if answers is None or self.per_answer is None or self.standing is None:
            return None
        needed = self.replicas
        if self.capacity and self.standing > 0:
            needed = max(needed, math.ceil(answers / self.capacity))
        return answers * self.per_answer + needed * self.standing

    def whole_month(self, answers: float | None, horizon: int) -> float | None:
        """The same with preparing written off over the horizon."""
        served = self.per_month(answers)
        return None if served is None or self.once is None else served + self.once / horizon

    def total(self, decide: Decide) -> float | None:
        """Over the whole horizon; what is not served is only prepared."""
        if decide.answers_per_month is None or self.once is None:
            return self.once
        served = self.per_month(decide.answers_per_month)
        return None if served is None else self.once + served * decide.horizon_months


def lines(strategies: Sequence[StrategyFigures], decide: Decide) -> list[CostLine]:
    """Cost against volume, of those whose prices are known."""
    return list(_lines(strategies, decide))


def _lines(strategies: Sequence[StrategyFigures], decide: Decide) -> Iterator[CostLine]:
    bases: tuple[Basis, ...] = ("metered", "deployed")
    for basis in bases:
        for each in strategies:
            served = Served.of(each, decide, basis)
            if served.once is None or served.per_answer is None or served.standing is None:
                continue
            yield CostLine(
                strategy=each.name,
                basis=basis,
                prepare_per_month=served.once / decide.horizon_months,
                serving_per_month=served.standing,
                per_answer=served.per_answer,
                capacity_per_month=served.capacity,
                replicas=served.replicas,
            )


def at(line: CostLine, answers: float) -> float:
    """Dollars a month at some traffic."""
    needed = line.replicas
    if line.capacity_per_month and line.serving_per_month > 0:
        needed = max(needed, math.ceil(answers / line.capacity_per_month))
    return line.prepare_per_month + needed * line.serving_per_month + answers * line.per_answer


def break_evens(found: Sequence[CostLine]) -> list[BreakEven]:
    """Every traffic at which two lines of a basis cross."""
    return [
        BreakEven(basis=a.basis, below=cheap.strategy, above=dear.strategy, answers_per_month=traffic)
        for a, b in combinations(found, 2)
        if a.basis == b.basis
        for cheap, dear, traffic in _crossings(a, b)
    ]


def _crossings(a: CostLine, b: CostLine) -> Iterator[tuple[CostLine, CostLine, float]]:
    """Where the cheaper of the two changes: replicas make steps, so it may change many times."""
    last = at(a, LEAST) - at(b, LEAST)
    steps = sorted({LEAST, MOST, *_steps(a), *_steps(b)})
    for low, high in pairwise(steps):
        # Both are straight from just above a step up to the next one.
        start, end = (_near(a, v, low) - _near(b, v, low) for v in (low, high))
        met = low if start == 0 else low + (high - low) * start / (start - end) if start != end else low
        for gap, traffic in ((start, low), (end, met)):
            # Where both cost the same is passed over: what comes next says whether they cross there.
            if gap * last < 0:
                yield (a, b, traffic) if last < 0 else (b, a, traffic)
            last = gap or last


def _steps(line: CostLine) -> Iterator[float]:
    """The traffics at which one more replica is needed, of the first of them."""
    if line.capacity_per_month and line.serving_per_month > 0:
        for replicas in range(line.replicas, line.replicas + STEPS + 1):
            if LEAST < replicas * line.capacity_per_month < MOST:
                yield replicas * line.capacity_per_month


def _near(line: CostLine, answers: float, step: float) -> float:
    """Dollars a month between some step and the next one, that step itself left out.

    With very many replicas parts of one count, which differs by less than a thousandth.
    """
    needed: float = line.replicas
    if line.capacity_per_month and line.serving_per_month > 0:
        whole = math.floor(step / line.capacity_per_month * (1 + 1e-12)) + 1
        few = whole <= line.replicas + STEPS
        needed = max(needed, whole if few else answers / line.capacity_per_month)
    return line.prepare_per_month + needed * line.serving_per_month + answers * line.per_answer
