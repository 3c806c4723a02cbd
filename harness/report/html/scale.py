"""Where a number stands on an axis, and which numbers an axis names.

Scale(0.4, 1.0, 60, 660).at(0.7)                 360.0
Scale(1, 1000, 0, 300, log=True).ticks()         (1, 10, 100, 1000)
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """An axis.

    Attributes:
        low: The number at `start`.
        high: The number at `end`.
        start: In pixels.
        end: In pixels; less than `start` on an axis that rises.
        log: Whether equal lengths are equal ratios; then `low` is above 0.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """The pixel of a number; what lies beyond the axis stands at its end."""
        low, high = self._turned(self.low), self._turned(self.high)
        share = (self._turned(value) - low) / (high - low) if high > low else 0.5
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)

    def ticks(self, about: int = 5) -> tuple[float, ...]:
        """Round numbers within the axis."""
        return _powers(self.low, self.high) if self.log else _round(self.low, self.high, about)

    def _turned(self, value: float) -> float:
        if not self.log:
            return value
        return math.log10(value) if value > 0 else math.log10(self.low)


def linear(values: Iterable[float], start: float, end: float, *, least: float, most: float) -> Scale:
    """An axis with room for all values, from and to round numbers, never beyond `least` and `most`."""
    found = list(values)
    low, high = min(found, default=least), max(found, default=most)
    step = _step((high - low) or abs(high) or 1.0, 5)
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    low, high = max(low, least), min(high, most)
    return Scale(low, high if high > low else low + step, start, end)


def decades(values: Iterable[float], start: float, end: float) -> Scale:
    """A logarithmic axis with room for all values above 0, a little beyond the outermost."""
    found = [value for value in values if value > 0]
    low, high = min(found, default=1.0), max(found, default=10.0)
    room = max((high / low) ** 0.06, 1.15)
    return Scale(low / room, high * room, start, end, log=True)


def spread(wanted: Iterable[float], gap: float, low: float, high: float) -> list[float]:
    """Moves labels apart so that neighbours are `gap` pixels from each other, each as near as may be to its own.

    >>> spread([10, 12, 50], gap=10, low=0, high=100)
    [6.0, 16.0, 50.0]
    """
    asked = list(wanted)
    order = sorted(range(len(asked)), key=asked.__getitem__)
    groups: list[tuple[float, list[int]]] = []
    for i in order:
        groups.append((asked[i], [i]))
        while len(groups) > 1 and _reach(groups[-2], gap)[1] + gap > _reach(groups[-1], gap)[0]:
            last, before = groups.pop(), groups.pop()
            members = before[1] + last[1]
            groups.append((sum(asked[m] for m in members) / len(members), members))
    placed = [0.0] * len(asked)
    for centre, members in groups:
        half = gap * (len(members) - 1) / 2
        middle = min(max(centre, low + half), max(high - half, low + half))
        for k, member in enumerate(members):
            placed[member] = float(middle - half + k * gap)
    return placed


def _reach(group: tuple[float, list[int]], gap: float) -> tuple[float, float]:
    half = gap * (len(group[1]) - 1) / 2
    return group[0] - half, group[0] + half


def _step(span: float, about: int) -> float:
    rough = span / about
    unit: float = 10.0 ** math.floor(math.log10(rough))
    return next((m * unit for m in (1, 2, 2.5, 5, 10) if m * unit >= rough * 0.999), 10 * unit)


def _round(low: float, high: float, about: int) -> tuple[float, ...]:
    step = _step((high - low) or 1.0, about)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return tuple(round(i * step, 12) for i in range(first, last + 1))


def _powers(low: float, high: float) -> tuple[float, ...]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    wide = math.log10(high / low) > 2.9
    every = max(1, math.ceil((last - first) / 8))
    marks = (1,) if wide else (1, 2, 5)
    found = [m * 10.0**e for e in range(first, last + 1, every) for m in marks]
    return tuple(value for value in found if low * 0.999 <= value <= high * 1.001)
