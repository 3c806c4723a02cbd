"""The fields of a task of kind `fields`, for one strategy: the recommended one, or the best where none is.

Fields of few-shot  precision          recall             missing  null  invented
order_number        0.97 (0.83-0.99)   0.93 (0.79-0.98)     0/34   2/34       1/6
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from harness import numbers
from harness.comparing.records import Estimate
from harness.comparison import TaskComparison
from harness.diagnosing.records import FieldFigures
from harness.report.wrapped import Wrapped

SHARES = ("missing", "null", "invented")
MEANING = (
    "missing and null: of the rows with a value, those whose answer leaves it out or says null; invented: of the "
    "rows without one, those whose answer has one."
)


class Shown(NamedTuple):
    """Whose fields are shown; none for tasks of other kinds."""

    strategy: str
    fields: Sequence[FieldFigures]


def of_shown(task: TaskComparison) -> Shown:
    """The fields of the strategy that a short report shows."""
    known = {each.strategy for each in task.diagnosis.fields}
    order = [task.recommendation.strategy, *(each.name for each in task.strategies if each.value is not None)]
    name = next((each for each in order if each in known), "") or ""
    return Shown(name, [each for each in task.diagnosis.fields if each.strategy == name])


def counted(found: Estimate | None) -> str:
    """Such as ``2/34``: how many of how many rows, the mean over seeds."""
    return "-" if found is None else f"{round(found.value * found.n):,}/{found.n:,}"


def field_table(task: TaskComparison) -> Iterator[RenderableType]:
    """For the terminal; nothing for tasks of other kinds."""
    name, fields = of_shown(task)
    if not fields:
        return
    grid = Table(box=None, pad_edge=False, padding=(0, 1), show_edge=False)
    grid.add_column(Text(f"fields of {numbers.plain(name)}"), overflow="fold", min_width=8)
    for head in ("precision", "recall"):
        grid.add_column(head, no_wrap=True)
    for head in SHARES:
        grid.add_column(head, justify="right", no_wrap=True)
    for each in fields:
        cells = [_interval(each.precision), _interval(each.recall)]
        cells += [counted(found) for found in (each.missing, each.null, each.invented)]
        grid.add_row(Text(numbers.plain(each.field)), *map(Text, cells))
    yield Text()
    yield grid
    yield Wrapped(MEANING, style="dim")


def _interval(found: Estimate | None) -> str:
    if found is None:
        return "-"
    if found.low is None or found.high is None:
        return f"{found.value:.2f}"
    return f"{found.value:.2f} ({found.low:.2f}-{found.high:.2f})"
