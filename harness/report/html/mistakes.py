"""What goes wrong and where: confusion, groups of errors, calibration, answers left to people, slices, probes."""

from __future__ import annotations

from collections.abc import Sequence

from harness import numbers
from harness.diagnosing.records import Calibration, ErrorGroup
from harness.numbers import plural
from harness.report.html import calibration, confusion, fieldwise
from harness.report.html.parts import (
    Block,
    Cell,
    Figure,
    Figures,
    Fold,
    Head,
    Heading,
    Listing,
    Prose,
    Section,
    Table,
    dash,
    number,
)
from harness.report.html.told import cut
from harness.report.html.view import View
from harness.report.html.wording import capital, ends, estimate, p_value

_TEXT = 300
_ALL = "all"  # what errors of all strategies together are kept under
_FIRST = 3  # reliability diagrams that need no click
_MOST = 12  # pictures beside each other


def section(view: View) -> Section | None:
    """Confusion, groups of errors and calibration; slices have their own."""
    if not view.shown:
        return None
    found = view.task.diagnosis
    blocks: list[Block] = []
    if found.candidates:
        blocks += [Heading("Candidate labels"), _candidates(view)]
    if found.confusions:
        blocks += [Heading("Confusion"), *_confusions(view)]
    if found.fields:
        blocks += [Heading("Fields"), *fieldwise.blocks(view)]
    if found.errors:
        blocks += [Heading("Errors that have something in common"), *_errors(view), *_examples(view)]
    if found.calibration:
        blocks += [Heading("Calibration"), *_calibration(view)]
    else:
        blocks.append(Prose("Calibration: none here; it needs strategies that tell probabilities.", "quiet"))
    notes = [capital(note) for note in found.notes]
    if notes:
        blocks.append(Listing("Beside that", notes, look="quiet"))
    return Section(f"{view.prefix}mistakes", "Mistakes and calibration", blocks)


def _candidates(view: View) -> Table:
    heads = [Head("strategy"), Head("labels asked with", True), Head("of", True)]
    heads += [Head("right label among them", True, "on test"), Head("on validation", True)]
    by_name = {each.strategy: each for each in view.task.diagnosis.candidates}
    rows = [
        [
            view.who(name),
            number(numbers.count(by_name[name].k), by_name[name].k),
            number(numbers.count(by_name[name].labels)),
            estimate(by_name[name].test),
            dash() if (before := by_name[name].validation) is None else estimate(before),
        ]
        for name in view.ordered(by_name)
    ]
    note = "Where the right label was not among them, no answer could be right."
    return Table("How often the right label was among a query's candidates", heads, rows, note)


def _confusions(view: View) -> list[Block]:
    by_name = {each.strategy: each for each in view.task.diagnosis.confusions}
    names = view.ordered(by_name)
    tables = [confusion.table(by_name[name]) for name in names]
    several = confusion.many(by_name[names[0]])
    blocks: list[Block] = [*several, Fold("Which answers were given for which targets", tables[:1])]
    if not several:
        blocks = [tables[0]]
    if len(tables) > 1:
        blocks.append(
            Fold(f"Confusion of {plural(len(tables) - 1, 'more strategy', 'more strategies')}", tables[1:_MOST])
        )
    return blocks


def _errors(view: View) -> list[Block]:
    """Those of the recommended one and of all together first, the others' folded."""
    names = view.ordered({each.strategy for each in view.task.diagnosis.errors})
    groups = sorted(view.task.diagnosis.errors, key=lambda e: (names.index(e.strategy), -e.n))
    first = [each for each in groups if each.strategy in (names[0], _ALL)]
    others = [each for each in groups if each not in first][: view.size]
    blocks: list[Block] = [_groups(view, "Groups of errors", first)]
    if others:
        blocks.append(Fold("Those of the other strategies", [_groups(view, "Groups of errors, others", others)]))
    return blocks


def _groups(view: View, caption: str, groups: Sequence[ErrorGroup]) -> Table:
    heads = [Head("strategy"), Head("what"), Head("errors", True), Head("share of them", True)]
    heads += [Head("all other rows", True), Head("p (Holm)", True)]
    rows = [
        [
            view.who(each.strategy),
            Cell(each.what),
            number(f"{numbers.count(each.n)} of {numbers.count(each.of)}", each.n),
            number(numbers.proportion(each.share.value), each.share.value, ends(each.share)),
            estimate(each.otherwise),
            dash() if each.p_value is None else number(p_value(each.p_value), each.p_value),
        ]
        for each in groups
    ]
    return Table(caption, heads, rows, "p: that the rate is that of all other rows (Fisher's exact test).")


def _examples(view: View) -> list[Block]:
    if not view.texts:
        return []
    lists: list[Block] = []
    order = view.ordered({e.strategy for e in view.task.diagnosis.errors})
    groups = sorted(view.task.diagnosis.errors, key=lambda e: (order.index(e.strategy), -e.n))
    for each in groups[:40]:
        items = _texts(view, each)
        if items:
            lists.append(Listing(f"{each.strategy}: {each.what}", items, look="texts"))
    return [Fold("Some of these rows", lists)] if lists else []


def _texts(view: View, group: ErrorGroup) -> list[str]:
    found = [view.text_of(query_id) for query_id in group.examples[:3]]
    return [cut(text, _TEXT) for text in found if text is not None]


def _calibration(view: View) -> list[Block]:
    by_name = {each.strategy: each for each in view.task.diagnosis.calibration}
    names = view.ordered(by_name)
    figures = []
    for i, name in enumerate(names[:_MOST]):
        each, mark = by_name[name], view.mark(name)
        drawn = f"{view.prefix}calibration-{i + 1}"
        said = (
            f"Expected calibration error {_told(each, 'ece')}, Brier score {_told(each, 'brier')},"
            f" n = {numbers.count(each.n)}."
        )
        figures.append(Figure(drawn, mark.label, calibration.reliability(drawn, mark, each), said, wide=False))
    blocks: list[Block] = [Prose("On the dashed line a strategy is as often right as it is sure.", "note")]
    blocks.append(Figures(figures[:_FIRST], _bins([by_name[name] for name in names], view)))
    if len(figures) > _FIRST:
        left = plural(len(figures) - _FIRST, "more strategy", "more strategies")
        blocks.append(Fold(f"Calibration of {left}", [Figures(figures[_FIRST:])]))
    return blocks


def _told(each: Calibration, which: str) -> str:
    found = each.ece if which == "ece" else each.brier
    return f"{numbers.proportion(found.value)} ({ends(found)})"


def _bins(found: Sequence[Calibration], view: View) -> Table:
    heads = [Head("strategy"), Head("how sure", True), Head("how often right", True), Head("n", True)]
    rows = [
        [
            view.who(each.strategy),
            number(numbers.proportion(one.confidence), one.confidence),
            number(numbers.proportion(one.accuracy.value), one.accuracy.value, ends(one.accuracy)),
            number(numbers.count(one.accuracy.n), one.accuracy.n),
        ]
        for each in found
        for one in each.bins
    ]
    return Table("Reliability: answers of about the same confidence", heads, rows[: view.size])
