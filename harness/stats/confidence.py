"""How sure each value of a figure is: a confidence distribution, made from draws of the rows and from seeds.

    rows   0.81 0.84 0.79 ...   4,000 draws of the rows
    seeds  Wobble(scale=0.004, df=2)          the mean of 3 seeds, known only as well as 3 values tell
    below(0.80) -> 0.11                       11 % sure that the true figure is under 0.80

An interval's ends and the p-values of every test are read from the one distribution, so they agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from harness.stats.intervals import Interval, tail_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NO_SPREAD = 1e-12  # sums come in another order in each draw: what differs by less is the same
_RESOLVED = 2.5  # standard deviations within which some thousand draws show the distribution's shape
_FEW = 30  # rows: with as many that vary, half of BCa's bias and skew is believed
_MOST = 2.0  # BCa moves a tail by at most this factor: its formula ends at a pole


class Wobble(NamedTuple):
    """What the mean over seeds varies by: Student's t with `df` degrees of freedom, times `scale`."""

    scale: float
    df: int


@dataclass(frozen=True)
class Confidence:
    """A distribution over the true figure.

    Sources: Efron, 1987, for BCa; Hesterberg, 2015, "What teachers should know about the bootstrap", for Student's
    t in the normal's place; Bonett and Price, 2012, "Adjusted Wald confidence interval for a difference of
    binomial proportions based on paired data", for adding two rows that vary; Xie and Singh, 2013, "Confidence
    distribution, the frequentist distribution estimator of a parameter", for reading intervals and p-values
    from one distribution. With k rows that vary, the t has k + 1 degrees of freedom and its scale grows by
    the root of (k + 2) / k; bias and skew, which few rows tell badly, are believed by k / (k + 30).
    docs/statistics.md has what plain BCa did.

    Attributes:
        value: The estimate.
        points: Values drawn, rising, without the outermost, (points,).
        scores: The normal score of each, (points,). Beyond the ends they go on along a normal tail.
        error: Bootstrap standard error; 0 where all draws are the same.
        bias: BCa's z0.
        skew: BCa's acceleration.
        rows: How many vary: on which the two sides differ, or that are unlike the most frequent kind.
        wobbles: What seeds add, one entry for each strategy with several.
    """

    value: float
    points: Floats
    scores: Floats
    error: float
    bias: float
    skew: float
    rows: int
    wobbles: tuple[Wobble, ...] = ()

    def below(self, value: float) -> float:
        """How sure it is that the true figure is below `value`, 0 to 1."""
        import numpy as np

        moved, weights = _nodes(tuple(w for w in self.wobbles if w.scale > 0))
        return float(np.clip(weights @ self._rows_below(value - moved), 0.0, 1.0))

    def interval(self, level: float) -> Interval:
        """The two-sided interval, half of the risk on each side."""
        tail = tail_of(level)
        if self.error == 0 and not any(w.scale > 0 for w in self.wobbles):
            return Interval(self.value, self.value)
        return Interval(self._quantile(tail), self._quantile(1 - tail))

    def _rows_below(self, values: Floats) -> Floats:
        import numpy as np
        from scipy.special import stdtr

        if self.error == 0:
            return np.where(np.abs(values - self.value) <= NO_SPREAD, 0.5, (values > self.value).astype(float))
        score = np.interp(values, self.points, self.scores)
        score = score + np.minimum(values - self.points[0], 0) / self.error
        score = score + np.maximum(values - self.points[-1], 0) / self.error
        away = score - self.bias
        z = away / np.clip(1 + self.skew * away, 1 / _MOST, _MOST) - self.bias
        below: Floats = stdtr(self.rows + 1, z * (self.rows / (self.rows + 2)) ** 0.5)
        return below

    def _quantile(self, share: float) -> float:
        from scipy.optimize import brentq

        step = self.error + sum(w.scale for w in self.wobbles)
        low = high = self.value
        while self.below(low) >= share:
            low -= step
            step *= 2
        while self.below(high) <= share:
            high += step
            step *= 2
        return float(brentq(lambda value: self.below(value) - share, low, high, xtol=1e-7))


def confidence(
    value: float,
    drawn: Floats,
    left_out: Floats,
    times: NDArray[np.int64],
    *,
    rows: int,
    wobbles: tuple[Wobble, ...] = (),
) -> Confidence:
    """The distribution from a figure's draws.

    Args:
        value: The figure of all rows.
        drawn: Of each draw of rows, (draws,).
        left_out: Of all rows but one of each group, (groups,).
        times: Rows in each group, (groups,).
        rows: How many vary.
        wobbles: What seeds add.
    """
    import numpy as np
    from scipy.special import ndtri

    if rows == 0 or times.sum() == 1 or np.ptp(drawn) < NO_SPREAD:
        point = np.array([value])
        return Confidence(value, point, np.zeros(1), 0.0, 0.0, 0.0, rows, wobbles)
    points, counts = np.unique(np.round(drawn, 12), return_counts=True)
    # The middle of each step: half of the draws that tie with a value count as under it.
    scores = ndtri((np.cumsum(counts) - counts / 2) / len(drawn))
    bias = float(np.interp(value, points, scores))
    believed = rows / (rows + _FEW)
    keep = np.abs(scores) <= _RESOLVED
    away = np.average(left_out, weights=times) - left_out
    spread = float((times * away**2).sum())
    skew = float((times * away**3).sum()) / (6 * spread**1.5) if spread > 0 else 0.0
    return Confidence(
        value=value,
        points=points[keep],
        scores=scores[keep],
        error=float(np.std(drawn)),
        bias=bias * believed,
        skew=skew * believed,
        rows=rows,
        wobbles=wobbles,
    )


def _nodes(wobbles: tuple[Wobble, ...]) -> tuple[Floats, Floats]:
    """Shifts (nodes,) and their weights (nodes,): the sum of independent t's, integrated on a grid.

    A grid and not draws: it resolves tails of one in ten thousand, and the same data give the same p.
    """
    import numpy as np
    from scipy.special import ndtr, stdtrit

    moved, weights = np.zeros(1), np.ones(1)
    z = np.linspace(-4.5, 4.5, 121 if len(wobbles) < 2 else 49)
    density = np.exp(-z * z / 2)
    for wobble in wobbles:
        t = np.where(z == 0, 0.0, stdtrit(wobble.df, ndtr(z)))
        moved = np.add.outer(moved, wobble.scale * t).ravel()
        weights = np.multiply.outer(weights, density / density.sum()).ravel()
    return moved, weights
