"""Why, in words that a manager can read, with the numbers under them. A sentence each, the weightiest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness import numbers
from harness.comparing.pairs import verdict_on
from harness.comparing.records import Optimism, Pair, StrategyFigures
from harness.deciding.case import Case
from harness.deciding.rule import Pick
from harness.deciding.saying import answers, listed

_MANY = 4  # names in a sentence


def reasons(case: Case, picked: Pick, optimism: Optimism | None) -> tuple[str, ...]:
    """Why this one."""
    if picked.name is None:
        return tuple(_why_none(case))
    return (
        *_against_others(case, picked),
        *_limits(case, picked.name),
        *_money(case, picked.name),
        *_readiness(case, picked.name),
        *_luck(case, optimism, case.figures(picked.name)),
        *_surprises(case),
    )


def _against_others(case: Case, picked: Pick) -> Iterator[str]:
    name = picked.name
    mine = [pair for pair in case.pairs if name in (pair.a, pair.b)]
    other = {id(pair): pair.b if pair.a == name else pair.a for pair in mine}
    better = [p for p in mine if p.verdict == "better" and p.a == name]
    worse = [p for p in mine if p.verdict == "better" and p.b == name]
    tied = [other[id(p)] for p in mine if p.verdict == "tied"]
    unclear = [p for p in mine if p.verdict == "too few to tell"]
    if better:
        rest = "all others" if len(better) == len(mine) else listed([p.b for p in better])
        holm = f"Holm over {len(case.pairs)} pairs" if len(case.pairs) > 1 else ""
        yield f"Better than {rest} ({_tests(better, holm)})."
    if tied:
        also = f"; of those within your limits it costs least{_about(case)}" if picked.leader != name else ""
        margin = case.decide.margin
        yield f"Tied with {listed(tied)}: equivalent within {margin:g} by test{also}."
    if len(unclear) == 1:
        yield _unclear(unclear[0], str(name))
    elif unclear:
        yield _all_unclear(unclear, str(name))
    for pair in worse:
        yield (
            f"{pair.a} is better ({numbers.proportion(pair.difference)} more, p {numbers.p_value(pair.p_value)})"
            f" and does not come into question: {_why_not(case, pair.a)}."
        )


def _tests(better: Sequence[Pair], holm: str) -> str:
    """The test, or which one each of them was told from by."""
    named: dict[str, list[str]] = {}
    for pair in better:
        named.setdefault(pair.test, []).append(pair.b)
    if len(named) == 1:
        return ", ".join(filter(None, [*named, holm]))
    return "; ".join(filter(None, [*(f"{listed(names)} by {test}" for test, names in named.items()), holm]))


def _unclear(pair: Pair, name: str) -> str:
    other, rows = _rows(pair, name)
    needed = f"; to settle a difference of {pair.margin:g} takes about {numbers.rough(pair.rows_needed)} test rows"
    return (
        f"Too few rows to tell from {other}: {rows} (p {numbers.p_value(pair.p_value)}{_holm(pair)}"
        f"{needed if pair.rows_needed else ''})."
    )


def _all_unclear(pairs: Sequence[Pair], name: str) -> str:
    """Several in one sentence, the surest first."""
    ordered = sorted(pairs, key=lambda p: p.p_value)
    named: list[str] = []
    for pair in ordered[:_MANY]:
        other, rows = _rows(pair, name, short=bool(named))
        named.append(f"{other} ({rows}, p {numbers.p_value(pair.p_value)})")
    if len(ordered) > _MANY:
        named.append(f"{len(ordered) - _MANY} more")
    needed = [pair.rows_needed for pair in ordered if pair.rows_needed]
    most = f"up to about {numbers.rough(max(needed))} test rows" if needed else ""
    settle = f"; to settle a difference of {ordered[0].margin:g} takes {most}" if needed else ""
    return f"Too few rows to tell from {listed(named)}{_holm(ordered[0])}{settle}."


def _holm(pair: Pair) -> str:
    return " after Holm" if pair.p_value != pair.p_raw else ""


def _rows(pair: Pair, name: str, *, short: bool = False) -> tuple[str, str]:
    """The other strategy, and what the rows say."""
    other = pair.b if pair.a == name else pair.a
    if pair.a_only is not None and pair.b_only is not None:
        mine, its = (pair.a_only, pair.b_only) if pair.a == name else (pair.b_only, pair.a_only)
        if short:
            return other, f"{mine} and {its}"
        return other, f"{numbers.plural(mine, 'row')} for {name} and {its} for {other}"
    else:
        told = (pair.difference, pair.low, pair.high)
        value, low, high = told if pair.a == name else (-told[0], -told[2], -told[1])
        ends = f"{numbers.proportion(low)} to {numbers.proportion(high)}"
        return other, f"a difference of {numbers.proportion(value)} ({ends})"


def _about(case: Case) -> str:
    worth = case.decide.worth_per_month
    return f", give or take the {numbers.dollars(worth)} a month that are no difference to you" if worth else ""


def _why_not(case: Case, name: str) -> str:
    if any(each.name == name for each in case.failing):
        return "too many of its rows failed"
    if name not in {each.name for each in case.strategies}:
        return "it was not given the same labels"
    missed = [check.words for check in case.checks(name) if not check.met]
    return "; ".join(missed) if missed else "it costs more"


def _limits(case: Case, name: str) -> Iterator[str]:
    found = case.checks(name)
    if found:
        yield f"Meets your limits: {'; '.join(check.words.removesuffix(', met') for check in found)}."
    missed = [each.name for each in case.strategies if not all(check.met for check in case.checks(each.name))]
    if missed:
        yield f"Not shown to be within your limits: {listed(missed)}."


def _money(case: Case, name: str) -> Iterator[str]:
    decide = case.decide
    if decide.answers_per_month is None:
        also = ", and without it the price of an error does not count" if case.errors else ""
        yield f"Money was not weighed by the month: give `answers_per_month`{also}."
        return
    found = {each.name: case.money(each.name) for each in case.strategies}
    mine = found[name]
    if mine.serve is None:
        yield f"What {name} costs a month is not known: a price is missing."
        return
    mode = decide.serving.mode.replace("_", " ")
    at = f"at {answers(decide.answers_per_month)}, served {mode}"
    months = "one month" if decide.horizon_months == 1 else f"{decide.horizon_months} months"
    once = f"preparing written off over {months}"
    yield f"Costs {numbers.dollars(mine.serve)} a month {at}, {once}."
    if mine.errors is not None:
        yield (
            f"Its wrong answers cost {numbers.dollars(mine.errors)} a month at your price of an error:"
            f" {numbers.dollars(mine.total)} in all, which is what the rule goes by."
        )
        return
    known = [each.serve for each in found.values() if each.serve is not None]
    worth = decide.worth_per_month
    alike = len(known) == len(found) > 1 and max(known) - min(known) <= worth
    if worth and alike and not _ruled_out_by_money(case):
        yield f"Money decides nothing: all lie within {numbers.dollars(worth)} a month, no difference to you."
        return
    for other, each in found.items():
        saves = None if each.serve is None else mine.serve - each.serve
        if saves is None or saves <= worth or verdict_on(case.pairs, name, other) != "too few to tell":
            continue
        if all(check.met for check in case.checks(other)):
            yield f"{other}, which it is not shown to beat, costs {numbers.dollars(each.serve)} a month."


def _ruled_out_by_money(case: Case) -> bool:
    """Whether a limit on money keeps any strategy out: then money does decide."""
    return any(
        not check.met and ("dollars" in check.figure or check.figure == "budget")
        for each in case.strategies
        for check in case.checks(each.name)
    )


def _readiness(case: Case, name: str) -> Iterator[str]:
    mine = case.figures(name).cost.prepare_seconds
    slower = {
        each.name: each.cost.prepare_seconds
        for each in case.strategies
        if mine is not None and each.cost.prepare_seconds is not None and each.cost.prepare_seconds > 10 * mine
    }
    if mine is not None and slower and max(slower.values()) > 60:
        slowest = max(slower, key=lambda each: slower[each])
        yield f"Ready in {numbers.seconds(mine)} where {slowest} takes {numbers.seconds(slower[slowest])}."


def _luck(case: Case, optimism: Optimism | None, chosen: StrategyFigures) -> Iterator[str]:
    name = chosen.name
    if optimism is not None and optimism.strategy == name and optimism.value - optimism.corrected >= 0.0005:
        yield (
            f"As the best of {optimism.among} on the same rows its figure is a little lucky: on new rows expect"
            f" about {numbers.proportion(optimism.corrected)} ({numbers.proportion(optimism.low)} to"
            f" {numbers.proportion(optimism.high)}) instead of {numbers.proportion(optimism.value)}"
            f"{', which counts failed rows as wrong' if chosen.failed else ''}."
        )
        limit = case.decide.minimum.get(chosen.metric)
        if limit is not None and optimism.low < limit:
            yield (
                f"The limit of {limit:g} it meets as measured, at the lower end, but not with that luck taken off:"
                f" {numbers.proportion(optimism.low)}."
            )


def _surprises(case: Case) -> Iterator[str]:
    """Strategies that do more with the same model than another one, and are worse for it."""
    by_name = {each.name: each for each in case.strategies}
    for pair in case.pairs:
        a, b = by_name.get(pair.a), by_name.get(pair.b)
        if a is None or b is None or pair.verdict != "better" or not a.asked or a.asked != b.asked:
            continue
        if set(b.models) >= set(a.models) and (b.cost.per_answer or 0) > (a.cost.per_answer or 0):
            yield (
                f"{b.name} does more with the same model than {a.name} and is worse here"
                f" (p {numbers.p_value(pair.p_value)}); that need not hold for a larger one."
            )


def _why_none(case: Case) -> Iterator[str]:
    for each in case.strategies:
        missed = [check.words for check in case.checks(each.name) if not check.met]
        yield f"{each.name}: {'; '.join(missed)}."
