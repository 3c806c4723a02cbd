"""Whether a strategy is no worse than a baseline's, tested on the rows that both were asked.

now - baseline   +0.003 (-0.012 to 0.019)   margin 0.02   passed: the lower end is above -0.02
now - baseline   -0.013 (-0.041 to 0.014)   margin 0.02   inconclusive
now - baseline   -0.050 (-0.081 to -0.022)  margin 0.02   failed: the upper end is below 0
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from harness.comparing.figures import scored, seeds_of
from harness.comparing.groups import grouped
from harness.comparing.records import Estimate, StrategyFigures
from harness.gating.baseline import Kept, KeptTask
from harness.gating.packing import row_hash
from harness.gating.records import Check, Outcome
from harness.gating.sides import PairedRows, Sides, paired
from harness.scoring.rowsums import RowSums
from harness.stats import (
    LEVEL,
    crossed_difference,
    mcnemar,
    rows_needed_mean,
    rows_needed_proportions,
    rows_needed_unchanged,
)
from harness.stats.intervals import normal_quantile

if TYPE_CHECKING:
    from harness.comparing.evidence import TaskEvidence


class _Range(NamedTuple):
    """A difference with what failures could have made of it."""

    value: float
    low: float
    high: float
    test: str
    rows_needed: int | None = None


def rule(margin: float) -> str:
    return (
        "No regression is non-inferiority: passed where the lower end of the 95 % interval of the difference"
        f" (now - baseline) is above -{margin:g}; failed where its upper end is below 0 and it did not pass;"
        " inconclusive otherwise. A failed row counts against whichever side makes the verdict less sure."
    )


def no_regression(
    evidence: TaskEvidence, figures: StrategyFigures, old: KeptTask, against: Kept, margin: float
) -> Check:
    """Holds a strategy against one of a baseline.

    Args:
        evidence: The task now.
        figures: The strategy's.
        old: The task then.
        against: The baseline's strategy.
        margin: A difference that does not matter.
    """
    asked = f"no regression of {evidence.metric} against {against.name}"
    outcome, words = _outcome(evidence, figures, old, against, margin)
    return Check(task=evidence.name, strategy=figures.name, asked=asked, outcome=outcome, words=words)


def judge(low: float, high: float, margin: float) -> Outcome:
    """By the ends of the difference's interval."""
    if low > -margin:
        return "passed"
    return "failed" if high < 0 else "inconclusive"


def _outcome(
    evidence: TaskEvidence, figures: StrategyFigures, old: KeptTask, against: Kept, margin: float
) -> tuple[Outcome, str]:
    if old.metric != evidence.metric or old.kind != evidence.brief.kind:
        told = f"{old.metric} of a {old.kind} task"
        return "inconclusive", f"the baseline has {told}: make a new one with `harness baseline`"
    rows = paired([row_hash(evidence, example) for example in evidence.test], old.hashes)
    counted = _counted(rows, len(evidence.test), len(old.hashes))
    if 2 * len(rows.now) < max(len(evidence.test), len(old.hashes)):
        return "inconclusive", f"too few rows are the same: {counted}. `harness baseline` makes a new baseline"
    if old.packed == "nothing":
        assert figures.value is not None
        found = _unpaired(figures.value, against.value)
    else:
        sides = Sides(evidence, scored(evidence.contender(figures.name)), old, against, rows)
        found = _range(sides, margin)
    words = f"{found.value:+.3f} ({found.low:+.3f} to {found.high:+.3f}), {found.test}; {counted}"
    outcome = judge(found.low, found.high, margin)
    if outcome == "inconclusive" and found.rows_needed and found.rows_needed > len(rows.now):
        words += f"; about {found.rows_needed:,} rows would settle a difference of {margin:g}"
    return outcome, words


def _counted(rows: PairedRows, now: int, then: int) -> str:
    both = len(rows.now)
    if both == now == then:
        return f"all {both:,} rows paired"
    return f"{both:,} rows paired, {now - both:,} only in this run, {then - both:,} only in the baseline"


def _unpaired(now: Estimate, then: Estimate) -> _Range:
    """The difference of two figures from their intervals alone, for one that is no mean of rows' scores.

    Source: Zou and Donner, 2008, "Construction of confidence limits about effect measures". On the same rows two
    strategies tend to be right together, which it takes no account of: it is wider than a paired interval.
    """
    value = now.value - then.value

    def side(a: Estimate, b: Estimate) -> float:
        """From a's figure down to its low end, and from b's up to its high end."""
        if a.low is None or b.high is None:
            return math.inf
        return math.hypot(a.value - a.low, b.high - b.value)

    return _Range(value, value - side(now, then), value + side(then, now), "the two intervals, unpaired")


def _range(sides: Sides, margin: float) -> _Range:
    """At both extremes of what failures could have been; the value is the middle of the two."""
    ends = [("wrong", "right"), ("right", "wrong")] if sides.any_failed else [("wrong", "wrong")]
    seeds = seeds_of(sides.trials), sides.against.seeds
    tested = [_tested(sides.sums(*end), seeds, margin) for end in ends]
    return _Range(
        value=sum(each.value for each in tested) / len(tested),
        low=min(each.low for each in tested),
        high=max(each.high for each in tested),
        test=tested[0].test,
        rows_needed=max(each.rows_needed or 0 for each in tested),
    )


def _tested(sums: RowSums, seeds: tuple[tuple[int, ...], tuple[int, ...]], margin: float) -> _Range:
    import numpy as np

    n = len(sums.parts[0])
    if sums.is_mean and len(sums.parts) == 2 and np.isin(sums.scores, (0.0, 1.0)).all():
        now, then = sums.scores
        now_only, then_only = int((now > then).sum()), int((then > now).sum())
        exact = mcnemar(now_only, then_only, n, margin)
        changed = now_only + then_only
        needed = rows_needed_proportions(changed / n, margin) if changed else rows_needed_unchanged(margin)
        told = f"McNemar: {now_only} rows right only now, {then_only} only then"
        return _Range(exact.value, exact.low, exact.high, told, needed)
    rows, split = grouped(sums.parts), len(seeds[0])
    drawn = crossed_difference(
        rows.parts[:split], rows.parts[split:], rows.times, sums.figure, margin, seeds=seeds
    )
    spread = (drawn.high - drawn.low) / (2 * normal_quantile(LEVEL)) * n**0.5
    told = "paired bootstrap" if len(sums.parts) == 2 else "bootstrap over rows and seeds"
    return _Range(drawn.value, drawn.low, drawn.high, told, rows_needed_mean(spread, margin))
