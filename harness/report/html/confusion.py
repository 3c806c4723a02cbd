r"""Which answers were given for which targets, as a table whose darkness is the share of the row.

target \ answer   positive  negative  failed
positive              138         9       3
"""

from __future__ import annotations

from harness import numbers
from harness.diagnosing.records import Confusion
from harness.report.html.parts import Cell, Head, Table, number
from harness.report.html.wording import ends, percent

MOST = 20  # labels; of more, those with the most wrong answers


def table(found: Confusion) -> Table:
    """Counts, with the share of the target's rows below."""
    shown = _worst(found)
    failed = any(len(row) > len(found.labels) and row[-1] for row in found.counts)
    heads = [Head("target \\ answer")] + [Head(found.labels[i], number=True) for i in shown]
    rows = []
    for i in shown:
        counts = found.counts[i]
        of = sum(counts)
        cells = [Cell(found.labels[i])]
        cells += [_cell(counts[j], of, right=i == j) for j in shown]
        if failed:
            cells.append(_cell(counts[len(found.labels)], of, right=False))
        recall = found.per_label.get(f"recall[{found.labels[i]}]")
        cells.append(
            number("-") if recall is None else number(numbers.proportion(recall.value), None, ends(recall))
        )
        cells.append(number(numbers.count(of)))
        rows.append(cells)
    heads += [Head("failed", number=True)] if failed else []
    heads += [
        Head("found", number=True, hint="recall: the share of the target's rows answered so"),
        Head("n", True),
    ]
    left = len(found.labels) - len(shown)
    note = f"The {len(shown)} labels with the most wrong answers; {left} more are in the JSON." if left else ""
    return Table(f"Answers of {found.strategy} by target", heads, rows, note, sortable=False, look="heat")


def _cell(count: int, of: int, *, right: bool) -> Cell:
    share = count / of if of else 0.0
    level = 0 if count == 0 else min(9, 1 + int(share * 9))
    small = percent(share) if count else ""
    look = f"h{level} {'hit' if right else 'miss'}"
    return Cell(numbers.count(count), sort=count, number=True, look=look, small=small)


def _worst(found: Confusion) -> list[int]:
    labels = range(len(found.labels))
    if len(found.labels) <= MOST:
        return list(labels)
    wrong = {i: sum(found.counts[i]) - found.counts[i][i] for i in labels}
    return sorted(sorted(labels, key=lambda i: -wrong[i])[:MOST])
