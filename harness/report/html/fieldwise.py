"""How well each field of an extracted object is found, a table for each strategy.

field          precision   recall   F1      missing  null   invented
order_number       0.970    0.930   0.949     0.000  0.059     0.167
"""

from __future__ import annotations

from harness.diagnosing.records import FieldFigures
from harness.numbers import plural
from harness.report.field_table import MEANING
from harness.report.html.parts import Block, Cell, Fold, Head, Table
from harness.report.html.view import View
from harness.report.html.wording import capital, estimate

_MOST = 12  # strategies
_HEADS = (
    ("precision", "credit as a share of the values given"),
    ("recall", "credit as a share of the values that there are"),
    ("F1", "of precision and recall"),
    ("missing", "of the rows with a value, those whose answer leaves the key out"),
    ("null", "of the rows with a value, those whose answer says null or an empty one"),
    ("invented", "of the rows without a value, those whose answer has one"),
)


def blocks(view: View) -> list[Block]:
    """The recommended strategy's fields, or the best one's; the others' folded."""
    by_name: dict[str, list[FieldFigures]] = {}
    for each in view.task.diagnosis.fields:
        by_name.setdefault(each.strategy, []).append(each)
    tables = [_table(name, by_name[name], view.size) for name in view.ordered(by_name)]
    first: list[Block] = [tables[0]]
    if len(tables) > 1:
        more = plural(len(tables) - 1, "more strategy", "more strategies")
        first.append(Fold(f"Fields of {more}", tables[1:_MOST]))
    return first


def _table(name: str, fields: list[FieldFigures], most: int) -> Table:
    heads = [Head("field"), *(Head(head, number=True, hint=hint) for head, hint in _HEADS)]
    rows = [
        [
            Cell(each.field),
            *(
                estimate(found)
                for found in (each.precision, each.recall, each.f1, each.missing, each.null, each.invented)
            ),
        ]
        for each in fields[:most]
    ]
    return Table(f"Fields of {name}", heads, rows, capital(MEANING))
