"""A strategy's figure and money in a sentence.

accuracy 0.917 (0.880 to 0.943, n = 300)     $20,666.12 a month, wrong answers and all
"""

from __future__ import annotations

from collections.abc import Sequence

from harness import numbers
from harness.comparing.records import Estimate, StrategyFigures
from harness.deciding.case import Case


def value(strategy: StrategyFigures) -> str:
    """``accuracy 0.917 (0.880 to 0.943, n = 300)``."""
    assert strategy.value is not None
    return f"{strategy.metric} {estimate(strategy.value)}"


def estimate(found: Estimate) -> str:
    ends = "" if found.low is None else f"{numbers.proportion(found.low)} to {numbers.proportion(found.high)}, "
    return f"{numbers.proportion(found.value)} ({ends}n = {numbers.count(found.n)})"


def dollars_a_month(case: Case, name: str) -> str:
    """What the rule goes by: with the price of wrong answers where they have one; empty where it is not known."""
    money = case.money(name)
    if money.serve is None:
        return ""
    if money.errors is None:
        return f"{numbers.dollars(money.serve)} a month"
    whole, serve = numbers.dollars(money.total), numbers.dollars(money.serve)
    return f"{whole} a month with its wrong answers ({serve} without)"


def answers(traffic: int) -> str:
    """``100,000 answers a month``."""
    return f"{numbers.plural(traffic, 'answer')} a month"


def listed(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
