"""From a comparison to a recommendation."""

from __future__ import annotations

from collections.abc import Sequence

from harness import numbers
from harness.comparing.evidence import TaskEvidence
from harness.comparing.records import Estimate, Optimism, Pair, StrategyFigures
from harness.deciding.case import Case
from harness.deciding.certainty import RESAMPLES, shares
from harness.deciding.changes import changes
from harness.deciding.duels import duels
from harness.deciding.front import front
from harness.deciding.reasons import reasons
from harness.deciding.records import Recommendation
from harness.deciding.rule import RULE, RULE_OF_MONEY, Pick
from harness.deciding.saying import dollars_a_month, listed, value
from harness.deciding.second import second
from harness.deciding.spend import break_evens, lines
from harness.deciding.unmeasured import not_measured
from harness.stats import wilson


def recommend(
    evidence: TaskEvidence,
    strategies: Sequence[StrategyFigures],
    pairs: Sequence[Pair],
    optimism: Optimism | None,
) -> Recommendation:
    """What to use for a task, why, what would change it, and how sure that is.

    Args:
        evidence: The task.
        strategies: Its figures, in the suite's order.
        pairs: Its tests.
        optimism: What the best figure owes to having been picked.
    """
    case = Case.of(evidence, strategies, pairs)
    if not case.strategies:
        why = "too many rows of every strategy failed" if case.failing else "no strategy has a result yet"
        sentence = f"Nothing to recommend for {evidence.name}: {why}."
        missing = not_measured(evidence, case)
        return Recommendation(
            task=evidence.name,
            outcome="nothing to compare",
            strategy=None,
            sentence=sentence,
            not_measured=missing,
        )
    picked = case.pick()
    drawn = shares(evidence, case.strategies, case.pairs, _fixed(case))
    named = case.without(picked.name).pick().name if picked.name else None
    found = lines(case.strategies, case.decide)
    return Recommendation(
        task=evidence.name,
        outcome="none meets" if picked.name is None else "tied" if len(picked.tied) > 1 else "recommended",
        strategy=picked.name,
        sentence=_sentence(case, picked),
        runner_up=named,
        second=second(case, picked, named),
        rule=_rule(case, evidence.metric),
        reasons=reasons(case, picked, optimism),
        changes=changes(case, evidence.metric),
        limits=tuple(check for each in case.strategies for check in case.checks(each.name)),
        pareto=front(case.strategies, case.decide),
        money=tuple(case.money(each.name) for each in case.strategies),
        lines=tuple(found),
        break_evens=tuple(break_evens(found)),
        duels=duels(case),
        sure=_sure(drawn.get(picked.name or "", 0.0)),
        picked=drawn,
        not_measured=not_measured(evidence, case),
    )


def _sentence(case: Case, picked: Pick) -> str:
    if picked.name is None:
        best = max(case.strategies, key=lambda each: each.value.value if each.value else 0.0)
        return f"None meets your limits; the best figure is that of {best.name}, {value(best)}."
    chosen = case.figures(picked.name)
    p95 = chosen.latency.p95 if chosen.latency else None
    extra = [f"p95 at most {numbers.seconds(p95.high)}"] if p95 is not None else []
    told = ", ".join(part for part in [value(chosen), *extra, dollars_a_month(case, picked.name)] if part)
    if len(picked.tied) > 1:
        others = listed([name for name in picked.tied if name != picked.name])
        return f"Use {picked.name}: {told}. Tied with {others}: {_among_tied(case, picked)}."
    return f"Use {picked.name}: {told}."


def _among_tied(case: Case, picked: Pick) -> str:
    money = {name: case.money(name).serve for name in picked.tied}
    mine = money[picked.name or ""]
    known = [each for each in money.values() if each is not None]
    figures = {it.value.value for name in picked.tied if (it := case.figures(name)).value}
    if mine is None:
        return f"what they cost is not known, {_better(figures)}"
    if picked.name == picked.leader and (mine > min(known) or set(known) == set(money.values()) == {mine}):
        return f"money makes no difference, {_better(figures)}"
    if len(figures) == 1:
        return "equal figures, so take the cheapest"
    if mine > min(known):
        return f"take the cheapest, give or take {numbers.dollars(case.decide.worth_per_month)} a month"
    return "take the cheapest"


def _better(figures: set[float]) -> str:
    """Of what is equal to the last digit none is better."""
    return "and the figures are equal" if len(figures) == 1 else "so take the better figure"


def _rule(case: Case, metric: str) -> str:
    able = [option for option in case.options() if option.meets]
    rule = RULE_OF_MONEY if able and all(option.whole is not None for option in able) else RULE
    return rule.format(metric=metric, margin=case.decide.margin, worth=case.decide.worth_per_month)


def _fixed(case: Case) -> dict[str, bool]:
    """Whether each meets the limits that the rows drawn do not move: latency, money, privacy."""
    drawn = set.intersection(*(set(each.figures) for each in case.strategies))
    return {
        each.name: all(check.met for check in case.checks(each.name) if check.figure not in drawn)
        for each in case.strategies
    }


def _sure(share: float) -> Estimate:
    low, high = wilson(round(share * RESAMPLES), RESAMPLES)
    return Estimate(value=share, low=low, high=high, n=RESAMPLES)
