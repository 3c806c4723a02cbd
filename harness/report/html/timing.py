"""How long an answer takes, as distributions; one picture for each machine, since seconds hold for that alone."""

from __future__ import annotations

from harness import numbers
from harness.comparing.records import Estimate, Latency
from harness.report.html.latency import latency
from harness.report.html.marks import Mark
from harness.report.html.parts import Block, Cell, Figure, Head, Prose, Section, Table, dash, number
from harness.report.html.view import View
from harness.report.html.wording import ends


def section(view: View) -> Section | None:
    if not view.shown:
        return None
    title, name = "Latency", f"{view.prefix}latency"
    by_machine: dict[str, list[tuple[Mark, Latency]]] = {}
    for each in view.shown:
        if each.latency is not None and each.latency.timed:
            by_machine.setdefault(each.latency.machine, []).append((view.mark(each.name), each.latency))
    if not by_machine:
        return Section(name, title, [Prose("Not measured: no row was asked one at a time (`latency_sample`).")])
    blocks: list[Block] = []
    limits = dict(view.task.decide.maximum)
    for i, (machine, rows) in enumerate(by_machine.items()):
        blocks.append(
            Figure(
                f"{name}-{i + 1}",
                f"Seconds of one answer on {machine}",
                latency(f"{name}-{i + 1}", rows, limits),
                "Each small dot is a test row that was asked alone (of many an even draw of 150). ● is the"
                " median, ○ the 95th percentile, lines are their 95 % intervals, which assume no distribution; a"
                " percentile that too few rows bound is left out. The axis is logarithmic.",
                _table(view, rows),
                narrow=latency(f"{name}-{i + 1}", rows, limits, narrow=True),
            )
        )
    return Section(name, title, blocks)


def _table(view: View, rows: list[tuple[Mark, Latency]]) -> Table:
    heads = [Head("strategy"), *(Head(name, number=True) for name in ("rows timed", "p50", "p95", "p99"))]
    told = [
        [
            view.who(mark.name),
            number(numbers.count(it.timed), it.timed),
            _cell(it.p50),
            _cell(it.p95),
            _cell(it.p99),
        ]
        for mark, it in rows
    ]
    note = "A percentile needs enough rows to be bounded: p95 72, p99 368. Seconds hold for this machine alone."
    return Table("Percentiles with their 95 % intervals", heads, told, note)


def _cell(found: Estimate | None) -> Cell:
    if found is None:
        return dash()
    return number(numbers.seconds(found.value), found.value, ends(found, numbers.seconds))
