"""Figures in words: a value never without its interval, a p-value never as 0.

interval(Estimate(value=0.917, low=0.88, high=0.943, n=300))   "0.917 (0.880 to 0.943)"
p_value(0.0000001) "< 0.001"     short(1_250_000) "1.3 M"       percent(0.9312) "93 %"
"""

from __future__ import annotations

import math
from collections.abc import Callable

from harness import numbers
from harness.comparing.records import Estimate
from harness.report.html.parts import Cell, number


def interval(found: Estimate | None, written: Callable[[float | None], str] = numbers.proportion) -> str:
    if found is None:
        return numbers.UNKNOWN
    return f"{written(found.value)} ({ends(found, written)})"


def ends(found: Estimate, written: Callable[[float | None], str] = numbers.proportion) -> str:
    """Only the interval's ends."""
    if found.low is None or found.high is None:
        return "no interval"
    return f"{written(found.low)} to {written(found.high)}"


def signed(value: float) -> str:
    return ("+" if value > 0 else "") + numbers.proportion(value).replace("-", "\u2212")


def difference(found: Estimate) -> str:
    """A difference with its interval, its sign always written."""
    if found.low is None or found.high is None:
        return f"{signed(found.value)} (no interval)"
    return f"{signed(found.value)} ({signed(found.low)} to {signed(found.high)})"


def p_value(p: float | None) -> str:
    return "-" if p is None else numbers.p_value(p).removeprefix("= ")


def percent(share: float) -> str:
    """Whole per cent, 0 and 100 only where it is exactly that."""
    told = f"{share:.0%}"[:-1]
    if told == "100" and share < 1:
        told = "> 99"
    if told == "0" and share > 0:
        told = "< 1"
    return f"{told}\u00a0%"


def short(value: float) -> str:
    """A count with at most two digits that say something and its unit."""
    if not math.isfinite(value):
        return numbers.UNKNOWN
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= size * 0.9995:
            digits = f"{value / size:.2g}" if value < 99.5 * size else f"{value / size:.0f}"
            return f"{digits} {unit}"
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.2g}"


def dollar_tick(value: float) -> str:
    """On an axis: whole dollars without cents."""
    return f"${value:,.0f}" if value >= 1 and value == int(value) else numbers.dollars(value)


def tick(value: float) -> str:
    """On an axis of a metric: no digit that says nothing."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value == round(value, 2) else f"{value:.3g}"


def second_tick(value: float) -> str:
    """On an axis: below a millisecond too."""
    return numbers.seconds(value) if value > 0.0005 else f"{value * 1000:.3g} ms"


def capital(words: str) -> str:
    """A title's first letter, the rest as it is."""
    return words[:1].upper() + words[1:]


def listed(names: list[str] | tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "none"


def estimate(found: Estimate | None, written: Callable[[float | None], str] = numbers.proportion) -> Cell:
    """A cell with the value, its interval and n."""
    if found is None:
        return Cell("-", number=True, look="none")
    return number(written(found.value), found.value, f"{ends(found, written)}, n = {numbers.count(found.n)}")


def apart(found: Estimate) -> Cell:
    """A cell with a difference, its interval and n."""
    bounds = "no interval"
    if found.low is not None and found.high is not None:
        bounds = f"{signed(found.low)} to {signed(found.high)}"
    return number(signed(found.value), found.value, f"{bounds}, n = {numbers.count(found.n)}")
