"""One task as the page sees it: its figures, its rows, the strategies' marks, and what may be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from harness.comparing.evidence import TaskEvidence
from harness.comparing.records import Estimate, StrategyFigures
from harness.comparison import TaskComparison
from harness.report.html.marks import Mark, marks
from harness.report.html.parts import Cell
from harness.turns import told


@dataclass(frozen=True)
class View:
    """A task.

    Attributes:
        task: What was found.
        evidence: What it was found in; None where only the figures are at hand.
        texts: Whether the page may hold texts; what else is left out then is left out of what was found already.
        prefix: Begins every name of the task on the page.
        examples: The most rows that are shown.
        bytes: The most bytes that their texts may take.
        size: The most points, rows and dots of any other table or picture.
    """

    task: TaskComparison
    evidence: TaskEvidence | None
    texts: bool
    prefix: str = ""
    examples: int = 200
    bytes: int = 2_000_000
    size: int = 400

    @cached_property
    def marks(self) -> Mapping[str, Mark]:
        return marks(self.task)

    @property
    def chosen(self) -> str | None:
        return self.task.recommendation.strategy

    @cached_property
    def shown(self) -> tuple[StrategyFigures, ...]:
        """Strategies with a result that are compared, those of a learning curve's smaller sizes left out."""
        return tuple(each for each in self.task.strategies if each.value is not None and self._is_main(each))

    @cached_property
    def without_result(self) -> tuple[StrategyFigures, ...]:
        return tuple(each for each in self.task.strategies if each.value is None)

    @cached_property
    def largest(self) -> Mapping[tuple[str, str], int | None]:
        """The size that stands for a strategy of a run: all rows where it had them, else the most it had."""
        found: dict[tuple[str, str], int | None] = {}
        for each in self.task.strategies:
            key = each.strategy, each.run
            known = found.get(key, -1)
            if each.train_size is None or known is None:
                found[key] = None
            else:
                found[key] = max(known, each.train_size)
        return found

    def _is_main(self, each: StrategyFigures) -> bool:
        if each.name in (self.chosen, self.task.recommendation.runner_up):
            return True
        return each.train_size == self.largest[each.strategy, each.run]

    def mark(self, name: str) -> Mark:
        """A strategy's; that of a curve, which names the strategy without its size, is that of the largest."""
        if name in self.marks:
            return self.marks[name]
        same = [each.name for each in self.shown if each.strategy == name]
        found = self.marks[same[0]] if same else Mark(name, "grey", "circle", "d2")
        return found._replace(name=name)

    def who(self, name: str, small: str = "") -> Cell:
        """The cell that names a strategy."""
        from harness.report.html.marks import swatch

        mark = self.mark(name)
        order = [each.name for each in self.task.strategies]
        sort = float(order.index(name)) if name in order else None
        return Cell(
            name,
            sort=sort,
            picture=swatch(mark),
            star=mark.star,
            small=small,
            look="who" if len(name) > 24 else "who short",
        )

    def ordered(self, names: Iterable[str]) -> list[str]:
        """The recommended one first, then as in the table."""
        order = [each.name for each in self.task.strategies]
        return sorted(
            names, key=lambda n: (not self.mark(n).star, order.index(n) if n in order else len(order), n)
        )

    def text_of(self, query_id: str) -> str | None:
        """A row's text and what was said right before it, where texts are told and the row is known."""
        return self._texts.get(query_id) if self.texts else None

    @cached_property
    def _texts(self) -> Mapping[str, str]:
        if self.evidence is None:
            return {}
        rows = (*self.evidence.train, *self.evidence.validation, *self.evidence.test)
        return {example.query.id: told(example.query) for example in rows}


def exact(value: float, n: int) -> Estimate:
    """A figure without an interval of its own, such as a price."""
    return Estimate(value=value, n=n)
