"""Scores of tasks whose answer is any number of labels, in any order.

    targets ("late", "rude")   answers ("rude",)   exact_set 0, jaccard 0.5, F1 0.667
    targets ()                 answers ()          exact_set 1, jaccard 1,   F1 1

No labels is an answer here, and the right one where there was nothing to find.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.records import Kind
from harness.scoring import tally
from harness.scoring.bylabel import label_figure
from harness.scoring.rowsums import RowSums
from harness.scoring.tally import Pair
from harness.stats import Interval, Sums, bounded_sums, mean_interval

_OF_ROWS = ("exact_set", "jaccard")
_OF_COUNTS = {"micro_f1": tally.micro_f1, "macro_f1": tally.macro_f1}


@dataclass(frozen=True)
class LabelsScorer:
    """Subset accuracy (`exact_set`), Jaccard's index, micro- and macro-F1; each label's figures.

    `exact_set` and `jaccard` are means over rows. A row's own score for an F1 is the F1 of its two sets.
    """

    kinds: frozenset[Kind] = frozenset({"labels"})
    figures: Sequence[str] = ("exact_set", "jaccard", "micro_f1", "macro_f1")

    def one(self, figure: str, targets: tuple[str, ...], answers: tuple[str, ...]) -> float:
        wanted, given = set(targets), set(answers)
        if figure == "exact_set":
            return float(wanted == given)
        if not wanted and not given:
            return 1.0
        shared = len(wanted & given)
        if figure == "jaccard":
            return shared / len(wanted | given)
        return 2 * shared / (len(wanted) + len(given))

    def whole(self, pairs: Sequence[Pair]) -> Mapping[str, float]:
        if not pairs:
            return {}
        times = Counter(pairs)
        found = tally.tally(times)
        of_rows = {
            figure: sum(n * self.one(figure, *pair) for pair, n in times.items()) / len(pairs)
            for figure in _OF_ROWS
        }
        of_counts = {name: float(figure(found.counts)) for name, figure in _OF_COUNTS.items()}
        return of_rows | of_counts | tally.by_label(found)

    def interval(self, figure: str, pairs: Sequence[Pair], *, seed: int = 0) -> Interval:
        import numpy as np

        if figure in _OF_ROWS:
            return mean_interval([self.one(figure, *pair) for pair in pairs], seed=seed)
        one = tally.of_label(figure)
        if one and (known := label_figure(one, Counter(pairs))):
            return known.interval
        times = Counter((tuple(sorted(set(t))), tuple(sorted(set(a)))) for t, a in pairs)
        labels = tally.tally(times).labels
        counts = np.array(list(times.values()), dtype=np.int64)
        sums = Sums(tally.parts(list(times), labels), counts, tally.figure(figure, _OF_COUNTS, labels))
        return bounded_sums(sums, seed=seed)

    def rows(self, figure: str, pairs: Sequence[Pair]) -> int | None:
        one = tally.of_label(figure)
        known = label_figure(one, Counter(pairs)) if one else None
        return known.rows if known else None

    def row_sums(self, figure: str, trials: Sequence[Sequence[Pair]]) -> RowSums | None:
        if figure in _OF_ROWS:
            return None
        labels = tally.tally(Counter(pair for pairs in trials for pair in pairs)).labels
        parts = tuple(tally.parts(pairs, labels) for pairs in trials)
        return RowSums(parts, tally.figure(figure, _OF_COUNTS, labels), of_few=figure not in _OF_COUNTS)
