"""The small strategy first, the large one where the small one is unsure: what that would score and cost.

tf-idf, then lora   under 0.71   0.290 of the rows escalated   accuracy 0.890   $1.90 a month instead of $5.10

Nothing is asked anew: both answered every row. Of several seeds the first is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from harness.comparing.evidence import Answer, Contender, TaskEvidence, Trial
from harness.comparing.figures import estimate
from harness.comparing.records import Estimate, StrategyFigures
from harness.diagnosing.cascading import Able, Found, among
from harness.diagnosing.differing import difference
from harness.diagnosing.records import Cascade
from harness.diagnosing.saying import share, signed, told
from harness.diagnosing.selective import looked_at
from harness.diagnosing.sureness import of_test, settled
from harness.numbers import count, dollars, proportion, seconds

MOST = 5
Axis = Literal["per_month", "per_answer", "seconds"]
AXES: tuple[Axis, ...] = ("per_month", "per_answer", "seconds")


def cascades(evidence: TaskEvidence, figures: Sequence[StrategyFigures]) -> tuple[Cascade, ...]:
    """The at most five most useful cascades of two recorded strategies, the best metric first.

    The idea is that of FrugalGPT (Chen et al., 2023, "FrugalGPT: how to use large language models while reducing
    cost and improving performance"), with the small one's own confidence as its judge. The threshold is the one
    with the best metric on validation; test only says what comes of it. A cascade is useful where no strategy
    alone, and no other cascade, is at least as good for at most as much money (seconds, where prices are not
    known). What the small one failed on goes to the large one. Machines that stand ready for both are paid for
    both.
    """
    if evidence.brief.kind != "label":
        return ()
    known = {each.name: each for each in figures if each.value is not None}
    able = [one for c in settled(evidence) if c.name in known and (one := _able(evidence, c, known))]
    asked = dict.fromkeys(each.validation.ids for each in able)
    found = [each for ids in asked for each in among(evidence, [a for a in able if a.validation.ids == ids])]
    alone = {each.contender.name: each for each in able}
    return tuple(_cascade(evidence, each) for each in _useful(evidence, found, alone, list(known.values())))


def _able(evidence: TaskEvidence, contender: Contender, known: Mapping[str, StrategyFigures]) -> Able | None:
    trial, validation = looked_at(evidence, contender)
    if validation is None:
        return None
    took = [answer.seconds for answer in trial.answers.values() if answer.seconds is not None]
    return Able(
        contender=contender,
        trial=trial,
        cost=known[contender.name].cost,
        validation=validation,
        test=of_test(evidence, trial),
        seconds=sum(took) / len(took) if took else None,
    )


def _useful(
    evidence: TaskEvidence,
    found: Sequence[Found],
    able: Mapping[str, Able],
    figures: Sequence[StrategyFigures],
) -> list[Found]:
    axis = next((a for a in AXES if all(_of_cascade(each, a) is not None for each in found)), None)
    if axis is None:
        return []
    points = {i: (each.value, _of_cascade(each, axis) or 0.0) for i, each in enumerate(found)}
    singles = []
    for each in figures:
        spent = _of_single(each, able.get(each.name), axis)
        if spent is not None and each.value is not None:
            mine = able.get(each.name)
            # on the trial that the cascade is made of, where it is made of it
            value = each.value.value if mine is None else _value(evidence, mine.trial, each.value.value)
            singles.append((value, spent))
    kept = [
        i
        for i, (value, spent) in points.items()
        if not any(v >= value and s <= spent for v, s in singles)
        and not any(
            v >= value and s <= spent and ((v, s) != (value, spent) or j < i)
            for j, (v, s) in points.items()
            if j != i
        )
    ]
    kept.sort(key=lambda i: (-points[i][0], points[i][1]))
    return [found[i] for i in kept[:MOST]]


def _value(evidence: TaskEvidence, trial: Trial, otherwise: float) -> float:
    """As a cascade's: a row that failed is wrong."""
    return evidence.scorer.whole(evidence.pairs(trial)).get(evidence.metric, otherwise)


def _of_cascade(found: Found, axis: Axis) -> float | None:
    value: float | None = getattr(found, axis)
    return value


def _of_single(figures: StrategyFigures, able: Able | None, axis: Axis) -> float | None:
    if axis == "per_month":
        return figures.cost.per_month
    if axis == "per_answer":
        return figures.cost.per_answer_deployed
    return able.seconds if able is not None else None


def _cascade(evidence: TaskEvidence, found: Found) -> Cascade:
    together = _together(evidence, found)
    value = estimate(evidence, [together], evidence.metric)
    gap = difference(evidence, [together], [found.large.trial])
    rows = len(evidence.test)
    cascade = Cascade(
        small=found.small.contender.name,
        large=found.large.contender.name,
        threshold=found.threshold,
        chosen_on=len(found.small.validation.ids),
        value=value or Estimate(value=found.value, n=rows),
        escalated=share(int(found.escalated.sum()), rows),
        per_answer=found.per_answer,
        per_month=found.per_month,
        seconds=found.seconds,
        against=Estimate(value=gap.value, low=min(gap.low, gap.value), high=max(gap.high, gap.value), n=rows),
    )
    return cascade.model_copy(update={"words": _words(evidence, cascade, found)})


def _together(evidence: TaskEvidence, found: Found) -> Trial:
    """The trial that the cascade would have been."""
    answers: dict[str, Answer] = {}
    for query_id, escalated in zip(evidence.ids, found.escalated.tolist(), strict=True):
        answer = (found.large if escalated else found.small).trial.answers.get(query_id)
        if answer is not None:
            answers[query_id] = answer
    return replace(found.small.trial, answers=answers)


def _words(evidence: TaskEvidence, cascade: Cascade, found: Found) -> str:
    assert cascade.against is not None
    gap, large = cascade.against, found.large
    words = (
        f"{cascade.small} first, {cascade.large} where that is less than {proportion(cascade.threshold)} sure"
        f" ({proportion(cascade.escalated.value)} of {count(cascade.escalated.n)} rows; chosen on"
        f" {count(cascade.chosen_on)} validation rows): {evidence.metric} {told(cascade.value)},"
        f" {signed(gap.value)} ({signed(gap.low or 0.0)} to {signed(gap.high or 0.0)})"
        f" against {cascade.large} alone"
    )
    if cascade.per_month is not None and large.cost.per_month is not None:
        words += f", for {dollars(cascade.per_month)} a month instead of {dollars(large.cost.per_month)}"
    elif cascade.per_answer is not None and large.cost.per_answer_deployed is not None:
        words += (
            f", for {dollars(cascade.per_answer)} an answer instead of {dollars(large.cost.per_answer_deployed)}"
        )
    if cascade.seconds is not None and large.seconds is not None:
        words += f"; {seconds(cascade.seconds)} on average instead of {seconds(large.seconds)}"
    seeds = max(len(each.contender.answered) for each in (found.small, large))
    return words + ("." if seeds == 1 else f". Of {seeds} seeds the first.")
