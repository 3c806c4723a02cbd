"""First of all: what to use, how sure that is, why, what would change it, and for which limits it holds."""

from __future__ import annotations

from harness import numbers
from harness.comparing.records import StrategyFigures
from harness.deciding.records import LimitCheck, Recommendation
from harness.numbers import plural
from harness.report.html.parts import (
    Block,
    Cell,
    Fold,
    Head,
    Listing,
    Prose,
    Section,
    Table,
    Tile,
    Verdict,
    dash,
    number,
)
from harness.report.html.view import View
from harness.report.html.wording import capital, ends, interval, percent

_DUELS = 4
_BADGES = {
    "tied": "Recommended of those that are tied",
    "none meets": "None meets your limits",
    "nothing to compare": "Nothing to compare",
}


def section(view: View) -> Section:
    found = view.task.recommendation
    blocks: list[Block] = [verdict(view)]
    if found.reasons:
        blocks.append(Listing("Why", list(found.reasons)))
    changes = [change.words for change in found.changes]
    if changes:
        blocks.append(Listing("What would change it", changes))
    if found.duels:
        duels = [duel.words for duel in found.duels[:_DUELS]]
        blocks.append(Listing("The small model tuned, or the other one asked?", duels))
    if found.limits:
        blocks.append(_limits(view))
    if found.not_measured:
        blocks.append(
            Listing(
                "What this cannot say",
                [capital(each) for each in found.not_measured],
                look="quiet",
            )
        )
    if found.picked or found.money:
        blocks.append(Fold("The numbers under it", _under(view, found)))
    return Section(f"{view.prefix}recommendation", "Recommendation", blocks)


def verdict(view: View) -> Verdict:
    found = view.task.recommendation
    badge = _BADGES.get(found.outcome, "Recommended")
    if found.strategy is not None:
        badge = f"{badge}: {found.strategy}"
    sentence = found.sentence or badge
    tiles = _tiles(view, view.task.figures(found.strategy)) if found.strategy is not None else []
    second = found.second
    return Verdict(found.outcome, badge, sentence, found.strategy is not None, sure(found), tiles, second)


def sure(found: Recommendation) -> str:
    """How often the rule picks the same, in words."""
    if found.sure is None:
        return ""
    low, high = found.sure.low, found.sure.high
    between = "" if low is None or high is None else f" (95 % interval {percent(low)} to {percent(high)})"
    picks = "finds none" if found.strategy is None else "picks it"
    return (
        f"How sure: the same rule {picks} in {percent(found.sure.value)} of {numbers.count(found.sure.n)}"
        f" resamples of the rows{between}."
    )


def _tiles(view: View, it: StrategyFigures) -> list[Tile]:
    tiles: list[Tile] = []
    if it.value is not None:
        n = f"{ends(it.value)}, n = {numbers.count(it.value.n)}"
        tiles.append(Tile(it.metric, numbers.proportion(it.value.value), n))
    if it.latency is not None and it.latency.p50 is not None:
        p50, p95 = it.latency.p50, it.latency.p95
        bound = f"p95 at most {numbers.seconds(p95.high)}, " if p95 is not None and p95.high is not None else ""
        told = f"{ends(p50, numbers.seconds)}; {bound}n = {numbers.count(it.latency.timed)}"
        tiles.append(Tile("median latency", numbers.seconds(p50.value), told))
    cost = it.cost
    metered = f"priced by {plural(cost.answers, 'answer')} of this run" if cost.answers else "as it would run"
    money = next((each for each in view.task.recommendation.money if each.strategy == it.name), None)
    if money is not None and money.total is not None:
        traffic = f"at {plural(view.task.decide.answers_per_month or 0, 'answer')} a month"
        parts = f", wrong answers {numbers.dollars(money.errors)} of it" if money.errors is not None else ""
        tiles.append(Tile("dollars a month", numbers.dollars(money.total), traffic + parts))
    elif cost.per_month is not None:
        tiles.append(Tile("dollars a month", numbers.dollars(cost.per_month), metered))
    elif cost.per_answer_deployed is not None:
        tiles.append(Tile("dollars for 1,000 answers", numbers.dollars(1000 * cost.per_answer_deployed), metered))
    if cost.prepare_seconds is not None:
        told = plural(it.trials, "preparation")
        tiles.append(Tile("ready in", numbers.seconds(cost.prepare_seconds), f"wall seconds, {told}"))
    return tiles


def _limits(view: View) -> Table:
    heads = [Head("strategy")]
    kept: dict[tuple[str, str, float], int] = {}
    for check in view.task.recommendation.limits:
        kept.setdefault((check.figure, check.bound, check.limit), len(kept))
    for figure, bound, limit in kept:
        at = "at least" if bound == "minimum" else "at most"
        heads.append(Head(f"{figure} {at} {written(figure, limit)}", number=True))
    by_strategy: dict[str, list[Cell]] = {}
    for check in view.task.recommendation.limits:
        cells = by_strategy.setdefault(check.strategy, [dash() for _ in kept])
        cells[kept[check.figure, check.bound, check.limit]] = _check(check)
    rows = [[view.who(name), *by_strategy[name]] for name in view.ordered(by_strategy)]
    note = "A lower limit is judged on the interval's lower end, an upper limit on its upper end."
    return Table("Your limits, and who meets them", heads, rows, note)


def _check(check: LimitCheck) -> Cell:
    word = {True: "✓ met", False: "✗ not met", None: "? not known"}[check.met]
    look = {True: "good", False: "bad", None: "none"}[check.met]
    small = "" if check.judged is None else f"judged on {written(check.figure, check.judged)}"
    return number(word, check.judged, small, look)


def written(figure: str, value: float) -> str:
    """A limit in the units of its figure."""
    if figure.endswith("seconds"):
        return numbers.seconds(value)
    if "dollars" in figure or figure == "budget":
        return numbers.dollars(value)
    if figure == "privacy":
        return "local" if value else "open"
    return numbers.proportion(value)


def _under(view: View, found: Recommendation) -> list[Block]:
    blocks: list[Block] = [Prose(found.rule)] if found.rule else []
    money = {each.strategy: each for each in found.money}
    names = view.ordered(money or found.picked)
    heads = [Head("strategy"), Head("picked in", number=True)]
    heads += [Head(f"{what}, $ a month", number=True) for what in ("serving", "errors", "both")] if money else []
    rows = []
    n = found.sure.n if found.sure is not None else None
    for name in names:
        share = found.picked.get(name)
        small = f"n = {numbers.count(n)}" if n and share is not None else ""
        cells = [view.who(name), dash() if share is None else number(percent(share), share, small)]
        if money:
            each = money[name]
            cells += [number(numbers.dollars(v), v) for v in (each.serve, each.errors, each.total)]
        rows.append(cells)
    note = "Picked in: the share of resamples of the rows in which the rule picks it."
    if money:
        note += " ? is a price that is not known."
    blocks.append(Table("What the rule went by", heads, rows, note))
    return blocks


def one_line(view: View) -> str:
    """For the contents: the strategy and its figure."""
    name = view.chosen
    if name is None:
        return _BADGES.get(view.task.recommendation.outcome, "")
    it = view.task.figures(name)
    return f"{name}, {it.metric} {interval(it.value)}"
