"""Who is served worse: figures by the values of a column, gaps between them, and answers that flip."""

from __future__ import annotations

from harness import numbers
from harness.diagnosing.records import Flips, SliceFigure
from harness.numbers import plural
from harness.report.html import interval
from harness.report.html.parts import Block, Cell, Fold, Head, Heading, Listing, Prose, Section, Table, number
from harness.report.html.told import cut
from harness.report.html.view import View
from harness.report.html.wording import apart, ends, estimate, p_value

_MOST = 60  # slices of one table


def section(view: View) -> Section | None:
    found = view.task.diagnosis
    if not view.shown:
        return None
    blocks: list[Block] = []
    if found.slices:
        blocks += _slices(view)
    else:
        blocks.append(Prose("Slices: none here; they need metadata columns in the suite.", "quiet"))
    if found.gaps:
        blocks += [Heading("Gaps between groups"), *_gaps(view)]
    if found.flips:
        blocks += [Heading("Robustness: answers that flip"), *_flips(view)]
    else:
        blocks.append(Prose("Robustness: not measured; `probes` of a task ask again in another form.", "quiet"))
    return Section(f"{view.prefix}slices", "Slices and robustness", blocks)


def _slices(view: View) -> list[Block]:
    by_name: dict[str, list[SliceFigure]] = {}
    for each in view.task.diagnosis.slices:
        by_name.setdefault(each.strategy, []).append(each)
    names = view.ordered(by_name)
    tables = [_of_one(view, name, by_name[name]) for name in names[:12]]
    blocks: list[Block] = [tables[0]]
    if len(tables) > 1:
        blocks.append(Fold(f"Slices of {plural(len(tables) - 1, 'more strategy', 'more strategies')}", tables[1:]))
    return blocks


def _of_one(view: View, name: str, found: list[SliceFigure]) -> Table:
    worst = sorted(found, key=lambda s: s.figure.value)
    shown = worst[:_MOST]
    scale = interval.axis([each.figure for each in shown])
    rows = [
        [
            Cell(f"{cut(each.column, 80)} = {cut(each.value, 120)}"),
            number(numbers.proportion(each.figure.value), each.figure.value, look="strong"),
            Cell("", each.figure.low, picture=interval.bar(each.figure, scale, view.mark(name)),
                 small=ends(each.figure), look="barred"),
            number(numbers.count(each.figure.n), each.figure.n),
        ]
        for each in shown
    ]  # fmt: skip
    heads = [Head("slice"), Head(view.task.metric, True), Head("95 % interval"), Head("n", True)]
    star = "★ " if view.mark(name).star else ""
    left = len(worst) - len(shown)
    note = f"The {_MOST} worst; {left} more are in the JSON." if left else ""
    return Table(f"{star}{name} by slice, the worst first", heads, rows, note)


def _gaps(view: View) -> list[Block]:
    found = sorted(view.task.diagnosis.gaps, key=lambda g: (not view.mark(g.strategy).star, g.p_value))
    heads = [Head("strategy"), Head("column"), Head("best"), Head("worst")]
    heads += [Head("difference", number=True), Head("p (Holm)", number=True)]
    rows = [
        [
            view.who(each.strategy),
            Cell(cut(each.column, 80)),
            Cell(cut(each.best, 120)),
            Cell(cut(each.worst, 120)),
            apart(each.difference),
            number(p_value(each.p_value), each.p_value),
        ]
        for each in found[: view.size]
    ]
    weighty = [g for g in found if g.words and (view.mark(g.strategy).star or g.p_value < 0.05)]
    words = [g.words if g.words.startswith(g.strategy) else f"{g.strategy}: {g.words}" for g in weighty[:12]]
    note = (
        "p: that all groups of the column are the same, after Holm over columns and strategies. The interval is at"
        " 95 % for every two groups of all columns and strategies at once, since these two were picked afterwards."
    )
    blocks: list[Block] = [Table("The largest difference in each column", heads, rows, note)]
    if words:
        blocks.append(Listing("In words", words))
    return blocks


def _flips(view: View) -> list[Block]:
    """The recommended strategy's first, the others' folded."""
    found = sorted(view.task.diagnosis.flips, key=lambda f: (f.strategy, f.probe, f.variant))
    first = view.ordered({each.strategy for each in found})[0]
    others = [_flip(view, each) for each in found if each.strategy != first][: view.size]
    heads = [Head("strategy"), Head("what was changed")]
    heads += [Head(what, number=True) for what in ("answers that flip", "right before", "right after", "failed")]
    caption = "Answers that change though they should not"
    blocks: list[Block] = [Table(caption, heads, [_flip(view, each) for each in found if each.strategy == first])]
    if others:
        blocks.append(Fold("The same of the other strategies", [Table(f"{caption}, others", heads, others)]))
    return blocks


def _flip(view: View, it: Flips) -> list[Cell]:
    # A counterfactual's variant is made of words of the texts.
    variant = it.variant if view.texts else "one form" if it.variant else ""
    return [
        view.who(it.strategy),
        Cell(it.probe, small=variant or "all together"),
        estimate(it.share),
        estimate(it.accuracy_before),
        estimate(it.accuracy_after),
        number(numbers.count(it.failed), it.failed),
    ]
