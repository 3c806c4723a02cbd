"""The rule that recommends. The same function decides for the rows as they are and for every resample.

1. Leave out what does not meet a limit for sure.
2. Of the rest take the best by the metric; where wrong answers have a price, the one that costs least in all.
3. Where others are tied with it (an equivalence test within the margin), take the cheapest of them.
4. Money that differs by less than `worth_per_month` does not differ: then the better figure stands.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

RULE = (
    "Of the strategies that meet every limit for sure, the one with the best {metric}; where others are tied with"
    " it (equivalent within {margin:g}), the cheapest of them; less than ${worth:g} a month is no difference."
)
RULE_OF_MONEY = (
    "Of the strategies that meet every limit for sure, the one that costs least a month with the price of its"
    " wrong answers; where others cost at most ${worth:g} more, the best {metric} of them."
)


class Option(NamedTuple):
    """A strategy as the rule sees it.

    Attributes:
        name: Which.
        value: The task's metric.
        meets: Whether it meets every limit for sure.
        serve: Dollars a month; None where it is not known.
        whole: Those and what its errors cost; None where errors have no price or money is not known.
    """

    name: str
    value: float
    meets: bool
    serve: float | None
    whole: float | None = None


class Pick(NamedTuple):
    """What the rule takes.

    Attributes:
        name: Which; None where none meets the limits.
        leader: The best by the metric, or by money with errors.
        tied: Those tied with the leader, itself included.
    """

    name: str | None
    leader: str | None
    tied: tuple[str, ...]


def pick(options: Sequence[Option], tied: Callable[[str, str], bool], worth: float) -> Pick:
    """Follows the rule.

    Args:
        options: In the suite's order, which breaks what is equal in everything.
        tied: Whether two are equivalent by test.
        worth: Dollars a month below which money does not differ.
    """
    able = [option for option in options if option.meets]
    if not able:
        return Pick(None, None, ())
    if all(option.whole is not None for option in able):
        least = min(option.whole or 0.0 for option in able)
        equal = [option for option in able if (option.whole or 0.0) - least <= worth]
        best = max(equal, key=lambda option: option.value)
        return Pick(best.name, best.name, (best.name,))
    leader = max(able, key=_better)
    group = [option for option in able if option.name == leader.name or tied(leader.name, option.name)]
    names = tuple(option.name for option in group)
    cheapest = min(map(_money, group))
    if math.isinf(cheapest):
        return Pick(leader.name, leader.name, names)
    equal = [option for option in group if _money(option) - cheapest <= worth]
    return Pick(max(equal, key=_better).name, leader.name, names)


def _better(option: Option) -> tuple[float, float]:
    """By the figure; where that is the same to the last digit, by money."""
    return option.value, -_money(option)


def _money(option: Option) -> float:
    return math.inf if option.serve is None else option.serve
