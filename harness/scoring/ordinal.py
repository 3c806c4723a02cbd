"""Scores of labels that are a scale: how far an answer is from its target counts.

    scale 1 2 3 4 5     target 4, answer 5: one step off     target 4, answer 1: three steps off

    quadratic_kappa     1 less the squared steps seen over those of chance; -1 to 1
    mae                 the mean number of steps; smaller is better, so it is a figure and no metric
    closeness           1 less the mean number of steps as a share of the scale's length: mae as a metric
    adjacent_accuracy   the share of rows at most one step off

A row without an answer is as far off as its target allows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from harness.errors import SuiteError
from harness.records import Brief, Kind
from harness.scoring.label import LabelScorer
from harness.scoring.rowsums import RowSums
from harness.scoring.tally import NO_ANSWER, Pair
from harness.stats import Interval, Sums, bootstrap_sums, mean_interval, wilson

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

METRICS = ("quadratic_kappa", "closeness", "adjacent_accuracy")
STEPS = ("mae",)  # in steps of the scale, smaller is better
OF_SCALE = (*METRICS, *STEPS)


@dataclass(frozen=True)
class OrdinalScorer:
    """Quadratic weighted kappa, mean absolute error, adjacent accuracy, and all that `LabelScorer` gives.

    Attributes:
        scale: The labels, the lowest first; empty before the task is known.
        plain: Gives the figures that the order of labels does not change.
    """

    scale: tuple[str, ...] = ()
    plain: LabelScorer = field(default_factory=LabelScorer)
    kinds: frozenset[Kind] = frozenset({"label"})

    @property
    def figures(self) -> Sequence[str]:
        return (*self.plain.figures, *OF_SCALE) if self.scale else METRICS

    def of_task(self, brief: Brief) -> OrdinalScorer:
        """The scorer of this scale.

        Raises:
            SuiteError: The task's labels are no scale.
        """
        if not brief.ordered:
            raise SuiteError(f"{', '.join(METRICS)} are of a scale; say `ordered: true` for task {brief.name!r}")
        return OrdinalScorer(tuple(brief.labels), self.plain)

    def one(self, figure: str, targets: tuple[str, ...], answers: tuple[str, ...]) -> float:
        if figure not in OF_SCALE:
            return self.plain.one(figure, targets, answers)
        wanted, given = self._places((targets, answers))
        off = abs(wanted - given)
        if figure == "adjacent_accuracy":
            return float(off <= 1)
        share = off / self._length
        return 1 - share**2 if figure == "quadratic_kappa" else 1 - share

    def whole(self, pairs: Sequence[Pair]) -> Mapping[str, float]:
        if not pairs:
            return {}
        parts, times = self._grouped(pairs)
        near = sum(n * self.one("adjacent_accuracy", *pair) for pair, n in Counter(pairs).items()) / len(pairs)
        steps = float(mean_steps(parts.T @ times))
        return {
            **self.plain.whole(pairs),
            "quadratic_kappa": float(quadratic_kappa(parts.T @ times)),
            "mae": steps,
            "closeness": 1 - steps / self._length,
            "adjacent_accuracy": near,
        }

    def interval(self, figure: str, pairs: Sequence[Pair], *, seed: int = 0) -> Interval:
        if figure not in OF_SCALE:
            return self.plain.interval(figure, pairs, seed=seed)
        if figure == "mae":
            low, high = self.interval("closeness", pairs, seed=seed)
            return Interval((1 - high) * self._length, (1 - low) * self._length)
        if figure != "quadratic_kappa":
            return mean_interval([self.one(figure, *pair) for pair in pairs], seed=seed)
        parts, times = self._grouped(pairs)
        if not (parts[:, 1] - parts[:, 2]).any():
            return _all_right(parts, times)
        return bootstrap_sums(Sums(parts, times, quadratic_kappa), seed=seed)

    def rows(self, figure: str, pairs: Sequence[Pair]) -> int | None:
        return None if figure in OF_SCALE else self.plain.rows(figure, pairs)

    def row_sums(self, figure: str, trials: Sequence[Sequence[Pair]]) -> RowSums | None:
        if figure not in OF_SCALE:
            return self.plain.row_sums(figure, trials)
        if figure in ("closeness", "adjacent_accuracy"):
            return None
        parts = tuple(self._parts(pairs) for pairs in trials)
        return RowSums(parts, quadratic_kappa if figure == "quadratic_kappa" else mean_steps)

    @property
    def _length(self) -> int:
        """Steps from one end of the scale to the other."""
        return max(len(self.scale) - 1, 1)

    @cached_property
    def _at(self) -> dict[str, int]:
        return {label: place for place, label in enumerate(self.scale)}

    def _grouped(self, pairs: Sequence[Pair]) -> tuple[Floats, NDArray[np.int64]]:
        import numpy as np

        counted = Counter(pairs)
        return self._parts(list(counted)), np.array(list(counted.values()), dtype=np.int64)

    def _parts(self, pairs: Sequence[Pair]) -> Floats:
        """What each row adds: 1, target t, answer a, t squared, a squared, t times a, |t - a|; (rows, 7)."""
        import numpy as np

        known = {pair: self._places(pair) for pair in set(pairs)}
        t, a = np.array([known[pair] for pair in pairs], dtype=np.float64).reshape(-1, 2).T
        return np.stack([np.ones_like(t), t, a, t**2, a**2, t * a, np.abs(t - a)], axis=1)

    def _places(self, pair: Pair) -> tuple[float, float]:
        """Target and answer in steps from the lowest label; no answer is at the end that is farther off."""
        targets, answers = pair
        wanted = self._place(targets[0]) if targets else None
        given = self._place(answers[0]) if answers and answers != NO_ANSWER else None
        if wanted is None:
            return 0.0, float(self._length)
        if given is None:
            given = 0.0 if wanted > self._length / 2 else float(self._length)
        return wanted, given

    def _place(self, label: str) -> float | None:
        """A number that training rows have not shown lies between its neighbours."""
        if label in self._at:
            return float(self._at[label])
        import numpy as np

        try:
            return float(np.interp(float(label), [float(each) for each in self.scale], range(len(self.scale))))
        except ValueError:
            return None


def quadratic_kappa(sums: Floats) -> Floats:
    """Weighted kappa with squared weights, from sums (..., 7) of what rows add; 0 where neither side varies.

    Source: Cohen, 1968, "Weighted kappa: nominal scale agreement with provision for scaled disagreement or partial
    credit".
    """
    import numpy as np

    n, t, a, tt, aa, ta = (sums[..., i] for i in range(6))
    seen = tt + aa - 2 * ta
    by_chance = tt + aa - np.divide(2 * t * a, n, out=np.zeros_like(np.asarray(t, dtype=float)), where=n > 0)
    ratio = np.divide(seen, by_chance, out=np.ones_like(np.asarray(seen, dtype=float)), where=by_chance > 1e-9)
    found: Floats = 1 - ratio
    return found


def mean_steps(sums: Floats) -> Floats:
    """The mean absolute error in steps, from the same sums."""
    found: Floats = sums[..., 6] / sums[..., 0]
    return found


def _all_right(parts: Floats, times: NDArray[np.int64]) -> Interval:
    """Where no draw would ever see an error: as if each label were right only as often as Wilson's low bound.

    The errors are spread evenly over the other labels, as `bootstrap_confusion` does.
    """
    import numpy as np

    value = float(quadratic_kappa(parts.T @ times))
    places = parts[:, 1]
    errors = np.array([n * (1 - wilson(int(n), int(n)).low) for n in times])
    sums = parts.T @ (times - errors)
    others = len(places) - 1
    for i, place in enumerate(places):
        for j, other in enumerate(places):
            if i != j:
                share = errors[i] / others
                row = np.array([1, place, other, place**2, other**2, place * other, abs(place - other)])
                sums = sums + share * row
    return Interval(min(float(quadratic_kappa(sums)), value), value)
