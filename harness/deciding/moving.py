"""A limit of the user's as something that can be dropped or moved, to see what would be recommended then.

accuracy at least 0.85      dropped, or moved to 0.84
budget at most $600.00      dropped, or moved to $812.00
privacy local               dropped
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from harness import numbers
from harness.comparing.records import StrategyFigures
from harness.deciding.case import Case
from harness.deciding.limits import figure
from harness.deciding.spend import Served
from harness.suite import Decide

Bound = Literal["minimum", "maximum", "budget", "privacy"]


@dataclass(frozen=True)
class Limit:
    """One limit.

    Attributes:
        name: What is limited: a figure, `budget` or `privacy`.
        bound: Which field of `Decide` holds it.
        value: Where it is; 0 for privacy.
    """

    name: str
    bound: Bound
    value: float

    def dropped(self, case: Case) -> Case:
        """The case without it."""
        if self.bound == "budget":
            return case.with_(budget=None)
        if self.bound == "privacy":
            return case.with_(privacy="open")
        limits: dict[str, float] = getattr(case.decide, self.bound)
        return case.with_(**{self.bound: {name: value for name, value in limits.items() if name != self.name}})

    def moved(self, case: Case, value: float) -> Case:
        """The case with it elsewhere."""
        if self.bound == "budget":
            return case.with_(budget=value)
        limits: dict[str, float] = getattr(case.decide, self.bound)
        return case.with_(**{self.bound: {**limits, self.name: value}})

    def end(self, strategy: StrategyFigures, decide: Decide) -> float | None:
        """Where it would have to be for a strategy to meet it; None where that is not known."""
        if self.bound == "privacy":
            return None
        if self.bound == "budget":
            return Served.of(strategy, decide).total(decide)
        found = figure(strategy, decide, self.name)
        return None if found is None else found.low if self.bound == "minimum" else found.high

    def said(self, value: float) -> str:
        """``accuracy at least 0.85``."""
        if self.bound == "budget":
            return f"a budget of {numbers.dollars(value)}"
        return f"{self.name} at {'least' if self.bound == 'minimum' else 'most'} {value:,.10g}"

    @property
    def words(self) -> str:
        """As it is now."""
        return "privacy local" if self.bound == "privacy" else self.said(self.value)


def limits_of(case: Case) -> Iterator[Limit]:
    """Every limit that a task has."""
    decide = case.decide
    for name, value in decide.minimum.items():
        if name in case.known:
            yield Limit(name, "minimum", value)
    for name, value in decide.maximum.items():
        if name in case.known:
            yield Limit(name, "maximum", value)
    if decide.budget is not None:
        yield Limit("budget", "budget", decide.budget)
    if decide.privacy == "local":
        yield Limit("privacy", "privacy", 0.0)


def rounded(value: float, *, up: bool, digits: int = 3) -> float:
    """A number of a few digits that is not on the other side of `value`: at least it when `up`, else at most it.

    >>> [rounded(0.8796, up=False), rounded(0.8796, up=True), rounded(0.5, up=True)]
    [0.879, 0.88, 0.5]
    """
    if value == 0:
        return 0.0
    places = digits - 1 - math.floor(math.log10(abs(value)))
    units = math.ceil(value * 10.0**places) if up else math.floor(value * 10.0**places)
    nearest = round(value, places)
    # 0.29 * 100 is 28.999…: what has these digits already stays.
    return nearest if nearest == value else round(units / 10.0**places, places)
