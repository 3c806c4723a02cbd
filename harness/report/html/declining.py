"""When not to answer: what is left to people, and a small strategy with a large one behind it."""

from __future__ import annotations

from harness import numbers
from harness.diagnosing.records import Cascade
from harness.numbers import plural
from harness.report.html.marks import key
from harness.report.html.parts import (
    Block,
    Cell,
    Figure,
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
from harness.report.html.risk import risk, thinned
from harness.report.html.view import View
from harness.report.html.wording import apart, ends, estimate

_MOST = 12  # sentences on cascades


def section(view: View) -> Section | None:
    found = view.task.diagnosis
    if not found.selective and not found.cascades:
        return None
    blocks: list[Block] = []
    if found.selective:
        blocks += _words(view)
        curves = [each for each in found.selective if each.points]
        if curves:
            blocks.append(_risk(view))
        if any(each.threshold is not None or each.ceiling is not None for each in found.selective):
            blocks.append(_thresholds(view))
        else:
            blocks.append(Prose("No ceiling was set: `maximum_error` in the suite chooses a threshold.", "quiet"))
    if found.cascades:
        blocks += [Heading("The small one first, the large one where it is unsure"), _cascades(view)]
        words = [each.words for each in found.cascades if each.words][:_MOST]
        blocks += [Listing("", words)] if words else []
    return Section(f"{view.prefix}declining", "When not to answer", blocks)


def _words(view: View) -> list[Block]:
    """What is said of the recommended one, or of the best that tells how sure it is; the others' folded."""
    by_name = {each.strategy: each for each in view.task.diagnosis.selective if each.words}
    told = [_named(name, by_name[name].words) for name in view.ordered(by_name)]
    blocks: list[Block] = [Prose(told[0])] if told else []
    if len(told) > 1:
        blocks.append(
            Fold(
                f"The same of {plural(len(told) - 1, 'more strategy', 'more strategies')}", [Listing("", told[1:])]
            )
        )
    return blocks


def _named(name: str, words: str) -> str:
    return words if words.startswith(name) else f"{name}: {words[:1].lower()}{words[1:]}"


def _risk(view: View) -> Figure:
    by_name = {each.strategy: each for each in view.task.diagnosis.selective if each.points}
    rows = [(view.mark(name), by_name[name]) for name in view.ordered(by_name)]
    name = f"{view.prefix}risk"
    told = [
        [
            view.who(mark.name),
            number(numbers.proportion(point.coverage), point.coverage),
            number(numbers.proportion(point.threshold), point.threshold),
            number(numbers.proportion(point.risk.value), point.risk.value, ends(point.risk)),
            number(numbers.count(point.risk.n), point.risk.n),
        ]
        for mark, each in rows
        for point in thinned(each.points)
    ]
    heads = [Head("strategy")] + [
        Head(what, number=True) for what in ("rows answered", "least confidence", "wrong of them", "n")
    ]
    caption = (
        "Answering only where the strategy is surest, from right to left. The band is the 95 % interval of the"
        " recommended one; those of the others are in the numbers."
    )
    if any(each.ceiling is not None for _, each in rows):
        caption += " Marks stand at the threshold chosen on validation; shaded is above your ceiling."
    table = Table("Risk by coverage", heads, told[: view.size])
    keyed, narrow = key(mark for mark, _ in rows), risk(name, rows, narrow=True)
    return Figure(
        name, "Wrong answers against rows answered", risk(name, rows), caption, table, keyed, narrow=narrow
    )


def _thresholds(view: View) -> Table:
    by_name = {each.strategy: each for each in view.task.diagnosis.selective}
    rows = []
    for name in view.ordered(by_name):
        it = by_name[name]
        word = {True: "✓ held", False: "✗ not held", None: "? not known"}[it.held]
        if it.threshold is None and it.ceiling is not None:
            word = "no threshold holds it"
        look = {True: "good", False: "bad", None: "none"}[it.held]
        review = it.review_per_month
        rows.append(
            [
                view.who(name),
                number(numbers.proportion(it.ceiling), it.ceiling) if it.ceiling is not None else dash(),
                dash()
                if it.threshold is None
                else number(
                    numbers.proportion(it.threshold),
                    it.threshold,
                    f"chosen on {numbers.count(it.validation_rows)} validation rows",
                ),
                estimate(it.coverage),
                estimate(it.risk),
                Cell(word, look=f"{look} whole"),
                dash() if review is None else number(numbers.dollars(review), review),
            ]
        )
    heads = [Head("strategy")] + [
        Head(what, number=True) for what in ("ceiling", "threshold", "answers itself", "wrong of those")
    ]
    heads += [Head("on test"), Head("people, $ a month", number=True)]
    return Table("Thresholds chosen on validation, judged on test", heads, rows)


def _cascades(view: View) -> Table:
    heads = [Head("small"), Head("large")] + [
        Head(what, number=True)
        for what in (
            "threshold", view.task.metric, "against the large one", "sent on", "1,000 answers, $", "$ a month",
            "mean seconds",
        )
    ]  # fmt: skip
    rows = [_cascade(view, each) for each in view.task.diagnosis.cascades[: view.size]]
    return Table("Cascades, computed from recorded answers", heads, rows)


def _cascade(view: View, it: Cascade) -> list[Cell]:
    thousand = None if it.per_answer is None else 1000 * it.per_answer
    against = dash()
    if it.against is not None:
        against = apart(it.against)
    return [
        view.who(it.small),
        view.who(it.large),
        number(numbers.proportion(it.threshold), it.threshold, f"chosen on {numbers.count(it.chosen_on)} rows"),
        estimate(it.value),
        against,
        estimate(it.escalated),
        number(numbers.dollars(thousand), thousand),
        number(numbers.dollars(it.per_month), it.per_month),
        dash() if it.seconds is None else number(numbers.seconds(it.seconds), it.seconds),
    ]
