"""How well a strategy does on parts of the test rows, and whether the parts differ.

channel=phone   0.703 (0.591 to 0.795, n = 74)
channel=mail    0.858 (0.807 to 0.898, n = 226)      gap 0.155, p = 0.003

Every metadata column with 2 to 30 values is a slicing, a number with more values by its quarters, and the length
of the texts by theirs. Rows whose text was longer than a model's window are slices too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from harness import numbers
from harness.comparing.evidence import Contender, TaskEvidence
from harness.comparing.figures import scored
from harness.comparing.records import Estimate
from harness.diagnosing.columns import slicings
from harness.diagnosing.parity import parity
from harness.diagnosing.records import Gap, SliceFigure
from harness.diagnosing.sameness import same
from harness.diagnosing.sliced import Sliced
from harness.diagnosing.sureness import settled
from harness.diagnosing.usual import is_constant, usual
from harness.diagnosing.windows import WINDOW, against_windows
from harness.stats import holm

FEWEST = 10  # rows of a group that a gap is told of
SURE = 0.05
_HALF = 0.025


def slices(evidence: TaskEvidence) -> tuple[SliceFigure, ...]:
    """The task's metric of every strategy on every slice; within a strategy's column the worst first.

    The figure is that of the answered rows, the mean over seeds; its interval has failures and seeds in it, as
    everywhere.
    """
    found: list[SliceFigure] = []
    columns, windows = slicings(evidence), against_windows(evidence)
    for contender in settled(evidence):
        sliced = Sliced(evidence, contender)
        for column, values in {**columns, WINDOW: windows[contender.name]}.items():
            figures = [
                SliceFigure(strategy=contender.name, column=column, value=value, figure=figure)
                for value, ids in values.items()
                if (figure := sliced.estimate(ids)) is not None
            ]
            found.extend(sorted(figures, key=lambda each: each.figure.value))
    return tuple(found)


def gaps(evidence: TaskEvidence, known: Sequence[SliceFigure] | None = None) -> tuple[Gap, ...]:
    """The best and the worst group of each column with a test over all its groups; the surest first.

    Groups of fewer than 10 rows are named and left out. The two groups are picked for being furthest apart, so the
    interval of their difference holds for every two groups of all columns and strategies at once: Newcombe, 1998,
    method 10, from the groups' own intervals, widened to Bonferroni's level. The p-value is of all groups of a
    column at once and after Holm over columns and strategies.

    Args:
        evidence: The task.
        known: What `slices` found, where it was called before.
    """
    of: dict[tuple[str, str], list[SliceFigure]] = {}
    for each in slices(evidence) if known is None else known:
        of.setdefault((each.strategy, each.column), []).append(each)
    columns = slicings(evidence)
    found: list[_Tested] = []
    for contender in settled(evidence):
        if evidence.brief.kind in ("label", "labels") and is_constant(usual(evidence, contender)):
            continue
        for column, values in columns.items():
            figures = of.get((contender.name, column), [])
            enough = [each for each in figures if each.figure.n >= FEWEST]
            if len(enough) >= 2:
                inside = {each.value: values[each.value] for each in enough}
                p_value = _test(evidence, contender, inside)
                found.append(_Tested(contender, column, enough, [e for e in figures if e not in enough], p_value))
    corrected = holm([each.p_value for each in found])
    widen = _widening(sum(math.comb(len(each.enough), 2) for each in found))
    made = [
        _gap(evidence, each._replace(p_value=p), columns[each.column], widen)
        for each, p in zip(found, corrected, strict=True)
    ]
    return tuple(sorted(made, key=lambda gap: gap.p_value))


class _Tested(NamedTuple):
    contender: Contender
    column: str
    enough: Sequence[SliceFigure]  # the worst first
    few: Sequence[SliceFigure]
    p_value: float


def _test(evidence: TaskEvidence, contender: Contender, inside: Mapping[str, Sequence[str]]) -> float:
    place = {row: i for i, rows in enumerate(inside.values()) for row in rows}
    trials = scored(contender)
    # A row that some seed has no answer to is no right or wrong of that group.
    asked = [
        row
        for row in place
        if all((answer := trial.answers.get(row)) is not None and answer.answers is not None for trial in trials)
    ]
    groups = sorted({place[row] for row in asked})
    if len(groups) < 2:
        return 1.0
    pairs = [[(evidence.targets[row], trial.answers[row].answers or ()) for row in asked] for trial in trials]
    return same(evidence.scorer, evidence.metric, pairs, [groups.index(place[row]) for row in asked]).p_value


def _widening(pairs: int) -> float:
    """How much wider than one 95 % interval are those that hold for so many differences at once."""
    from scipy.stats import norm

    return float(norm.isf(_HALF / max(pairs, 1)) / norm.isf(_HALF))


def _gap(evidence: TaskEvidence, tested: _Tested, values: Mapping[str, tuple[str, ...]], widen: float) -> Gap:
    worst, best, p_value = tested.enough[0], tested.enough[-1], tested.p_value
    difference = _difference(best.figure, worst.figure, widen)
    low, high = worst.figure.low, worst.figure.high
    told = (
        f"worst on {tested.column}={worst.value}: {worst.figure.value:.2f} ({low:.2f} to {high:.2f}, "
        f"n = {worst.figure.n}), {difference.value:.2f} below the best, {best.value} (n = {best.figure.n}); "
        f"{p_words(p_value)}" + ("" if p_value <= SURE else ": no difference that these rows show")
    )
    for few in tested.few[:3]:
        told += f"; {few.value} has n = {few.figure.n}: says nothing"
    if evidence.brief.kind == "label" and p_value <= SURE:
        told += parity(evidence, tested.contender, {each.value: values[each.value] for each in tested.enough})
    return Gap(
        strategy=tested.contender.name,
        column=tested.column,
        best=best.value,
        worst=worst.value,
        difference=difference,
        p_value=p_value,
        words=told,
    )


def p_words(p_value: float) -> str:
    return f"p {numbers.p_value(p_value)}"


def _difference(best: Estimate, worst: Estimate, widen: float) -> Estimate:
    value = best.value - worst.value
    ends = [best.low, best.high, worst.low, worst.high]
    if any(end is None for end in ends):
        return Estimate(value=value, n=best.n + worst.n)
    best_low, best_high, worst_low, worst_high = (float(end) for end in ends if end is not None)
    down = widen * ((best.value - best_low) ** 2 + (worst_high - worst.value) ** 2) ** 0.5
    up = widen * ((best_high - best.value) ** 2 + (worst.value - worst_low) ** 2) ** 0.5
    most = 1.0 if worst_low >= 0 and best_high <= 1 else math.inf
    return Estimate(value=value, low=max(value - down, -most), high=min(value + up, most), n=best.n + worst.n)
