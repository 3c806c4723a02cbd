"""What a suite says, as types: tasks, models, strategies, tables, seeds, prices.

`load.py` reads these from YAML and resolves every name; `harness schema` prints them as JSON schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import Field, JsonValue, model_validator

from harness.suite.base import Name, Spec
from harness.suite.decide import Decide, Dollars
from harness.suite.rows import TableSpec
from harness.suite.task import Task


class Use(Spec):
    """Something of a plugin, with its parameters.

    Attributes:
        use: A registered name, ``./file.py:Class`` beside the suite, or ``module:Class``.
        params: Its parameters, under `with:`.
    """

    use: str
    params: Mapping[str, JsonValue] = Field({}, alias="with")


class StrategyEntry(Use):
    """A strategy of the suite.

    Attributes:
        name: Unique in the suite; what results and the command line call it.
        matrix: Parameter to values: every combination is a candidate, and the one that is best on validation
            is scored on test.
        tasks: Only on these tasks; all without it.
    """

    name: Name
    matrix: Mapping[str, tuple[JsonValue, ...]] = {}
    tasks: tuple[str, ...] | None = None


class TokenPrice(Spec):
    """Dollars per million tokens.

    Attributes:
        input: Of prompts.
        output: Of answers.
        cached: Of prompts that the endpoint had cached; as `input` without it.
        training: Of tokens trained on.
        batch: What a batch costs, as a part of the usual price: 0.5 for half.
        hosting: Dollars for an hour in which the provider keeps a tuned model ready.
        as_of: The day of these prices.
    """

    input: Dollars
    output: Dollars
    cached: Dollars | None = None
    training: Dollars | None = None
    batch: float | None = Field(None, ge=0, le=1)
    hosting: Dollars | None = None
    as_of: date | None = None


class PriceBook(Spec):
    """The user's own prices; what is not here is looked up in genai-prices, else unknown.

    Attributes:
        device_hours: Dollars for an hour of a device; ``this`` is the machine that runs the harness.
        models: Dollars per million tokens, by the model's name.
    """

    device_hours: Mapping[str, Dollars] = {}
    models: Mapping[str, TokenPrice] = {}


class Suite(Spec):
    """A suite, whole.

    Attributes:
        name: What reports call it.
        privacy: ``local`` refuses everything that would reach beyond this machine, before a row is read.
        tasks: What is to be done.
        tables: What strategies may need beside the tasks' rows.
        models: Name to model.
        strategies: Ways to do it.
        yardsticks: Added strategies; without it all that plugins register as yardsticks.
        seeds: Every strategy runs once with each.
        repeats: Runs with the same seed.
        cache_days: Days after which an endpoint's cached answer is not used again unasked; null for never.
        latency_sample: Test queries that are asked one at a time and timed.
        keep: Whether fitted strategies stay in the run's folder, for `harness predict`.
        prices: The user's own.
        decide: The user's traffic.
    """

    name: Name
    privacy: Literal["open", "local"] = "open"
    tasks: tuple[Task, ...] = Field(min_length=1)
    tables: Mapping[Name, TableSpec] = {}
    models: Mapping[Name, Use] = {}
    strategies: tuple[StrategyEntry, ...] = ()
    yardsticks: tuple[str, ...] | None = None
    seeds: tuple[int, ...] = Field((0,), min_length=1)
    repeats: int = Field(1, ge=1)
    cache_days: float | None = Field(7, ge=0)
    latency_sample: int = Field(100, ge=0)
    keep: bool = True
    prices: PriceBook = PriceBook()
    decide: Decide = Decide()

    @model_validator(mode="after")
    def _names_are_unique(self) -> Suite:
        for what, names in (
            ("task", [t.name for t in self.tasks]),
            ("strategy", [s.name for s in self.strategies]),
        ):
            twice = sorted({n for n in names if names.count(n) > 1})
            if twice:
                raise ValueError(f"two of the same {what} name: {', '.join(map(repr, twice))}")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("a seed stands twice in seeds; use `repeats` to run the same seed again")
        return self

    @property
    def wants_validation(self) -> bool:
        """Whether validation rows are asked too, to choose below which confidence people answer instead."""
        return self.decide.maximum_error is not None or self.decide.review_price is not None
