"""What is recommended and why. All of it is in the JSON.

features   accuracy at least 0.85: 0.880 at its lower bound, met     p95 at most 1 s: 0.019 s, met
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from harness.comparing.records import Estimate
from harness.records import Record

Basis = Literal["metered", "deployed"]


class LimitCheck(Record):
    """Whether a strategy meets one limit.

    Attributes:
        strategy: Which.
        figure: What is limited: a figure's name, `budget` or `privacy`.
        bound: A lower limit is judged on the lower end of the interval, an upper limit on the upper end.
        limit: The user's.
        judged: The end that was judged; None where it is not known.
        value: The figure itself.
        met: None where the figure is not known: then the limit is not met for sure.
        words: The same in words.
    """

    strategy: str
    figure: str
    bound: Literal["minimum", "maximum"]
    limit: float
    judged: float | None
    value: float | None
    met: bool | None
    words: str


class CostLine(Record):
    """What a strategy costs a month at any traffic.

    Attributes:
        strategy: Which.
        basis: `metered`, or `deployed` as the suite's serving says.
        prepare_per_month: Preparing, written off over the horizon.
        serving_per_month: Of one replica, whatever the traffic; more replicas where `capacity` is passed.
        per_answer: Each answer.
        capacity_per_month: Answers of one replica; None for no bound.
        replicas: At least.
    """

    strategy: str
    basis: Basis
    prepare_per_month: float
    serving_per_month: float
    per_answer: float
    capacity_per_month: float | None = None
    replicas: int = 1


class BreakEven(Record):
    """The traffic at which one strategy becomes cheaper than another.

    Attributes:
        basis: As the lines.
        below: Cheaper below.
        above: Cheaper above.
        answers_per_month: Where they cost the same.
    """

    basis: Basis
    below: str
    above: str
    answers_per_month: float


class Change(Record):
    """What would change the recommendation.

    Attributes:
        what: Which limit or number, in words.
        to: What would be recommended then; None for nothing.
        words: A sentence.
    """

    what: str
    to: str | None
    words: str


class Money(Record):
    """Dollars a month at the user's traffic, errors included where they have a price; people who review are not.

    Attributes:
        strategy: Which.
        serve: As deployed, preparing written off over the horizon included.
        errors: Expected cost of wrong answers; None without a price of one.
        total: Both.
    """

    strategy: str
    serve: float | None
    errors: float | None
    total: float | None


class Duel(Record):
    """A model that was tuned against another one that was only asked: the small one or the large one?

    Attributes:
        tuned: The strategy that trains a model's weights.
        prompted: The strategy that asks another model as it is.
        break_even: Answers a month from which on the tuned one is cheaper at any traffic; None where it is not.
        words: The verdict and the money, in words.
    """

    tuned: str
    prompted: str
    break_even: float | None
    words: str


class Recommendation(Record):
    """What to use for a task.

    Attributes:
        task: The task.
        outcome: `recommended`, `tied` (the cheapest of those that are tied with the best), `none meets` or
            `nothing to compare`.
        strategy: Which; None where none meets the limits.
        sentence: The one sentence to pass on.
        runner_up: The next that meets the limits; None for none.
        second: The runner-up in a sentence: its figure, its money, and why it is second.
        rule: The rule that was followed, in words.
        reasons: Why, a sentence each, the weightiest first.
        changes: What would change it.
        limits: Every strategy against every limit.
        pareto: Strategies that no other one beats in metric, latency and money at once.
        money: Dollars a month, by strategy.
        lines: Cost against volume.
        break_evens: Every traffic at which two strategies cost the same.
        duels: Tuned models against others that were only asked.
        sure: Share of resamples of the rows in which the rule picks the same; n is the number of resamples.
        picked: Share of resamples by strategy.
        not_measured: What this cannot say, a sentence each.
    """

    task: str
    outcome: Literal["recommended", "tied", "none meets", "nothing to compare"]
    strategy: str | None
    sentence: str
    runner_up: str | None = None
    second: str = ""
    rule: str = ""
    reasons: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    limits: tuple[LimitCheck, ...] = ()
    pareto: tuple[str, ...] = ()
    money: tuple[Money, ...] = ()
    lines: tuple[CostLine, ...] = ()
    break_evens: tuple[BreakEven, ...] = ()
    duels: tuple[Duel, ...] = ()
    sure: Estimate | None = None
    picked: Mapping[str, float] = {}
    not_measured: tuple[str, ...] = ()

    @property
    def outside(self) -> frozenset[str]:
        """Strategies that are not shown to be within every limit."""
        return frozenset(check.strategy for check in self.limits if not check.met)
