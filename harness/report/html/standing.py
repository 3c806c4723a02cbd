"""The table of all strategies, what is behind its columns, and the verdict on every two."""

from __future__ import annotations

from harness import numbers
from harness.comparing.records import Latency, Pair, StrategyFigures
from harness.numbers import plural
from harness.report.html import interval
from harness.report.html.parts import Block, Cell, Fold, Head, Listing, Prose, Section, Table, dash, number
from harness.report.html.told import cut
from harness.report.html.view import View
from harness.report.html.wording import ends, estimate, p_value, signed


def section(view: View) -> Section | None:
    if not view.task.strategies:
        return None
    blocks: list[Block] = [_table(view)] if view.shown else []
    if view.task.optimism is not None:
        best = view.task.optimism
        blocks.append(
            Prose(
                f"{best.strategy} is the best of {best.among} on the same {numbers.count(best.n)} rows, and the"
                f" best of several is lucky: put right for having been picked, its {view.task.metric} of"
                f" {numbers.proportion(best.value)} is {numbers.proportion(best.corrected)}"
                f" ({numbers.proportion(best.low)} to {numbers.proportion(best.high)})."
            )
        )
    if view.without_result:
        blocks.append(Listing("Without a result", [_why_not(view, each) for each in view.without_result]))
    if view.task.pairs:
        blocks.append(Fold(f"Every two strategies: {plural(len(view.task.pairs), 'verdict')}", [_pairs(view)]))
    if view.shown:
        blocks.append(Fold("What the money is made of", [_costs(view)]))
        figures = _figures(view)
        if figures is not None:
            blocks.append(Fold("Every figure, with its interval", [figures]))
    return Section(f"{view.prefix}strategies", "All strategies", blocks)


def _why_not(view: View, each: StrategyFigures) -> str:
    status = {"not-applicable": "not applicable", "finished": "no answers"}.get(each.status, each.status)
    if each.problem is None:
        return f"{each.name}: {status}"
    return f"{each.name}: {status}: {cut(each.problem, 400)}"


def _table(view: View) -> Table:
    monthly = any(each.cost.per_month is not None for each in view.shown)
    scale = interval.axis([each.value for each in view.shown])
    limit = view.task.decide.minimum.get(view.task.metric)
    against = view.chosen
    heads = [
        Head("strategy"),
        Head(view.task.metric, number=True),
        Head("95 % interval"),
        Head("n", number=True, hint="test rows with an outcome, failures included"),
        Head("p50", number=True, hint="median seconds of an answer"),
        Head("p95 ≤", number=True, hint="upper end of the interval of the 95th percentile"),
        Head("prepare", number=True, hint="wall seconds, the mean over seeds"),
        Head("$/month" if monthly else "$/1,000", number=True, hint="as it would run"),
    ]
    heads += [Head("against ★", hint="the verdict of a paired test on the same rows")] if against else []
    rows = []
    for each in view.shown:
        bar = interval.bar(each.value, scale, view.mark(each.name), limit)
        assert each.value is not None  # those shown have one
        cells = [
            view.who(each.name, _remark(view, each)),
            number(numbers.proportion(each.value.value), each.value.value, look="strong"),
            Cell("", sort=each.value.low, picture=bar, small=ends(each.value), look="barred"),
            number(numbers.count(each.n), each.n, f"{each.failed} failed" if each.failed else ""),
            *_seconds(each.latency),
            number(numbers.seconds(each.cost.prepare_seconds), each.cost.prepare_seconds),
            _money(each, monthly),
        ]
        rows.append([*cells, _against(view, each.name)] if against else cells)
    return Table(f"Strategies on {view.task.task}, the best {view.task.metric} first", heads, rows, _note(view))


def _remark(view: View, each: StrategyFigures) -> str:
    told = ["yardstick"] if each.yardstick else []
    told += [] if each.trials == 1 else [plural(each.trials, "trial")]
    if each.spread is not None:
        told.append(f"spread {numbers.proportion(each.spread)} between seeds")
    told += list(dict.fromkeys(each.chosen))
    return " · ".join(told)


def _seconds(latency: Latency | None) -> list[Cell]:
    if latency is None:
        return [dash(), dash()]
    p50, p95 = latency.p50, latency.p95
    high = p95.high if p95 is not None else None
    return [
        dash() if p50 is None else number(numbers.seconds(p50.value), p50.value),
        dash() if high is None else number(numbers.seconds(high), high),
    ]


def _money(each: StrategyFigures, monthly: bool) -> Cell:
    if monthly:
        return number(numbers.dollars_per_month(each.cost.per_month), each.cost.per_month)
    one = each.cost.per_answer_deployed if each.cost.per_answer_deployed is not None else each.cost.per_answer
    told = None if one is None else 1000 * one
    return number(numbers.dollars(told), told)


def _against(view: View, name: str) -> Cell:
    if name == view.chosen:
        return Cell("★\u00a0recommended", look="strong")
    pair = view.task.pair(name, view.chosen or "")
    if pair is None:
        return Cell("not compared", look="none")
    sign = 1 if pair.a == name else -1
    verdict = pair.verdict
    if sign < 0:
        verdict = {"better": "worse", "worse": "better"}.get(verdict, verdict)  # type: ignore[assignment]
    small = f"{signed(sign * pair.difference)}, p\u00a0{_with_relation(pair.p_value)}"
    if name in view.task.recommendation.outside:
        return Cell("✗ outside limits", sort=sign * pair.difference, small=f"{verdict}, {small}", look="says bad")
    return Cell(verdict, sort=sign * pair.difference, small=small, look=f"says {verdict.replace(' ', '-')}")


def _with_relation(p: float) -> str:
    told = p_value(p)
    return (told if told.startswith("<") else f"= {told}").replace(" ", "\u00a0")


def _note(view: View) -> str:
    timed = [each.latency for each in view.shown if each.latency is not None]
    told = ["Bars: the mark is the figure, the line its 95 % interval"]
    if view.task.decide.minimum.get(view.task.metric) is not None:
        told[0] += ", the dashed tick your limit"
    if timed:
        counts = sorted({each.timed for each in timed})
        n = plural(counts[0], "row") if len(counts) == 1 else f"{counts[0]} to {counts[-1]} rows"
        told.append(f"Seconds from {n} asked one at a time, p95 as its upper bound")
    told.append("Money is as it would run, preparing left out; ? is a price that is not known")
    if view.chosen is not None and view.task.recommendation.outside:
        told.append("✗: not shown to be within your limits")
    if view.chosen is not None and view.task.pairs:
        told.append(
            f"Against ★: the difference in {view.task.metric} on the same rows, p after Holm over"
            f" {plural(len(view.task.pairs), 'pair')}"
        )
    return ". ".join(told) + "."


def _pairs(view: View) -> Table:
    heads = [Head("strategy"), Head("verdict"), Head("other")]
    heads += [Head(name, number=True) for name in ("difference", "n", "p (Holm)", "p raw", "p of a tie")]
    heads += [
        Head("only the one right", True),
        Head("effect", True),
        Head("rows to settle it", True),
        Head("test"),
    ]
    shown = view.task.pairs[: view.size]
    left = len(view.task.pairs) - len(shown)
    margins = sorted({pair.margin for pair in view.task.pairs})
    note = (
        f"A difference below {' or '.join(map(numbers.proportion, margins))} is none that matters. Rows to settle"
        " it: test rows that settle a difference of that much at 80 % power."
    )
    note += f" {plural(left, 'pair')} more in the JSON." if left else ""
    return Table("Paired verdicts on the same rows", heads, [_pair(view, pair) for pair in shown], note)


def _pair(view: View, it: Pair) -> list[Cell]:
    alone = "-" if it.a_only is None else f"{it.a_only} : {it.b_only}"
    effect = "-" if it.effect is None else f"{it.effect:.2f}"
    between = f"{signed(it.low)} to {signed(it.high)}"
    return [
        view.who(it.a),
        Cell(it.verdict, look=f"says {it.verdict.replace(' ', '-')}"),
        view.who(it.b),
        number(signed(it.difference), it.difference, between),
        number(numbers.count(it.n), it.n, f"{it.failed} failed" if it.failed else ""),
        number(p_value(it.p_value), it.p_value),
        number(p_value(it.p_raw), it.p_raw),
        number(p_value(it.p_tied), it.p_tied),
        number(alone, it.a_only),
        number(effect, it.effect, it.effect_name if it.effect is not None else ""),
        dash() if it.rows_needed is None else number(f"about {numbers.rough(it.rows_needed)}", it.rows_needed),
        Cell(it.test),
    ]


def _costs(view: View) -> Table:
    names = (
        "prepare", "of which training", "search", "seeds", "labels", "1,000 answers, metered",
        "1,000 answers, as it would run", "machines or hosting a month", "a month", "whole horizon",
    )  # fmt: skip
    rows = []
    for each in view.shown:
        it = each.cost
        thousand = [None if one is None else 1000 * one for one in (it.per_answer, it.per_answer_deployed)]
        once = [it.prepare, it.training, it.search, it.seeds, it.labels]
        values = [*once, *thousand, it.serving_per_month, it.per_month, it.total]
        told = [number(numbers.dollars(v), v) for v in values]
        rows.append([view.who(each.name), *told, number(numbers.count(it.answers), it.answers)])
    heads = [Head("strategy"), *(Head(name, number=True) for name in names), Head("answers metered", number=True)]
    note = (
        "Dollars; ? is a price or a traffic that is not known. Prices have no interval: they are what was metered."
    )
    return Table("Dollars, part by part", heads, rows, note)


def _figures(view: View) -> Table | None:
    names = list(dict.fromkeys(name for each in view.shown for name in each.figures if "[" not in name))
    if not names:
        return None
    rows = [[view.who(each.name), *(estimate(each.figures.get(name)) for name in names)] for each in view.shown]
    heads = [Head("strategy"), *(Head(name, number=True) for name in names)]
    return Table("Figures of the whole test set", heads, rows)
