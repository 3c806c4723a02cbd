"""A figure as a function of sums over rows, so that rows of several trials can be drawn together.

row   accuracy         macro_f1: hits, targets, answers by label
1     right, rows 1 1  [[1, 0], [1, 0], [1, 0]]
2     right, rows 0 1  [[0, 0], [0, 1], [1, 0]]

Every trial's parts stand in the order of the same rows; one function turns the sums of any trial into its figure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from harness.models import Scorer
from harness.scoring.tally import Pair

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Figure = Callable[[Floats], Floats]


class RowSums(NamedTuple):
    """A figure of several trials on the same rows.

    Attributes:
        parts: What each row adds, for each trial (rows, ...).
        figure: From sums, (draws, ...), to figures, (draws,).
        is_mean: Whether the figure is the mean of a score that each row has: then parts are (score, 1).
        of_few: Whether it rests on the rows of single labels, of which draws see too little: each trial's own
            interval is to be taken.
    """

    parts: tuple[Floats, ...]
    figure: Figure
    is_mean: bool = False
    of_few: bool = False

    @property
    def scores(self) -> tuple[Floats, ...]:
        """Rows' own scores, for each trial (rows,); only where `is_mean`."""
        assert self.is_mean
        return tuple(part[:, 0] for part in self.parts)


@runtime_checkable
class KnowsSums(Protocol):
    """A scorer some of whose figures are functions of sums over rows; None for a mean of rows' scores."""

    def row_sums(self, figure: str, trials: Sequence[Sequence[Pair]]) -> RowSums | None: ...


def row_sums(scorer: Scorer, figure: str, trials: Sequence[Sequence[Pair]]) -> RowSums:
    """A figure of trials on the same rows as a function of sums.

    A plugin's figure that is no mean of rows' scores is computed anew for every draw, from its pairs drawn
    again: right, and slow.

    Args:
        scorer: Who gives the figure; one with a method `row_sums` of its own is asked.
        figure: Its name.
        trials: Targets and answers of each row, for each trial in the same order of rows; none empty.
    """
    if isinstance(scorer, KnowsSums):
        known = scorer.row_sums(figure, trials)
        return known if known is not None else mean_of_rows(scorer, figure, trials)
    means = all(
        math.isclose(
            math.fsum(scorer.one(figure, *pair) for pair in pairs) / len(pairs),
            scorer.whole(pairs)[figure],
            abs_tol=1e-9,
        )
        for pairs in trials
    )
    return mean_of_rows(scorer, figure, trials) if means else _drawn_again(scorer, figure, trials)


def mean_of_rows(scorer: Scorer, figure: str, trials: Sequence[Sequence[Pair]]) -> RowSums:
    import numpy as np

    parts = tuple(
        np.array([(scorer.one(figure, *pair), 1.0) for pair in pairs], dtype=np.float64) for pairs in trials
    )
    return RowSums(parts, lambda sums: sums[..., 0] / sums[..., 1], is_mean=True)


def _drawn_again(scorer: Scorer, figure: str, trials: Sequence[Sequence[Pair]]) -> RowSums:
    import numpy as np

    known = list(dict.fromkeys(pair for pairs in trials for pair in pairs))
    place = {pair: i for i, pair in enumerate(known)}
    parts = []
    for pairs in trials:
        each = np.zeros((len(pairs), len(known)))
        each[np.arange(len(pairs)), [place[pair] for pair in pairs]] = 1
        parts.append(each)

    def of_counts(counts: Floats) -> Floats:
        drawn = [[p for p, n in zip(known, row, strict=True) for _ in range(round(n))] for row in counts]
        return np.array([scorer.whole(pairs)[figure] for pairs in drawn])

    return RowSums(tuple(parts), of_counts)
