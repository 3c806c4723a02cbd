"""A matrix of parameters, reduced to one candidate on validation before test is seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

from pydantic import Field

from harness.records import Brief, Example, Record
from harness.strategy import Context, Fitted, Ref, Strategy, StrategyName


class Candidate(Record):
    """How a candidate did on validation."""

    name: str
    score: float
    rows: int
    failed: int


class Chosen(Record):
    """Which candidate answers the test queries."""

    name: str
    score: float
    among: tuple[Candidate, ...]


class Selected(Strategy):
    """The best of several strategies on validation; ties go to the one that stands first in the suite."""

    candidates: tuple[Annotated[StrategyName, Ref("strategy")], ...] = Field(
        min_length=1, description="Strategies of the suite to choose among."
    )

    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        tried = [self._try(name, validation, context) for name in self.candidates]

        def choose() -> Chosen:
            best = max(tried, key=lambda c: c.score)  # max keeps the first of equals
            return Chosen(name=best.name, score=best.score, among=tuple(tried))

        chosen = context.step("chosen", Chosen, choose)
        with context.fitted(chosen.name) as fitted:
            yield fitted

    def _try(self, name: str, validation: Sequence[Example], context: Context) -> Candidate:
        def measure() -> Candidate:
            with context.fitted(name) as fitted:
                outcomes = list(fitted.answer([example.query for example in validation]))
            failed = len(validation) - sum(hasattr(outcome, "answers") for outcome in outcomes)
            score = context.score(outcomes, validation)
            return Candidate(name=name, score=score, rows=len(validation), failed=failed)

        return context.step(f"candidate {name}", Candidate, measure)
