"""Intervals of figures that have no formula: by drawing the rows again, with replacement.

    bootstrap([0.4, 1.0, 0.8, ...])         -> Interval of their mean
    bootstrap_confusion(counts, macro_f1)   -> Interval of a figure that no row has alone

Every draw comes from `seed`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from harness.stats.intervals import LEVEL, Interval, normal_quantile, tail_of, wilson

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Figure = Callable[[Floats], Floats]

RESAMPLES = 2000
_AT_ONCE = 4_000_000  # numbers in one block of resamples: 32 MB


class Sums(NamedTuple):
    """A figure of a whole set as a function of sums over its rows, with rows that are alike counted once.

    Attributes:
        parts: What one row of each group adds to the sums, (groups, ...).
        times: How many rows each group has, (groups,).
        figure: From sums, (draws, ...), to figures, (draws,).
    """

    parts: Floats
    times: NDArray[np.int64]
    figure: Figure


def mean_interval(scores: Sequence[float], level: float = LEVEL, seed: int = 0) -> Interval:
    """Interval of the mean of rows' scores: Wilson's where each is 0 or 1, else the bootstrap's."""
    if scores and all(score in (0.0, 1.0) for score in scores):
        return wilson(int(sum(scores)), len(scores), level)
    return bootstrap(scores, level=level, seed=seed)


def bootstrap(
    values: Sequence[float], *, level: float = LEVEL, resamples: int = RESAMPLES, seed: int = 0
) -> Interval:
    """BCa bootstrap interval of a mean.

    Source: Efron, 1987, "Better bootstrap confidence intervals". Values that are all the same give
    an interval without width, for a bootstrap sees no spread: use `mean_interval` for scores that may be all
    right or all wrong.

    Args:
        values: One for each row.
        level: Confidence.
        resamples: How many sets are drawn; the memory it takes does not grow with it.
        seed: Of the draws.
    """
    import numpy as np

    if len(values) == 0:
        raise ValueError("there is no mean of no values")
    found, times = np.unique(np.asarray(values, dtype=np.float64), return_counts=True)
    parts = np.column_stack([found, np.ones_like(found)])
    sums = Sums(parts, times.astype(np.int64), lambda s: s[..., 0] / s[..., 1])
    return bootstrap_sums(sums, level=level, resamples=resamples, seed=seed)


def bootstrap_sums(sums: Sums, *, level: float = LEVEL, resamples: int = RESAMPLES, seed: int = 0) -> Interval:
    """BCa bootstrap interval of a figure of a whole set, such as macro-F1 or BLEU.

    Source: Efron, 1987, "Better bootstrap confidence intervals". Groups of like rows are drawn
    multinomially, which is the same as drawing rows with replacement and costs nothing for more of the same.

    Args:
        sums: The figure, as a function of sums over rows.
        level: Confidence.
        resamples: How many sets are drawn.
        seed: Of the draws.
    """
    import numpy as np

    times = np.asarray(sums.times, dtype=np.int64)
    n = int(times.sum())
    if n == 0:
        raise ValueError("there is no figure of no rows")
    parts = np.asarray(sums.parts, dtype=np.float64)
    shape, flat = parts.shape[1:], parts.reshape(len(parts), -1)
    total = times.astype(np.float64) @ flat
    value = float(sums.figure(total.reshape(1, *shape))[0])
    rng = np.random.default_rng(seed)
    drawn = np.concatenate([
        sums.figure((rng.multinomial(n, times / n, size=size).astype(np.float64) @ flat).reshape(size, *shape))
        for size in blocks(resamples, len(parts) + flat.shape[1])
    ])  # fmt: skip
    if n == 1 or np.ptp(drawn) < 1e-12:
        return Interval(value, value)
    left_out, start = [], 0
    for size in blocks(len(flat), flat.shape[1]):
        left_out.append(sums.figure((total - flat[start : start + size]).reshape(size, *shape)))
        start += size
    return _bca(value, drawn, np.concatenate(left_out), times, level)


def bounded_sums(sums: Sums, *, level: float = LEVEL, seed: int = 0) -> Interval:
    """`bootstrap_sums` of a figure that is 1 when every row is perfect and 0 when none has any part right.

    There a bootstrap sees no spread; Wilson's bound for as many rows that are all right, or all wrong, stands
    in for the one it lacks.
    """
    found = bootstrap_sums(sums, level=level, seed=seed)
    n = int(sums.times.sum())
    if found == Interval(1.0, 1.0):
        return wilson(n, n, level)
    if found == Interval(0.0, 0.0):
        return wilson(0, n, level)
    return found


def bootstrap_confusion(
    counts: ArrayLike, figure: Figure, *, level: float = LEVEL, resamples: int = RESAMPLES, seed: int = 0
) -> Interval:
    """BCa bootstrap interval of a figure of a confusion matrix, at the same cost for any number of rows.

    Source: Efron, 1987, "Better bootstrap confidence intervals"; the matrix's cells are drawn.
    Where every row is right, no resample would ever see an error. There the low bound is the figure of a set
    in which each label is right only as often as Wilson's low bound for its own rows, the errors spread evenly
    over the other labels.

    Args:
        counts: Rows by target and answer, (labels, labels), or (labels, labels + 1) where the last column
            counts rows without an answer.
        figure: From the sums ``(draws, 3, labels)`` to figures ``(draws,)``; the three are each label's hits,
            targets and answers. `harness.scoring.tally` has them.
        level: Confidence.
        resamples: How many sets are drawn.
        seed: Of the draws.
    """
    import numpy as np

    table = np.asarray(counts, dtype=np.int64)
    labels = len(table)
    targets, answers = np.nonzero(table)
    times = table[targets, answers]
    parts = np.zeros((len(times), 3, labels))
    group = np.arange(len(times))
    answered = answers < labels
    right = targets == answers
    parts[group[right], 0, targets[right]] = 1
    parts[group, 1, targets] = 1
    parts[group[answered], 2, answers[answered]] = 1
    if len(times) and right.all():
        return _all_right(table.diagonal().astype(np.float64), figure, level)
    return bootstrap_sums(Sums(parts, times, figure), level=level, resamples=resamples, seed=seed)


def bootstrap_rows(
    n: int,
    figure: Callable[[Sequence[int]], float],
    *,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Percentile bootstrap interval of any figure of a whole set.

    Source: Efron, 1979, "Bootstrap methods: another look at the jackknife". The slow way, for figures that are
    known only as a function of rows: it calls `figure` once a resample.

    Args:
        n: How many rows there are.
        figure: From row numbers, some of them several times, to the figure of those rows.
        level: Confidence.
        resamples: How many sets are drawn.
        seed: Of the draws.
    """
    import numpy as np

    tail = tail_of(level)
    rng = np.random.default_rng(seed)
    drawn = [figure(rng.integers(n, size=n).tolist()) for _ in range(resamples)]
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return Interval(float(low), float(high))


def _bca(value: float, drawn: Floats, left_out: Floats, times: NDArray[np.int64], level: float) -> Interval:
    """Corrects the percentiles of `drawn` for bias and for skew; `left_out` is the jackknife by group."""
    import numpy as np
    from scipy.special import ndtr, ndtri

    # Sums come in another order in each draw: what differs by rounding is a tie.
    tied = np.isclose(drawn, value, rtol=1e-12, atol=1e-12)
    under = float(np.mean(~tied & (drawn < value)) + np.mean(tied) / 2)
    bias = ndtri(min(max(under, 0.5 / len(drawn)), 1 - 0.5 / len(drawn)))
    away = np.average(left_out, weights=times) - left_out
    spread = float((times * away**2).sum())
    skew = float((times * away**3).sum()) / (6 * spread**1.5) if spread > 0 else 0.0
    z = normal_quantile(level)
    shares = []
    for side in (-z, z):
        moved = bias + side
        shares.append(float(ndtr(bias + moved / max(1 - skew * moved, 1e-9))))
    low, high = np.quantile(drawn, shares)
    return Interval(float(low), float(high))


def _all_right(rows: Floats, figure: Figure, level: float) -> Interval:
    import numpy as np

    present = np.flatnonzero(rows)
    n = rows[present]
    hits = n * np.array([wilson(int(each), int(each), level).low for each in n])
    errors = n - hits
    others = len(present) - 1
    sums = np.zeros((2, 3, len(rows)))
    sums[0, :, present] = np.column_stack([n, n, n])
    claimed = (errors.sum() - errors) / others if others else 0.0  # one label: its errors have no answer
    sums[1, :, present] = np.column_stack([hits, n, hits + claimed])
    high, low = figure(sums)
    return Interval(float(low), float(high))


def blocks(count: int, width: int) -> Iterator[int]:
    """Sizes that sum to `count`, each so small that size * width numbers fit at once."""
    size = max(1, _AT_ONCE // max(1, width))
    for start in range(0, count, size):
        yield min(size, count - start)
