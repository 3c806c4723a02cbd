"""Every two strategies of a task, tested on the same rows.

features / lora   17 rows for features alone, 10 for lora alone   McNemar p = 0.25   too few to tell
features / knn    the equivalence test passes within 0.02         tied
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from harness.comparing.evidence import Contender, TaskEvidence
from harness.comparing.figures import possible, scored, seeds_of
from harness.comparing.groups import grouped
from harness.comparing.records import Pair, Test, Verdict
from harness.scoring.rowsums import RowSums, row_sums
from harness.stats import (
    LEVEL,
    Difference,
    Interval,
    crossed_difference,
    holm,
    mcnemar,
    rows_needed_mean,
    rows_needed_proportions,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ALPHA = 1 - LEVEL


class _Tested(NamedTuple):
    difference: Difference
    test: Test
    a_only: int | None
    b_only: int | None
    effect: float | None
    rows_needed: int


def pairs(evidence: TaskEvidence) -> tuple[Pair, ...]:
    """The verdict on every two strategies that have a result, corrected after Holm over all of them.

    *tied* where the equivalence test passes, whether or not a difference is significant; *better* or *worse*
    where a difference is; else *too few to tell*. *No verdict* where more rows failed than the suite allows.
    """
    able = [c for c in evidence.contenders if comparable(c)]
    names = [(a, b) for a, b in combinations(able, 2) if a.train_size == b.train_size]
    found = [_pair(evidence, a, b, ALPHA / len(names)) for a, b in names]
    if not found:
        return ()
    p_values = holm([pair.p_raw for pair in found])
    p_tied = holm([pair.p_tied for pair in found])
    failing = {c.name for c in able if failed_share(evidence, c) > evidence.decide.maximum_failed}
    return tuple(
        _judged(pair.model_copy(update={"p_value": p, "p_tied": tied}), failing)
        for pair, p, tied in zip(found, p_values, p_tied, strict=True)
    )


def comparable(contender: Contender) -> bool:
    """Whether a strategy has a finished trial."""
    return any(trial.header.status == "finished" for trial in contender.answered)


def failed_share(evidence: TaskEvidence, contender: Contender) -> float:
    """Share of the rows compared, over all trials, that failed."""
    trials = scored(contender)
    failed = sum(
        (answer := trial.answers.get(i)) is not None and answer.answers is None
        for trial in trials
        for i in evidence.ids
    )
    return failed / max(1, len(trials) * len(evidence.test))


def _judged(pair: Pair, failing: set[str]) -> Pair:
    verdict: Verdict = "too few to tell"
    if pair.a in failing or pair.b in failing:
        verdict = "no verdict"
    elif pair.p_tied < ALPHA:
        verdict = "tied"
    elif pair.p_value < ALPHA:
        verdict = "better"
    needed = pair.rows_needed if verdict == "too few to tell" else None
    if needed is not None and needed <= pair.n:
        needed = None  # enough for a difference of the margin: this one lies between that and none
    return pair.model_copy(update={"verdict": verdict, "rows_needed": needed})


def _pair(evidence: TaskEvidence, a: Contender, b: Contender, alpha: float) -> Pair:
    """Tested once, or at both extremes of what failures could have been; the less sure p counts.

    `alpha` is what Holm asks of the pair if no other differs: the rows needed are those of that level.
    """
    failed = _failed(evidence, a, b)
    ends = [("wrong", "right"), ("right", "wrong")] if failed else [("wrong", "wrong")]
    tested = [_test(evidence, a, b, end, alpha) for end in ends]
    differences = [each.difference for each in tested]
    value = sum(each.value for each in differences) / len(differences)
    if value < 0:
        return _pair(evidence, b, a, alpha)
    agree = all(each.value > 0 for each in differences) or not failed
    first = tested[0]
    # Student's t of a few seeds reaches beyond what two figures can differ by.
    most = 1.0 - possible(Interval(-math.inf, math.inf), evidence.metric).low
    return Pair(
        task=evidence.name,
        metric=evidence.metric,
        a=a.name,
        b=b.name,
        n=len(evidence.test),
        difference=value,
        low=max(-most, min(each.low for each in differences)),
        high=min(most, max(each.high for each in differences)),
        p_raw=max(each.p_value for each in differences) if agree else 1.0,
        p_value=1.0,
        p_tied=max(each.p_tied for each in differences),
        margin=evidence.decide.margin,
        verdict="too few to tell",
        test=first.test,
        a_only=None if failed else first.a_only,
        b_only=None if failed else first.b_only,
        effect=first.effect,
        effect_name="odds ratio" if first.a_only is not None else "Cohen's d",
        rows_needed=max(each.rows_needed for each in tested),
        failed=failed,
    )


def _failed(evidence: TaskEvidence, *contenders: Contender) -> int:
    trials = [trial for contender in contenders for trial in scored(contender)]
    return sum(
        any((answer := trial.answers.get(i)) is None or answer.answers is None for trial in trials)
        for i in evidence.ids
    )


def _test(evidence: TaskEvidence, a: Contender, b: Contender, failed_as: tuple[str, str], alpha: float) -> _Tested:
    of_a = [evidence.pairs(trial, failed_as[0]) for trial in scored(a)]
    of_b = [evidence.pairs(trial, failed_as[1]) for trial in scored(b)]
    sums = row_sums(evidence.scorer, evidence.metric, [*of_a, *of_b])
    margin, split = evidence.decide.margin, len(of_a)
    if len(sums.parts) == 2 and sums.is_mean and _right_or_wrong(sums):
        return _mcnemar(sums, margin, alpha)
    by_group = grouped(sums.parts)
    found = crossed_difference(
        by_group.parts[:split],
        by_group.parts[split:],
        by_group.times,
        sums.figure,
        margin,
        seeds=(seeds_of(scored(a)), seeds_of(scored(b))),
    )
    gaps = _row_differences(sums, split)
    n = len(evidence.test)
    spread = _sd(gaps) if gaps is not None else (found.high - found.low) / (2 * 1.96) * n**0.5
    return _Tested(
        difference=found,
        test="paired bootstrap" if len(sums.parts) == 2 else "bootstrap over rows and seeds",
        a_only=None,
        b_only=None,
        effect=float(gaps.mean()) / spread if gaps is not None and spread else None,
        rows_needed=rows_needed_mean(spread, margin, 1 - alpha),
    )


def _right_or_wrong(sums: RowSums) -> bool:
    import numpy as np

    return all(bool(np.isin(scores, (0.0, 1.0)).all()) for scores in sums.scores)


def _mcnemar(sums: RowSums, margin: float, alpha: float) -> _Tested:
    a, b = sums.scores
    n = len(a)
    a_only, b_only = int((a > b).sum()), int((b > a).sum())
    # Haldane's half a row, so that the ratio is finite where one side has none.
    ratio = a_only / b_only if a_only and b_only else (a_only + 0.5) / (b_only + 0.5)
    needed = rows_needed_proportions((a_only + b_only) / n, margin, 1 - alpha)
    return _Tested(mcnemar(a_only, b_only, n, margin), "McNemar", a_only, b_only, ratio, needed)


def _row_differences(sums: RowSums, split: int) -> Floats | None:
    """Each row's own difference, its trials averaged; None for a figure that rows do not have."""
    import numpy as np

    if not sums.is_mean:
        return None
    gaps: Floats = np.mean(sums.scores[:split], axis=0) - np.mean(sums.scores[split:], axis=0)
    return gaps


def _sd(values: Floats) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else 0.0


def verdict_on(found: Sequence[Pair], name: str, other: str) -> Verdict | None:
    """The verdict on `name` against `other`; None where they were not compared."""
    for pair in found:
        if {pair.a, pair.b} == {name, other}:
            if pair.verdict == "better":
                return "better" if pair.a == name else "worse"
            return pair.verdict
    return None
