"""Scores of tasks whose answer is one label of several.

    targets ("positive",)   answers ("negative",)   accuracy 0
    targets ("positive",)   answers ()              accuracy 0

No answer is a wrong one, but no answer of any label.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from harness.models import Scorer
from harness.records import Brief, Kind
from harness.scoring import tally
from harness.scoring.bylabel import label_figure, recall_interval
from harness.scoring.rowsums import RowSums
from harness.scoring.tally import NO_ANSWER, Pair
from harness.stats import Interval, bootstrap_confusion, mean_interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FIGURES = {
    "accuracy": tally.accuracy,
    "balanced_accuracy": tally.balanced_accuracy,
    "macro_f1": tally.macro_f1,
    "mcc": tally.mcc,
}


class Confusion(NamedTuple):
    """Which answers were given for which targets.

    Attributes:
        labels: In the order of the rows and columns.
        counts: Targets by answers, (labels, labels + 1); the last column counts rows without an answer.
    """

    labels: tuple[str, ...]
    counts: NDArray[np.int64]


@dataclass(frozen=True)
class LabelScorer:
    """Accuracy, balanced accuracy, macro-F1 and MCC; each label's precision, recall, F1 and support.

    A row's own score is 1 if it is right and 0 if it is not, whatever the figure. Macro-F1 averages over the
    labels that are a target or an answer of some row, as scikit-learn does.
    """

    kinds: frozenset[Kind] = frozenset({"label"})
    figures: Sequence[str] = tuple(_FIGURES)

    def of_task(self, brief: Brief) -> Scorer:
        """Of a scale, the scorer that tells how far off answers are, too."""
        from harness.scoring.ordinal import OrdinalScorer  # which builds on this one

        return OrdinalScorer(tuple(brief.labels), self) if brief.ordered else self

    def one(self, figure: str, targets: tuple[str, ...], answers: tuple[str, ...]) -> float:
        return float(bool(answers) and answers[:1] == targets[:1])

    def whole(self, pairs: Sequence[Pair]) -> Mapping[str, float]:
        if not pairs:
            return {}
        found = tally.tally(_firsts(pairs))
        figures = {name: float(figure(found.counts)) for name, figure in _FIGURES.items()}
        return figures | tally.by_label(found)

    def interval(self, figure: str, pairs: Sequence[Pair], *, seed: int = 0) -> Interval:
        if figure == "accuracy":
            return mean_interval([self.one(figure, *pair) for pair in pairs], seed=seed)
        one = tally.of_label(figure)
        if one and (known := label_figure(one, _firsts(pairs))):
            return known.interval
        counted = confusion(pairs)
        drawn = bootstrap_confusion(counted.counts, tally.figure(figure, _FIGURES, counted.labels), seed=seed)
        return recall_interval(tally.tally(_firsts(pairs)), drawn) if figure == "balanced_accuracy" else drawn

    def rows(self, figure: str, pairs: Sequence[Pair]) -> int | None:
        one = tally.of_label(figure)
        known = label_figure(one, _firsts(pairs)) if one else None
        return known.rows if known else None

    def row_sums(self, figure: str, trials: Sequence[Sequence[Pair]]) -> RowSums | None:
        if figure == "accuracy":
            return None
        firsts = [[_first(pair) for pair in pairs] for pairs in trials]
        labels = tally.tally(Counter(pair for pairs in firsts for pair in pairs)).labels
        parts = tuple(tally.parts(pairs, labels) for pairs in firsts)
        return RowSums(parts, tally.figure(figure, _FIGURES, labels), of_few=figure not in ("macro_f1", "mcc"))


def confusion(pairs: Sequence[Pair], labels: Iterable[str] = ()) -> Confusion:
    """Counts answers by target.

    Args:
        pairs: Targets and answers of each row.
        labels: Their order; what they leave out comes behind them, sorted.
    """
    import numpy as np

    times = _firsts(pairs)
    known = dict.fromkeys(labels)
    known.update(dict.fromkeys(sorted({label for pair in times for side in pair for label in side})))
    place = {label: i for i, label in enumerate(known)}
    counts = np.zeros((len(place), len(place) + 1), dtype=np.int64)
    for (targets, answers), n in times.items():
        counts[place[targets[0]], place[answers[0]] if answers else -1] += n
    return Confusion(tuple(place), counts)


def _firsts(pairs: Sequence[Pair]) -> Counter[Pair]:
    """How often each target goes with each answer; a task of this kind has one of each."""
    return Counter(map(_first, pairs))


def _first(pair: Pair) -> Pair:
    targets, answers = pair
    return targets[:1], () if answers == NO_ANSWER else answers[:1]
