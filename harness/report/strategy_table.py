"""The terminal's table of strategies, as wide as the terminal: what is dispensable goes first, the name last.

   strategy   accuracy  .4           1.0     p50   p95 ≤  prepare  $/month
*  knn           0.897             ─●─     24 ms   32 ms    2.8 s       <1
x  tf-idf        0.790           ─●─        1 ms   11 ms   641 ms       <1
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from harness import numbers
from harness.comparing.records import StrategyFigures
from harness.comparison import TaskComparison
from harness.report.wrapped import Wrapped

_BARS = (16, 12, 8)
_LONGEST = 18  # a longer name is broken sooner than a column is left out
# What is left out of a narrow terminal, in this order.
_DISPENSABLE = ("prepare", "p50", "bar", "p95 ≤", "money")


class _Column(NamedTuple):
    key: str
    head: str
    cells: Sequence[str]
    right: bool = True

    @property
    def width(self) -> int:
        return max(map(cell_len, (self.head, *self.cells)))


@dataclass(frozen=True)
class StrategyTable:
    """Rows of a task's strategies.

    Attributes:
        task: The task.
        marks: A character before each strategy's name.
    """

    task: TaskComparison
    marks: Mapping[str, str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        columns, left = self._fitting(options.max_width)
        grid = Table(box=None, pad_edge=False, padding=(0, 1), show_edge=False)
        grid.add_column("", width=1)
        grid.add_column("strategy", overflow="fold", min_width=min(9, max(options.max_width - 12, 4)))
        for column in columns:
            grid.add_column(Text(column.head), justify="right" if column.right else "left", no_wrap=True)
        for i, each in enumerate(self.task.strategies):
            cells = [Text(column.cells[i]) for column in columns]
            grid.add_row(Text(self.marks[each.name]), Text(numbers.plain(each.name)), *cells)
        yield grid
        if left:
            yield Wrapped(f"Left out for want of room: {', '.join(left)}.", style="dim")

    def _fitting(self, width: int) -> tuple[list[_Column], list[str]]:
        """The columns that there is room for, and heads of those left out."""
        name = min(max(cell_len(numbers.plain(each.name)) for each in self.task.strategies), _LONGEST)
        taken = 1 + 2 + max(name, len("strategy"))
        columns: list[_Column] = []
        for bar in _BARS:
            columns = list(self._columns(bar))
            if taken + sum(2 + column.width for column in columns) <= width:
                return columns, []
        left: list[str] = []
        for key in _DISPENSABLE:
            left += ["interval" if key == "bar" else c.head for c in columns if c.key == key]
            columns = [column for column in columns if column.key != key]
            if taken + sum(2 + column.width for column in columns) <= width:
                break
        return columns, left

    def _columns(self, bar: int) -> Iterator[_Column]:
        rows, task = self.task.strategies, self.task
        yield _Column(
            "metric", task.metric, [numbers.proportion(e.value.value) if e.value else _why(e) for e in rows]
        )
        lows = [each.value.low for each in rows if each.value and each.value.low is not None]
        low = min(lows, default=0.0)
        axis = numbers.Axis(int(low * 10) / 10 if low >= 0 else -1.0, 1.0, bar)
        least = f"{axis.low:.1f}".lstrip("0")
        drawn = [_drawn(each, axis) for each in rows]
        yield _Column("bar", least + "1.0".rjust(bar - len(least)), drawn, right=False)
        yield _Column("p50", "p50", [_seconds(each, "p50") for each in rows])
        yield _Column("p95 ≤", "p95 ≤", [_seconds(each, "p95") for each in rows])
        prepare = [each.cost.prepare_seconds if each.value else None for each in rows]
        yield _Column("prepare", "prepare", ["-" if v is None else numbers.seconds(v) for v in prepare])
        monthly = any(each.cost.per_month is not None for each in rows)
        yield _Column("money", "$/month" if monthly else "$/1,000", [_money(each, monthly) for each in rows])


def _drawn(each: StrategyFigures, axis: numbers.Axis) -> str:
    return numbers.interval_bar(each.value.low, each.value.value, each.value.high, axis) if each.value else ""


def _seconds(each: StrategyFigures, which: str) -> str:
    if each.value is None or each.latency is None:
        return "-"
    p50, p95 = each.latency.p50, each.latency.p95
    if which == "p50":
        return "-" if p50 is None else numbers.seconds(p50.value)
    return "-" if p95 is None else numbers.seconds(p95.high)


def _money(each: StrategyFigures, monthly: bool) -> str:
    if each.value is None:
        return "-"
    cost = each.cost
    if monthly:
        return numbers.dollars_per_month(cost.per_month)
    return numbers.dollars(None if cost.per_answer is None else 1000 * cost.per_answer)


def _why(each: StrategyFigures) -> str:
    return {"not-applicable": "not applicable", "finished": "no answers"}.get(each.status, each.status)
