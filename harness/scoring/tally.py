"""Figures of closed questions, all from three counts of each label.

    label      hits  targets  answers
    positive     87       92       95      <- right; rows with this target; rows with this answer
    negative     80       88       85

`label` and `labels` tasks share them. Each figure takes counts of shape (..., 3, labels), so that thousands
of resamples are one call, and gives an array of shape (...).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Figure = Callable[[Floats], Floats]

Pair = tuple[tuple[str, ...], tuple[str, ...]]
"""A row's targets and its answers."""

NO_ANSWER = ("\0no answer",)
"""Stands for the answers of a row that failed, where a set is scored with its failures: it equals no target."""


class Tally(NamedTuple):
    """Counts by label.

    Attributes:
        labels: Every label that is a target or an answer, sorted.
        counts: Hits, targets and answers, (3, labels).
    """

    labels: tuple[str, ...]
    counts: Floats


def tally(times: Mapping[Pair, int]) -> Tally:
    """Counts labels. A row without an answer has none among its answers.

    Args:
        times: How often each pair of targets and answers occurs; a label named twice in one counts once.
    """
    import numpy as np

    hits: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    given: Counter[str] = Counter()
    for (targets, answers), n in times.items():
        known = set() if answers == NO_ANSWER else set(answers)
        for label in set(targets):
            wanted[label] += n
        for label in known:
            given[label] += n
        for label in known & set(targets):
            hits[label] += n
    labels = tuple(sorted(wanted.keys() | given.keys()))
    counts = [[each[label] for label in labels] for each in (hits, wanted, given)]
    return Tally(labels, np.array(counts, dtype=np.float64).reshape(3, len(labels)))


def parts(groups: Sequence[Pair], labels: Sequence[str]) -> Floats:
    """What one row of each group adds to the counts, (groups, 3, labels)."""
    import numpy as np

    place = {label: i for i, label in enumerate(labels)}
    counts = np.zeros((len(groups), 3, len(labels)))
    for g, (targets, answers) in enumerate(groups):
        known = () if answers == NO_ANSWER else answers
        found = [place[label] for label in targets], [place[label] for label in known]
        counts[g, 0, list(set(found[0]) & set(found[1]))] = 1
        counts[g, 1, found[0]] = 1
        counts[g, 2, found[1]] = 1
    return counts


def accuracy(counts: Floats) -> Floats:
    """The share of rows that are right, where each row has one target."""
    hits, targets, _ = _split(counts)
    return _ratio(hits.sum(axis=-1), targets.sum(axis=-1))


def balanced_accuracy(counts: Floats) -> Floats:
    """The mean recall of the labels that are targets (Brodersen et al., 2010, "The balanced accuracy")."""
    hits, targets, _ = _split(counts)
    return _mean(_ratio(hits, targets), targets > 0)


def macro_f1(counts: Floats) -> Floats:
    """The mean F1 of the labels that are a target or an answer; 1 where there is none of either."""
    _, targets, answers = _split(counts)
    return _mean(f1(counts), targets + answers > 0)


def micro_f1(counts: Floats) -> Floats:
    """F1 over all labels together; 1 where there is neither a target nor an answer."""
    hits, targets, answers = (each.sum(axis=-1) for each in _split(counts))
    return _ratio(2 * hits, targets + answers, empty=1.0)


def micro_share(counts: Floats, of: int) -> Floats:
    """Hits over all labels, as a share of the targets (1) or of the answers (2); 1 where there is neither."""
    hits, targets, answers = (each.sum(axis=-1) for each in _split(counts))
    found: Floats = _ratio(hits, answers if of == 2 else targets)
    found[targets + answers == 0] = 1.0
    return found


def share_of_sums(sums: Floats) -> Floats:
    """What happened of what could have, (..., 2) to (...)."""
    return _ratio(sums[..., 0], sums[..., 1])


def mcc(counts: Floats) -> Floats:
    """Matthews' correlation coefficient for any number of labels, -1 to 1; 0 where one side never varies.

    Source: Gorodkin, 2004, "Comparing two K-category assignments by a K-category correlation coefficient".
    Rows without an answer are a category of their own among the answers.
    """
    import numpy as np

    hits, targets, answers = _split(counts)
    rows = targets.sum(axis=-1)
    unanswered = rows - answers.sum(axis=-1)
    covariance = hits.sum(axis=-1) * rows - (targets * answers).sum(axis=-1)
    of_targets = rows**2 - (targets**2).sum(axis=-1)
    of_answers = rows**2 - (answers**2).sum(axis=-1) - unanswered**2
    return _ratio(covariance, np.sqrt(np.maximum(of_targets * of_answers, 0)))


def precision(counts: Floats) -> Floats:
    """By label, (..., labels): the share of its answers that are right; 0 where it has none."""
    hits, _, answers = _split(counts)
    return _ratio(hits, answers)


def recall(counts: Floats) -> Floats:
    """By label, (..., labels): the share of its targets that are found; 0 where it has none."""
    hits, targets, _ = _split(counts)
    return _ratio(hits, targets)


def f1(counts: Floats) -> Floats:
    """By label, (..., labels): the harmonic mean of precision and recall."""
    hits, targets, answers = _split(counts)
    return _ratio(2 * hits, targets + answers)


def figure(name: str, known: Mapping[str, Figure], labels: Sequence[str]) -> Figure:
    """A figure of counts by its name: one of `known`, or one label's own, such as ``f1[positive]``.

    Raises:
        ValueError: There is no such figure.
    """
    if name in known:
        return known[name]
    one = of_label(name)
    if one is None or one.label not in labels:
        raise ValueError(f"there is no figure {name!r} of these labels")
    by_each, place = _OF_LABEL[one.figure], list(labels).index(one.label)
    return lambda counts: by_each(counts)[..., place]


class OfLabel(NamedTuple):
    """One label's own figure: ``f1[positive]`` is the `f1` of `positive`."""

    figure: str
    label: str


def of_label(name: str) -> OfLabel | None:
    """What a name such as ``f1[positive]`` says; None for a figure of all labels."""
    figure, bracket, label = name.removesuffix("]").partition("[")
    return OfLabel(figure, label) if bracket and figure in _OF_LABEL else None


_OF_LABEL = {"precision": precision, "recall": recall, "f1": f1}


def by_label(found: Tally) -> dict[str, float]:
    """Precision, recall, F1 and support of each label, as ``f1[positive]``."""
    rows = {
        "precision": precision(found.counts),
        "recall": recall(found.counts),
        "f1": f1(found.counts),
        "support": found.counts[1],
    }
    return {
        f"{name}[{label}]": float(values[i])
        for i, label in enumerate(found.labels)
        for name, values in rows.items()
    }


def _split(counts: Floats) -> tuple[Floats, Floats, Floats]:
    return counts[..., 0, :], counts[..., 1, :], counts[..., 2, :]


def _ratio(above: Floats, below: Floats, empty: float = 0.0) -> Floats:
    import numpy as np

    found: Floats = np.full(np.shape(above), empty)
    np.divide(above, below, out=found, where=below > 0)
    return found


def _mean(values: Floats, present: NDArray[np.bool_]) -> Floats:
    """Over the labels that are present; 1 where none is."""
    import numpy as np

    shown: Floats = present.astype(np.float64)
    return _ratio((values * shown).sum(axis=-1), shown.sum(axis=-1), empty=1.0)
