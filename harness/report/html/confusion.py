r"""Which answers were given for which targets, as a table whose darkness is the share of the row.

target \ answer   positive  negative  failed
positive              138         9       3
"""

from __future__ import annotations

from collections.abc import Sequence

from harness import numbers
from harness.diagnosing.manylabels import Confused, LabelErrors, confused_pairs, worst_labels
from harness.diagnosing.records import Confusion
from harness.numbers import plural
from harness.report.html.parts import Block, Cell, Fold, Head, Table, dash, number
from harness.report.html.wording import capital, ends, percent
from harness.report.labels import steps

MOST = 20  # labels; of more, those with the most wrong answers
NAMED = 8  # columns that are headed by a label's name; more are headed by its number, or they would be too wide
_LEFT = 50  # pairs of a folded list
FIRST = 10  # of a list that is folded behind these


def table(found: Confusion) -> Table:
    """Counts, with the share of the target's rows below."""
    shown = _worst(found)
    failed = any(len(row) > len(found.labels) and row[-1] for row in found.counts)
    by_number = len(shown) > NAMED
    places = {i: str(at) for at, i in enumerate(shown, start=1)}
    heads = [Head("target \\ answer")]
    heads += [Head(places[i] if by_number else found.labels[i], number=True, hint=found.labels[i]) for i in shown]
    others = [j for j in range(len(found.labels)) if j not in places]
    rows = []
    for i in shown:
        counts = found.counts[i]
        of = sum(counts)
        cells = [Cell(f"{places[i]}\u2002{found.labels[i]}" if by_number else found.labels[i])]
        cells += [_cell(counts[j], of, right=i == j, bare=by_number) for j in shown]
        if others:
            cells.append(_cell(sum(counts[j] for j in others), of, right=False, bare=True))
        if failed:
            cells.append(_cell(counts[len(found.labels)], of, right=False, bare=by_number))
        recall = found.per_label.get(f"recall[{found.labels[i]}]")
        cells.append(
            number("-")
            if recall is None
            else number(numbers.proportion(recall.value), None, "" if by_number else ends(recall))
        )
        cells.append(number(numbers.count(of)))
        rows.append(cells)
    heads += [Head("others", number=True, hint="answers with a label that has no column here")] if others else []
    heads += [Head("failed", number=True)] if failed else []
    heads += [
        Head("found", number=True, hint="recall: the share of the target's rows answered so"),
        Head("n", True),
    ]
    note = f"The {len(shown)} labels with the most wrong answers; all are in the JSON." if others else ""
    if found.off_by_one is not None and found.farther_off is not None:
        note = f"{note} {capital(steps(found.strategy, found.off_by_one, found.farther_off))}.".strip()
    return Table(
        f"Answers of {found.strategy} by target",
        heads,
        rows,
        note,
        sortable=False,
        look="heat dense" if by_number else "heat",
    )


def _cell(count: int, of: int, *, right: bool, bare: bool = False) -> Cell:
    share = count / of if of else 0.0
    level = 0 if count == 0 else min(9, 1 + int(share * 9))
    small = percent(share) if count and not bare else ""
    look = f"h{level} {'hit' if right else 'miss'}"
    return Cell(numbers.count(count) if count or not bare else "", sort=count, number=True, look=look, small=small)


def _worst(found: Confusion) -> list[int]:
    labels = range(len(found.labels))
    if len(found.labels) <= MOST:
        return list(labels)
    wrong = {i: sum(found.counts[i]) - found.counts[i][i] for i in labels}
    return sorted(sorted(labels, key=lambda i: -wrong[i])[:MOST])


def many(found: Confusion) -> list[Block]:
    """Of more labels than a table shows well: those that most goes wrong with, and which are confused."""
    if len(found.labels) <= MOST:
        return []
    worst, pairs = worst_labels(found), confused_pairs(found)
    blocks: list[Block] = [_labels(found, f"Labels of {found.strategy} that most goes wrong with", worst[:FIRST])]
    if len(worst) > FIRST:
        blocks.append(Fold(f"All {len(worst)} labels", [_labels(found, f"Labels of {found.strategy}", worst)]))
    if pairs:
        blocks.append(_pairs(f"Labels that {found.strategy} confuses most often", pairs[:FIRST]))
    if len(pairs) > FIRST:
        left = [_pairs(f"Labels that {found.strategy} confuses", pairs[:_LEFT])]
        blocks.append(Fold(f"{min(len(pairs), _LEFT)} of {plural(len(pairs), 'confused pair')}", left))
    return blocks


def _labels(found: Confusion, caption: str, shown: Sequence[LabelErrors]) -> Table:
    heads = [Head("label"), Head("wrong", True, "rows of it that were missed, and rows of others answered so")]
    heads += [Head("missed", True), Head("too many", True), Head("found", True, "recall")]
    heads += [Head("right", True, "precision"), Head("n", True), Head("most often taken for")]
    rows = []
    for each in shown:
        told = [found.per_label.get(f"{figure}[{each.label}]") for figure in ("recall", "precision")]
        rows.append([
            Cell(each.label),
            number(numbers.count(each.missed + each.claimed), each.missed + each.claimed),
            number(numbers.count(each.missed), each.missed),
            number(numbers.count(each.claimed), each.claimed),
            *(dash() if e is None else number(numbers.proportion(e.value), e.value, ends(e)) for e in told),
            number(numbers.count(each.rows), each.rows),
            Cell(f"{each.taken_for} ({numbers.count(each.times)})" if each.taken_for is not None else ""),
        ])  # fmt: skip
    return Table(caption, heads, rows)


def _pairs(caption: str, shown: Sequence[Confused]) -> Table:
    heads = [Head("target"), Head("answered as"), Head("rows", True), Head("of the target's", True)]
    rows = [
        [
            Cell(each.target),
            Cell(each.answer),
            number(numbers.count(each.n), each.n),
            number(percent(each.n / each.of), each.n / each.of, f"of {numbers.count(each.of)}"),
        ]
        for each in shown
    ]
    return Table(caption, heads, rows)
