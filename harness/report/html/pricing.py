"""The metric against money and against seconds; money against traffic."""

from __future__ import annotations

from harness import numbers
from harness.comparing.records import Estimate, StrategyFigures
from harness.deciding.records import Basis
from harness.report.html.marks import Mark, key
from harness.report.html.pareto import Point, Scatter, scatter
from harness.report.html.parts import Block, Cell, Figure, Fold, Head, Prose, Section, Table, dash, number
from harness.report.html.view import View, exact
from harness.report.html.volume import Volume, volume
from harness.report.html.wording import capital, dollar_tick, ends, estimate, listed, second_tick, short

_BASES: dict[Basis, str] = {"deployed": "as it would run", "metered": "as metered in the run"}


def fronts(view: View) -> Section | None:
    """Two scatters: against money, and against seconds."""
    if len(view.shown) < 2:
        return None
    best = view.task.recommendation.pareto
    blocks: list[Block] = []
    if best:
        names = listed(view.ordered(best))
        blocks.append(Prose(f"No other strategy beats {names} in {view.task.metric}, seconds and money at once."))
    money, seconds = _money(view), _seconds(view)
    if money is not None:
        blocks.append(money)
    else:
        blocks.append(Prose("Against money: not drawn, since the price of too few strategies is known.", "quiet"))
    if seconds is not None:
        blocks.append(seconds)
    return Section(f"{view.prefix}pareto", "Quality against money and seconds", blocks)


def _point(view: View, each: StrategyFigures, x: Estimate) -> Point:
    assert each.value is not None  # those shown have one
    best = view.task.recommendation.pareto
    return Point(view.mark(each.name), x, each.value, not best or each.name in best)


def _money(view: View) -> Figure | None:
    monthly = any(each.cost.per_month is not None for each in view.shown)
    points: list[Point] = []
    for each in view.shown:
        it = each.cost
        thousand = None if it.per_answer_deployed is None else 1000 * it.per_answer_deployed
        dollars = it.per_month if monthly else thousand
        if dollars is not None:
            points.append(_point(view, each, exact(dollars, it.answers)))
    if len(points) < 2:
        return None
    budget = view.task.decide.budget
    what = "dollars a month" if monthly else "dollars for 1,000 answers"
    most = view.task.decide.maximum.get("dollars_per_month") if monthly else None
    if monthly and budget is not None and most is None:
        most = budget / view.task.decide.horizon_months
    least = view.task.decide.minimum.get(view.task.metric)
    title = f"{capital(view.task.metric)} against {what}"
    drawn = Scatter(
        f"{view.prefix}money", title, _said(points, numbers.dollars), points, what, view.task.metric,
        dollar_tick, most, least,
    )  # fmt: skip
    caption = _caption(view, points) + " Prices have no interval. Strategies without a known price are left out."
    return _figure(drawn, caption, _table(view, points, what, numbers.dollars))


def _figure(it: Scatter, caption: str, table: Table) -> Figure:
    keyed = key(point.mark for point in it.points)
    return Figure(it.name, it.title, scatter(it), caption, table, keyed, narrow=scatter(it, narrow=True))


def _seconds(view: View) -> Figure | None:
    points = [
        _point(view, each, each.latency.p50)
        for each in view.shown
        if each.latency is not None and each.latency.p50 is not None
    ]
    if len(points) < 2:
        return None
    least = view.task.decide.minimum.get(view.task.metric)
    most = view.task.decide.maximum.get("p50_seconds")
    title = f"{capital(view.task.metric)} against the median seconds of an answer"
    what = "median seconds of an answer"
    name = f"{view.prefix}speed"
    said = _said(points, numbers.seconds)
    it = Scatter(name, title, said, points, what, view.task.metric, second_tick, most, least)
    timed = sorted({point.x.n for point in points})
    caption = (
        _caption(view, points) + f" Seconds: n = {' to '.join(map(numbers.count, timed[:1] + timed[1:][-1:]))}."
    )
    return _figure(it, caption, _table(view, points, what, numbers.seconds))


def _said(points: list[Point], written: object) -> str:
    assert callable(written)
    return "; ".join(f"{p.mark.name}: {numbers.proportion(p.y.value)} at {written(p.x.value)}" for p in points)


def _caption(view: View, points: list[Point]) -> str:
    counts = sorted({point.y.n for point in points})
    n = " to ".join(numbers.count(c) for c in dict.fromkeys((counts[0], counts[-1])))
    what = "Crosses" if any(point.x.low is not None for point in points) else "Upright lines"
    told = f"{what} are 95 % intervals (n = {n}). The stepped line is the best to be had at each place."
    if view.task.recommendation.pareto:
        told += " Filled marks are beaten by no other in metric, seconds and money at once; hollow ones are."
    if view.task.decide.minimum or view.task.decide.maximum or view.task.decide.budget is not None:
        told += " Shaded: ruled out by your limits."
    return told


def _table(view: View, points: list[Point], what: str, written: object) -> Table:
    assert callable(written)
    rows = []
    for each in points:
        bounds = f"{ends(each.x, written)}, n = {numbers.count(each.x.n)}" if each.x.low is not None else ""
        across = number(written(each.x.value), each.x.value, bounds)
        front = Cell("yes" if each.best else "no") if view.task.recommendation.pareto else dash()
        rows.append([view.who(each.mark.name), estimate(each.y), across, front])
    heads = [Head("strategy"), Head(view.task.metric, True), Head(what, True), Head("on the Pareto front")]
    return Table(f"{view.task.metric} and {what}", heads, rows)


def volumes(view: View) -> Section | None:
    """One picture for each basis that has lines."""
    found = view.task.recommendation
    blocks: list[Block] = []
    for basis, words in _BASES.items():
        lines = [line for line in found.lines if line.basis == basis]
        if lines and not blocks:
            blocks.append(_volume(view, basis, words))
        elif lines:
            blocks.append(Fold(f"The same {words}", [_volume(view, basis, words)]))
    if not blocks:
        return None
    return Section(f"{view.prefix}volume", "Cost against volume", blocks)


def _volume(view: View, basis: Basis, words: str) -> Figure:
    found = view.task.recommendation
    lines = [line for line in found.lines if line.basis == basis]
    met = sorted((b for b in found.break_evens if b.basis == basis), key=lambda b: b.answers_per_month)
    title = f"Dollars a month at any traffic, {words}"
    name = f"{view.prefix}volume-{basis}"
    named: dict[str, Mark] = {line.strategy: view.mark(line.strategy) for line in lines}
    for each in met:
        named.setdefault(each.below, view.mark(each.below))
        named.setdefault(each.above, view.mark(each.above))
    said = "; ".join(
        f"below {short(b.answers_per_month)} answers a month {b.below} is cheaper than {b.above}" for b in met[:8]
    )
    it = Volume(name, title, said or "No two lines meet.", lines, met, named, _traffic(view))
    drawn = volume(it)
    rings = (
        " Rings: the traffic at which two strategies cost the same; numbers where it is the cheapest of all or"
        " the recommended one."
    )
    caption = (
        f"Preparing, written off over {view.task.decide.horizon_months} months, machines and answers together;"
        f" less than a cent is drawn as a cent.{rings if 'crossing' in drawn else ''}"
        " Both axes are logarithmic; prices have no interval."
    )
    keyed = key(view.mark(line.strategy) for line in lines)
    table = _break_evens(view, basis)
    return Figure(name, title, drawn, caption, table, keyed, narrow=volume(it, narrow=True))


def _traffic(view: View) -> float | None:
    return view.task.decide.answers_per_month


def _break_evens(view: View, basis: Basis) -> Table:
    found = view.task.recommendation
    rows: list[list[Cell]] = []
    for line in found.lines:
        if line.basis == basis:
            capacity = line.capacity_per_month
            rows.append(
                [
                    view.who(line.strategy),
                    number(numbers.dollars(line.prepare_per_month), line.prepare_per_month),
                    number(numbers.dollars(line.serving_per_month), line.serving_per_month),
                    number(numbers.dollars(1000 * line.per_answer), line.per_answer),
                    dash() if capacity is None else number(short(capacity), capacity),
                ]
            )
    met = sorted((b for b in found.break_evens if b.basis == basis), key=lambda b: b.answers_per_month)
    told = [
        f"{b.below} is cheaper below {numbers.count(round(b.answers_per_month))} answers a month, {b.above} above."
        for b in met[: view.size]
    ]
    heads = [Head("strategy")] + [
        Head(name, number=True)
        for name in ("prepare, $ a month", "one machine, $ a month", "1,000 answers, $", "answers of one machine")
    ]
    return Table(
        f"Cost lines {_BASES[basis]}", heads, rows, " ".join(told) or "No two strategies ever cost the same."
    )
