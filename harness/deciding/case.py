"""One task put before the rule: who can be recommended, under which limits, at which price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.comparing.evidence import TaskEvidence
from harness.comparing.labelled import with_most
from harness.comparing.pairs import comparable, failed_share, verdict_on
from harness.comparing.records import Pair, StrategyFigures
from harness.deciding.limits import checks, known_figures
from harness.deciding.mistakes import costs
from harness.deciding.records import LimitCheck, Money
from harness.deciding.rule import Option, Pick, pick
from harness.deciding.spend import Served
from harness.suite import Decide


@dataclass(frozen=True)
class Case:
    """A task's strategies under some limits.

    Attributes:
        strategies: Those that can be recommended, in the suite's order.
        failing: Those of whose rows too many failed to say anything.
        pairs: The tests.
        decide: The user's traffic, money and limits.
        known: Figures that limits of this task may name.
        errors: Strategy to dollars of an answer's error; empty without a price.
    """

    strategies: tuple[StrategyFigures, ...]
    failing: tuple[StrategyFigures, ...]
    pairs: tuple[Pair, ...]
    decide: Decide
    known: tuple[str, ...]
    errors: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, evidence: TaskEvidence, strategies: Sequence[StrategyFigures], pairs: Sequence[Pair]) -> Case:
        contenders = {c.name: c for c in evidence.contenders if comparable(c)}
        able = with_most(s for s in strategies if s.name in contenders and s.value)
        most = evidence.decide.maximum_failed
        failing = tuple(s for s in able if failed_share(evidence, contenders[s.name]) > most)
        errors = {}
        for each in able:
            of_rows = costs(evidence, contenders[each.name])
            if of_rows is not None:
                errors[each.name] = float(of_rows.mean())
        return cls(
            strategies=tuple(s for s in able if s not in failing),
            failing=failing,
            pairs=tuple(pairs),
            decide=evidence.decide,
            known=known_figures(evidence.scorer, tuple(evidence.brief.labels)),
            errors=errors,
        )

    def figures(self, name: str) -> StrategyFigures:
        return next(each for each in self.strategies if each.name == name)

    def checks(self, name: str) -> list[LimitCheck]:
        return checks(self.figures(name), self.decide, self.known)

    def money(self, name: str) -> Money:
        decide = self.decide
        served = Served.of(self.figures(name), decide)
        serve = served.whole_month(decide.answers_per_month, decide.horizon_months)
        errors = None
        if name in self.errors and decide.answers_per_month is not None:
            errors = self.errors[name] * decide.answers_per_month
        total = serve if errors is None else None if serve is None else serve + errors
        return Money(strategy=name, serve=serve, errors=errors, total=total)

    def options(self) -> list[Option]:
        found = []
        for each in self.strategies:
            assert each.value is not None
            money = self.money(each.name)
            met = all(check.met for check in self.checks(each.name))
            whole = money.total if money.errors is not None else None
            found.append(Option(each.name, each.value.value, met, money.serve, whole))
        return found

    def tied(self, a: str, b: str) -> bool:
        return verdict_on(self.pairs, a, b) == "tied"

    def pick(self) -> Pick:
        return pick(self.options(), self.tied, self.decide.worth_per_month)

    def with_(self, **changed: object) -> Case:
        """The same case with other limits or numbers."""
        return replace(self, decide=self.decide.model_copy(update=changed))

    def without(self, name: str) -> Case:
        return replace(self, strategies=tuple(s for s in self.strategies if s.name != name))
