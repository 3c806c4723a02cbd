"""What endpoints answered again before a run: what moved since their answers were recorded."""

from __future__ import annotations

from collections.abc import Iterator

from harness import numbers
from harness.drift.records import Canaries, Canary
from harness.drift.saying import NOISE, consequence, latency, names, shift
from harness.report.html.parts import Block, Cell, Fold, Head, Prose, Table, number
from harness.report.html.told import cut


def of_run(run: str, asked: Canaries) -> Iterator[Block]:
    """A table of endpoints, and behind it the prompts that were answered otherwise."""
    if not asked.found:
        return
    heads = [
        Head("endpoint"),
        Head("prompts", number=True),
        Head("the same", number=True),
        Head("what answered"),
        Head("latency and probability"),
        Head("what the run did"),
    ]
    note = f"Asked again {asked.at:%Y-%m-%d %H:%M} UTC, before {run} began: {NOISE}."
    yield Table("Canary: recorded prompts asked again", heads, [_row(each, asked) for each in asked.found], note)
    changes = [
        [Cell(each.model), Cell(cut(change.prompt)), Cell(cut(change.before)), Cell(cut(change.now))]
        for each in asked.found
        for change in each.changes
    ]
    if changes:
        named = [Head("endpoint"), Head("prompt (its end)"), Head("answered then"), Head("answered now")]
        yield Fold("Prompts answered otherwise", [Table("Answered otherwise", named, changes)])
    problems = [f"{each.model}: {cut(each.problem, 300)}" for each in asked.found if each.problem is not None]
    for problem in problems:
        yield Prose(f"Canary: {problem}", look="quiet")


def _row(each: Canary, asked: Canaries) -> list[Cell]:
    share = each.same / each.prompts if each.prompts else None
    ends = f"{numbers.percent(each.low)} to {numbers.percent(each.high)}" if each.prompts else ""
    answered = "; ".join(
        f"{what} {then}" if then == now or not now else f"{what} {then or '?'} → {now}"
        for what, then, now in names(each)
        if then or now
    )
    told = "; ".join(text for text in (latency(each), shift(each)) if text)
    return [
        Cell(cut(each.model, 60)),
        number(numbers.count(each.prompts), each.prompts),
        number("-") if share is None else number(numbers.percent(share), share, ends),
        Cell(cut(answered or "not told", 200)),
        Cell(told or "-"),
        Cell(consequence(each, asked) or "nothing moved" if each.prompts else "nothing was asked"),
    ]
