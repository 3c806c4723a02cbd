"""From how many labels on one strategy beats another.

         16     32     64     128
lora     0.61   0.74   0.83   0.87
knn      0.78   0.80   0.80   0.81    -> lora from 64 on, for sure from 128 on
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from statistics import fmean
from typing import NamedTuple

from harness.comparing.evidence import Contender, TaskEvidence
from harness.comparing.figures import scored
from harness.diagnosing.curves import by_strategy
from harness.diagnosing.differing import difference
from harness.diagnosing.records import Crossover
from harness.diagnosing.saying import signed
from harness.numbers import count, p_value
from harness.scoring.rowsums import row_sums
from harness.stats import LEVEL, holm


class Crossing(NamedTuple):
    """Two curves that cross.

    Attributes:
        winner: Higher at the largest size.
        loser: Higher, or as high, at some smaller size.
        sizes: From where on the winner is higher, to the largest.
        gap: The winner's figure minus the loser's at the largest.
    """

    winner: str
    loser: str
    sizes: tuple[int, ...]
    gap: float


def crossovers(evidence: TaskEvidence) -> tuple[Crossover, ...]:
    """Pairs of learning curves that cross, the widest gap at the largest size first.

    A crossing whose gap at the largest size is within the margin is none. `sure_from` is where the paired test of
    both strategies says so at that size and at all larger ones, after Holm over all sizes of all pairs of curves:
    those that are not tested count as tests that found nothing.
    """
    by_name = by_strategy(evidence)
    values = _values(evidence, by_name)
    family = sum(len(values[a].keys() & values[b].keys()) for a, b in combinations(values, 2))
    found = [
        each
        for a, b in combinations(values, 2)
        if (each := _crossing(a, values[a], b, values[b])) is not None and each.gap >= evidence.decide.margin
    ]
    found.sort(key=lambda each: -each.gap)
    tests = [(each, size) for each in found for size in each.sizes]
    raw = [_p(evidence, by_name[each.winner][size], by_name[each.loser][size]) for each, size in tests]
    told = dict(zip(((id(e), s) for e, s in tests), holm([*raw, *[1.0] * (family - len(raw))]), strict=False))
    return tuple(_crossover(evidence, each, [told[id(each), size] for size in each.sizes]) for each in found)


def _values(evidence: TaskEvidence, by_name: Mapping[str, Mapping[int, Contender]]) -> dict[str, dict[int, float]]:
    """The figure of each curve at each size, the mean over seeds; as in the tests a row that failed is wrong."""
    import numpy as np

    places = [(name, size, trial) for name, of in by_name.items() for size, c in of.items() for trial in scored(c)]
    if not places:
        return {}
    sums = row_sums(evidence.scorer, evidence.metric, [evidence.pairs(trial) for _, _, trial in places])
    figures = sums.figure(np.stack([part.sum(axis=0) for part in sums.parts]))
    found: dict[str, dict[int, list[float]]] = {}
    for (name, size, _), figure in zip(places, figures.tolist(), strict=True):
        found.setdefault(name, {}).setdefault(size, []).append(figure)
    return {name: {size: fmean(of) for size, of in sizes.items()} for name, sizes in found.items()}


def _crossing(a: str, of_a: Mapping[int, float], b: str, of_b: Mapping[int, float]) -> Crossing | None:
    sizes = sorted(of_a.keys() & of_b.keys())
    if len(sizes) < 2:
        return None
    gaps = [of_a[size] - of_b[size] for size in sizes]
    if gaps[-1] < 0:
        a, b, gaps = b, a, [-gap for gap in gaps]
    behind = [i for i, gap in enumerate(gaps) if gap <= 0]
    if not behind or behind[-1] == len(sizes) - 1:
        return None
    return Crossing(a, b, tuple(sizes[behind[-1] + 1 :]), gaps[-1])


def _p(evidence: TaskEvidence, winner: Contender, loser: Contender) -> float:
    return difference(evidence, scored(winner), scored(loser)).p_value


def _crossover(evidence: TaskEvidence, found: Crossing, p_values: list[float]) -> Crossover:
    alpha = 1 - LEVEL
    not_sure = [i for i, p in enumerate(p_values) if p >= alpha]
    sure = found.sizes[0] if not not_sure else None
    if not_sure and not_sure[-1] < len(p_values) - 1:
        sure = found.sizes[not_sure[-1] + 1]
    first, last = found.sizes[0], found.sizes[-1]
    words = (
        f"From about {count(first)} labels {found.winner} beats {found.loser}: {evidence.metric}"
        f" {signed(found.gap)} at {count(last)}"
    )
    told = f"p {p_value(p_values[-1])} there after Holm"
    if sure is None:
        words += f"; no paired test is sure of it ({told}): it may be chance."
    else:
        words += f"; sure from {count(sure)} on ({told})." if sure != first else f"; sure from there on ({told})."
    return Crossover(winner=found.winner, loser=found.loser, size=first, sure_from=sure, words=words)
