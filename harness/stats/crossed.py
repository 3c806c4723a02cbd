"""Figures of strategies with several seeds on the same rows: their intervals and their differences.

    a_trials  two seeds, two groups of like rows   [[[1.], [0.]], [[1.], [1.]]]
    b_trials  one seed                             [[[0.], [0.]]]
    times     rows in each group                   [210, 90]

The figure is the mean over a strategy's seeds. Rows are drawn together for all trials; three seeds are too few
to draw from: their mean varies as Student's t in place of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from harness.stats.bootstrap import blocks
from harness.stats.confidence import Confidence, confidence
from harness.stats.intervals import LEVEL, Interval, wilson
from harness.stats.paired import Difference, check_margin
from harness.stats.seeds import wobble

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from harness.stats.bootstrap import Figure, Floats

DRAWS = 4000


class Paired(NamedTuple):
    """One trial of each of two strategies on the same rows.

    Attributes:
        parts_a: What one row of each group adds to the sums of strategy a, (groups, ...).
        parts_b: The same for strategy b.
        times: How many rows each group has, (groups,).
        figure: From sums, (draws, ...), to figures, (draws,).
    """

    parts_a: Floats
    parts_b: Floats
    times: NDArray[np.int64]
    figure: Figure


class Trials(NamedTuple):
    """Trials as one matrix: `parts` is (groups, trials * numbers), a trial's numbers have `shape`."""

    parts: Floats
    times: NDArray[np.int64]
    figure: Figure
    shape: tuple[int, ...]

    def of_sums(self, sums: Floats) -> Floats:
        """Figures (draws, trials) of sums (draws, trials * numbers)."""
        import numpy as np

        each = sums.reshape(len(sums), -1, *self.shape)
        return np.stack([self.figure(each[:, trial]) for trial in range(each.shape[1])], axis=1)

    def of_all(self) -> Floats:
        """Figures (trials,) of all rows."""
        found: Floats = self.of_sums((self.times @ self.parts)[None])[0]
        return found

    def of_draws(self, resamples: int, seed: int) -> Floats:
        """Figures (resamples, trials), rows drawn with replacement, the same for every trial."""
        import numpy as np

        rng = np.random.default_rng(seed)
        n = int(self.times.sum())
        return np.concatenate([
            self.of_sums(rng.multinomial(n, self.times / n, size=size).astype(np.float64) @ self.parts)
            for size in blocks(resamples, len(self.parts) + self.parts.shape[1])
        ])  # fmt: skip

    def of_left_out(self) -> Floats:
        """Figures (groups, trials) without one row of each group."""
        import numpy as np

        if self.times.sum() == 1:  # nothing is left
            return np.zeros_like(self.of_all()[None])
        total = self.times @ self.parts
        found, start = [], 0
        for size in blocks(len(self.parts), self.parts.shape[1]):
            found.append(self.of_sums(total - self.parts[start : start + size]))
            start += size
        return np.concatenate(found)


def stacked(trials: Sequence[Floats], times: NDArray[np.int64], figure: Figure) -> Trials:
    """Checks the trials' shapes and puts them side by side."""
    import numpy as np

    if not trials:
        raise ValueError("there is no figure of no trials")
    counts = np.asarray(times, dtype=np.int64)
    if not counts.any():
        raise ValueError("there is no figure of no rows")
    each = [np.asarray(trial, dtype=np.float64) for trial in trials]
    shapes = {trial.shape for trial in each}
    if len(shapes) > 1 or len(each[0]) != len(counts):
        raise ValueError(f"trials of shapes {sorted(shapes)} do not stand on the same {len(counts)} groups")
    present = counts > 0
    flat = np.concatenate([trial.reshape(len(counts), -1) for trial in each], axis=1)
    return Trials(flat[present], counts[present], figure, each[0].shape[1:])


def crossed_interval(
    trials: Sequence[Floats],
    times: NDArray[np.int64],
    figure: Figure,
    *,
    seeds: Sequence[int] | None = None,
    level: float = LEVEL,
    seed: int = 0,
    resamples: int = DRAWS,
) -> Interval:
    """Interval of the mean over seeds of a figure of a whole set: rows and seeds vary together.

    Rows: BCa bootstrap, drawn jointly. Seeds: their mean varies as Student's t with S - 1 degrees of freedom
    and the scale sd / sqrt(S) (Behrens and Fisher's fiducial sum). Drawing 2 or 3 seeds with replacement instead
    is far too narrow: see docs/statistics.md. One trial says nothing of seeds: the interval is the rows' alone.
    It has no width where neither draws nor seeds vary, as where every row is right: `across_seeds` serves there.

    Args:
        trials: Each trial's parts, (groups, ...), as in `Sums`.
        times: How many rows each group has, (groups,).
        figure: From sums, (draws, ...), to figures, (draws,).
        seeds: Each trial's seed, where some are repeats of one; None for a seed each.
        level: Confidence.
        seed: Of the draws.
        resamples: How many sets are drawn.
    """
    side = stacked(trials, times, figure)
    n = int(side.times.sum())
    each = side.of_all()
    return confidence(
        float(each.mean()),
        side.of_draws(resamples, seed).mean(axis=1),
        side.of_left_out().mean(axis=1),
        side.times,
        rows=n - int(side.times.max()),
        wobbles=(wobble(each, seeds),),
    ).interval(level)


def crossed_difference(  # noqa: PLR0913 - two sides, their rows and the margin; the rest has defaults
    a_trials: Sequence[Floats],
    b_trials: Sequence[Floats],
    times: NDArray[np.int64],
    figure: Figure,
    margin: float,
    *,
    seeds: tuple[Sequence[int], Sequence[int]] | None = None,
    level: float = LEVEL,
    seed: int = 0,
    resamples: int = DRAWS,
) -> Difference:
    """Difference of two strategies' figures, means over their seeds, on the same rows.

    The interval is as `crossed_interval`'s; rows on which all trials agree say nothing of which is better.
    `p_value` is the level at which the interval would just touch 0, and never under 2**(1 - k) for k rows on
    which the trials differ at all, which is the least that any test by exchange of the two sides can give.
    `p_tied` is the larger p of two one-sided tests (Schuirmann, 1987), read from the interval's own
    distribution, and never under (1 - margin)**n, the chance that n rows show none of what a share `margin` of
    all rows has. Beyond what draws resolve both go on along a normal tail with the bootstrap's standard error.

    Args:
        a_trials: Each seed's parts of strategy a, (groups, ...).
        b_trials: The same for strategy b; the number of seeds may differ.
        times: How many rows each group has, (groups,).
        figure: From sums, (draws, ...), to figures, (draws,); between 0 and 1.
        margin: The difference that matters, in the figure's unit.
        seeds: Each trial's seed on either side, where some are repeats of one; None for a seed each.
        level: Confidence.
        seed: Of the draws.
        resamples: How many sets are drawn.
    """
    check_margin(margin)
    both = stacked([*a_trials, *b_trials], times, figure)
    split = len(a_trials)
    if not 0 < split < split + len(b_trials):
        raise ValueError("a difference takes at least one trial of each side")

    def gap(figures: Floats) -> Floats:
        found: Floats = figures[:, :split].mean(axis=1) - figures[:, split:].mean(axis=1)
        return found

    n = int(both.times.sum())
    by_trial = both.parts.reshape(len(both.parts), split + len(b_trials), -1)
    differ = int(both.times[(by_trial != by_trial[:, :1]).any(axis=(1, 2))].sum())
    none_seen = max(0.0, 1 - margin) ** n
    if differ == 0:
        most = wilson(0, n, level).high
        return Difference(0.0, -most, most, 1.0, none_seen)
    each = both.of_all()
    of_a, of_b = seeds if seeds is not None else (None, None)
    found = confidence(
        float(gap(each[None])[0]),
        gap(both.of_draws(resamples, seed)),
        gap(both.of_left_out()),
        both.times,
        rows=differ,
        wobbles=(wobble(each[:split], of_a), wobble(each[split:], of_b)),
    )
    return _tested(found, margin, none_seen, level)


def paired_bootstrap(
    pair: Paired, margin: float, *, level: float = LEVEL, seed: int = 0, resamples: int = DRAWS
) -> Difference:
    """Difference of a figure of a whole set between two strategies, one trial each, on the same rows.

    Source: Efron, 1987. It is the plain case of `crossed_difference`.

    Args:
        pair: The two sides.
        margin: The difference that matters, in the figure's unit.
        level: Confidence.
        seed: Of the draws.
        resamples: How many sets are drawn.
    """
    return crossed_difference(
        [pair.parts_a],
        [pair.parts_b],
        pair.times,
        pair.figure,
        margin,
        level=level,
        seed=seed,
        resamples=resamples,
    )


def _tested(found: Confidence, margin: float, none_seen: float, level: float) -> Difference:
    below = found.below(0.0)
    p_value = max(2 * min(below, 1 - below), 2.0 ** (1 - found.rows))
    p_tied = max(found.below(-margin), 1 - found.below(margin), none_seen)
    low, high = found.interval(level)
    if low == high:
        # No draw varies, as where one side has every row right and the other none: Wilson's bound of as many
        # rows as differ.
        unseen = wilson(0, found.rows, level).high
        low, high = low - unseen, high + unseen
    return Difference(found.value, low, high, min(p_value, 1.0), min(p_tied, 1.0))
