"""How many labelled rows a strategy was given: what is compared was given equally many.

lora n=64   64
lora        inf      <- all there are, which is the most
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Protocol, TypeVar


class Sized(Protocol):
    """A contender, or its figures."""

    @property
    def train_size(self) -> int | None: ...


Each = TypeVar("Each", bound=Sized)


def labelled(one: Sized) -> float:
    """Labelled rows that it was given; infinite for all of them."""
    return math.inf if one.train_size is None else one.train_size


def most(several: Iterable[Sized]) -> float:
    """The most that any of them was given; 0 of none."""
    return max(map(labelled, several), default=0.0)


def with_most(several: Iterable[Each]) -> list[Each]:
    """Those that were given the most, in their order: a learning curve's smaller sizes are left out."""
    known = list(several)
    largest = most(known)
    return [each for each in known if labelled(each) == largest]
