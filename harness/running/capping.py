"""What is refused under a cap before anything is sent: models whose price nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from harness.calls.budget import unpriced
from harness.calls.calling import Calls
from harness.calls.pool import ModelPool
from harness.errors import BudgetError, ModelError, SuiteError, suggest
from harness.models import Endpoint
from harness.suite.load import Loaded


class Bench(Protocol):
    """What of a run is looked at."""

    @property
    def pool(self) -> ModelPool: ...

    @property
    def calls(self) -> Calls: ...


def check_prices(loaded: Loaded, models: Sequence[str], bench: Bench, allowed: Sequence[str]) -> None:
    """Refuses a run whose endpoints a cap could not hold.

    The names of models that are yet to be tuned are not known here: those are refused when they are first asked.

    Args:
        loaded: The suite.
        models: Names of those that the run needs.
        bench: The run's models and its budget.
        allowed: Models that may go uncounted, by the suite's name or by the one that prices go by.

    Raises:
        BudgetError: A price is not known.
        SuiteError: `allowed` has a name that is none.
    """
    endpoints = {model: found for model in models if (found := _endpoint(loaded, bench, model)) is not None}
    known = {*loaded.models, *(endpoint.name for endpoint in endpoints.values())}
    for name in allowed:
        if name not in known and "/" not in name:  # a tuned model's own name has its provider in front
            raise SuiteError(f"--allow-unpriced {name!r} is no model of the suite; {suggest(name, known)}")
    refused = [
        model for model, endpoint in endpoints.items() if not bench.calls.budget.allow(model, endpoint.name)
    ]
    if refused:
        raise BudgetError(unpriced({endpoints[model].name: model for model in refused}))


def _endpoint(loaded: Loaded, bench: Bench, model: str) -> Endpoint | None:
    """A model's endpoint; None where it has none, or where its own trials will say why it cannot be used."""
    if bench.pool.is_local(model):
        return None
    try:
        return bench.pool.get(model).endpoint
    except ModelError:
        return None
