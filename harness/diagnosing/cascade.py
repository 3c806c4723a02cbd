"""The small strategy first, the large one where the small one is unsure: what that would score and cost.

tf-idf, then lora   under 0.71   0.290 of the rows escalated   accuracy 0.890   $1.90 a month instead of $5.10

Nothing is asked anew: both answered every row. Of several seeds the first is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from harness.comparing.evidence import Answer, Contender, TaskEvidence, Trial
from harness.comparing.figures import estimate
from harness.comparing.records import Estimate, StrategyFigures
from harness.diagnosing.cascading import Able, Alone, Found, Single, among
from harness.diagnosing.differing import difference
from harness.diagnosing.records import Cascade
from harness.diagnosing.saying import share, signed, told
from harness.diagnosing.selective import looked_at
from harness.diagnosing.sureness import of_test, settled
from harness.numbers import count, dollars, proportion, seconds
from harness.stats import LEVEL

MOST = 5
AXES = ("per_month", "per_answer", "seconds")


def cascades(
    evidence: TaskEvidence, figures: Sequence[StrategyFigures], recommended: str | None = None
) -> tuple[Cascade, ...]:
    """The at most five most useful cascades of two recorded strategies, the best metric on validation first.

    The idea is that of FrugalGPT (Chen et al., 2023, "FrugalGPT: how to use large language models while reducing
    cost and improving performance"), with the small one's own confidence as its judge. Thresholds, which cascades
    are useful and their order are chosen on validation; test only says what comes of it, so that no figure shown
    was picked for being high. A cascade is useful where no strategy alone, and no other cascade, is at least as
    good there for at most as much money (seconds, where prices are not known). What the small one failed on goes
    to the large one. Machines that stand ready for both are paid for both.

    Args:
        evidence: The task.
        figures: Of its strategies.
        recommended: The strategy that is recommended.
    """
    if evidence.brief.kind != "label":
        return ()
    known = {each.name: each for each in figures if each.value is not None}
    able = [one for c in settled(evidence) if c.name in known and (one := _able(evidence, c, known))]
    asked = dict.fromkeys(each.validation.ids for each in able)
    tried = [among(evidence, [each for each in able if each.validation.ids == ids]) for ids in asked]
    found = [each for one in tried for each in one.found]
    shown = _useful(found, [each for one in tried for each in one.singles])
    rival = _alone(evidence, known.get(recommended or ""))
    differences = sum(1 if rival is None or rival.name == each.large.name else 2 for each in shown)
    level = 1 - (1 - LEVEL) / max(1, differences)  # Bonferroni
    return tuple(_cascade(evidence, each, rival, level, len(found)) for each in shown)


def _able(evidence: TaskEvidence, contender: Contender, known: Mapping[str, StrategyFigures]) -> Able | None:
    trial, validation = looked_at(evidence, contender)
    if validation is None:
        return None
    cost, seconds = known[contender.name].cost, _mean_seconds(trial)
    return Able(contender, trial, cost, seconds, validation, of_test(evidence, trial))


def _alone(evidence: TaskEvidence, figures: StrategyFigures | None) -> Alone | None:
    if figures is None:
        return None
    contender = evidence.contender(figures.name)
    trial, _ = looked_at(evidence, contender)
    return Alone(contender, trial, figures.cost, _mean_seconds(trial))


def _mean_seconds(trial: Trial) -> float | None:
    took = [answer.seconds for answer in trial.answers.values() if answer.seconds is not None]
    return sum(took) / len(took) if took else None


def _useful(found: Sequence[Found], singles: Sequence[Single]) -> list[Found]:
    """By validation alone."""
    axis = next((a for a in AXES if all(getattr(each.planned, a) is not None for each in found)), None)
    if axis is None:
        return []
    points = [(each.value, float(getattr(each.planned, axis))) for each in found]
    alone = [(each.value, spent) for each in singles if (spent := getattr(each.planned, axis)) is not None]
    kept = [
        i
        for i, (value, spent) in enumerate(points)
        if not any(v >= value and s <= spent for v, s in alone)
        and not any(
            v >= value and s <= spent and ((v, s) != (value, spent) or j < i)
            for j, (v, s) in enumerate(points)
            if j != i
        )
    ]
    kept.sort(key=lambda i: (-points[i][0], points[i][1]))
    return [found[i] for i in kept[:MOST]]


def _cascade(evidence: TaskEvidence, found: Found, rival: Alone | None, level: float, tried: int) -> Cascade:
    together = _together(evidence, found)
    value = estimate(evidence, [together], evidence.metric)
    against = _against(evidence, together, found.large.trial, level)
    rows = len(evidence.test)
    cascade = Cascade(
        small=found.small.name,
        large=found.large.name,
        threshold=found.threshold,
        chosen_on=len(found.small.validation.ids),
        value=value or share(0, rows),
        escalated=share(int(found.escalated.sum()), rows),
        per_answer=found.spent.per_answer,
        per_month=found.spent.per_month,
        seconds=found.spent.seconds,
        against=against,
        recommended=None if rival is None else rival.name,
        against_recommended=None if rival is None else _against(evidence, together, rival.trial, level),
        level=level,
        tried=tried,
    )
    return cascade.model_copy(update={"words": _words(evidence, cascade, found, rival)})


def _against(evidence: TaskEvidence, together: Trial, other: Trial, level: float) -> Estimate:
    gap = difference(evidence, [together], [other], level)
    ends = {"low": min(gap.low, gap.value), "high": max(gap.high, gap.value)}
    return Estimate(value=gap.value, n=len(evidence.test), **ends)


def _together(evidence: TaskEvidence, found: Found) -> Trial:
    """The trial that the cascade would have been."""
    answers: dict[str, Answer] = {}
    for query_id, escalated in zip(evidence.ids, found.escalated.tolist(), strict=True):
        answer = (found.large if escalated else found.small).trial.answers.get(query_id)
        if answer is not None:
            answers[query_id] = answer
    return replace(found.small.trial, answers=answers)


def _words(evidence: TaskEvidence, cascade: Cascade, found: Found, rival: Alone | None) -> str:
    assert cascade.against is not None
    large = found.large
    if rival is not None and rival.contender.machine != large.contender.machine:
        rival = replace(rival, seconds=None)  # latencies of two machines are not compared
    words = (
        f"{cascade.small} first, {cascade.large} where that is less than {proportion(cascade.threshold)} sure"
        f" ({proportion(cascade.escalated.value)} of {count(cascade.escalated.n)} rows; chosen on"
        f" {count(cascade.chosen_on)} validation rows"
        f"{f' from {count(cascade.tried)} cascades' if cascade.tried > 1 else ''}):"
        f" {evidence.metric} {told(cascade.value)}, "
    )
    if rival is None or rival.name == large.name or cascade.against_recommended is None:
        words += f"{_gap(cascade.against)} against {large.name} alone{_instead(cascade, large)}"
    else:
        words += f"{_gap(cascade.against_recommended)} against the recommended {rival.name}"
        words += f"{_instead(cascade, rival)}. Against {large.name} alone{_takes(cascade, large)}"
        words += f" {_gap(cascade.against)}"
    looked = [found.small.contender, large.contender, *([rival.contender] if rival else [])]
    seeds = max(len(each.answered) for each in looked)
    return words + ("." if seeds == 1 else f". Of {seeds} seeds the first.")


def _gap(gap: Estimate) -> str:
    return f"{signed(gap.value)} ({signed(gap.low or 0.0)} to {signed(gap.high or 0.0)})"


def _takes(cascade: Cascade, other: Alone) -> str:
    """What the other one takes, where it was said of the cascade."""
    said = [f"{its}{unit}" for _, its, unit in _amounts(cascade, other)]
    return f" ({', '.join(said)})" if said else ""


def _instead(cascade: Cascade, other: Alone) -> str:
    """What the cascade takes, and what the other one does."""
    said = [
        f"for {mine}{unit} instead of {its}" if unit else f"{mine} on average instead of {its}"
        for mine, its, unit in _amounts(cascade, other)
    ]
    return f", {'; '.join(said)}" if said else ""


def _amounts(cascade: Cascade, other: Alone) -> Iterator[tuple[str, str, str]]:
    """The cascade's, the other one's and what they are of; seconds are of an answer, and say so themselves."""
    if cascade.per_month is not None and other.cost.per_month is not None:
        yield dollars(cascade.per_month), dollars(other.cost.per_month), " a month"
    elif cascade.per_answer is not None and other.cost.per_answer_deployed is not None:
        yield dollars(cascade.per_answer), dollars(other.cost.per_answer_deployed), " an answer"
    if cascade.seconds is not None and other.seconds is not None:
        yield seconds(cascade.seconds), seconds(other.seconds), ""
