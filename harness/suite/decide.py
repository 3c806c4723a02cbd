"""What the recommendation goes by: the user's traffic, money and limits.

decide:
  answers_per_month: 100000
  minimum: {accuracy: 0.85}
  maximum: {p95_seconds: 1.0}
  worth_per_month: 20
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from harness.records import Record

Dollars = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Serving(Record):
    """How the winner would run on machines of one's own; endpoints bill by the token however they are called.

    Attributes:
        mode: `always_on` (machines stand ready every hour), `on_demand` (seconds of answering one at a time), or
            `batch` (seconds of answering in bulk).
        replicas: Machines that stand ready, at least; more where the traffic needs them.
        hours_per_month: How long they stand ready.
        dollars_per_hour: Of one machine; `prices.device_hours.this` without it.
    """

    mode: Literal["always_on", "on_demand", "batch"] = "on_demand"
    replicas: int = Field(1, ge=1)
    hours_per_month: float = Field(730, gt=0, le=744)
    dollars_per_hour: Dollars | None = None


class Decide(Record):
    """What the recommendation goes by: the user's traffic, money and limits.

    Attributes:
        answers_per_month: How many questions a month the winner will answer.
        horizon_months: Over how long preparing is written off.
        budget: Dollars for the whole horizon, preparing included.
        minimum: Figure to the least that is acceptable, judged on the lower end of its interval.
        maximum: Figure to the most that is acceptable, judged on the upper end of its interval.
        privacy: `local` recommends nothing that would reach beyond this machine.
        margin: A difference of the metric smaller than this is none that matters.
        worth_per_month: A difference in dollars a month smaller than this is none that matters.
        error_price: Dollars that a wrong answer costs: one number, or target to answer to dollars.
        review_price: Dollars for a person to answer one question instead.
        label_price: Dollars for a person to label one row, to prepare.
        maximum_error: The largest share of wrong answers among those that are not left to people.
        maximum_failed: No verdict on a strategy of whose rows a larger share failed.
        serving: How the winner would run.
    """

    answers_per_month: int | None = Field(None, ge=1)
    horizon_months: int = Field(12, ge=1)
    budget: Dollars | None = None
    minimum: Mapping[str, float] = {}
    maximum: Mapping[str, float] = {}
    privacy: Literal["open", "local"] = "open"
    margin: float = Field(0.02, gt=0, lt=1)
    worth_per_month: Dollars = 0
    error_price: Dollars | Mapping[str, Mapping[str, Dollars]] | None = None
    review_price: Dollars | None = None
    label_price: Dollars | None = None
    maximum_error: float | None = Field(None, gt=0, lt=1)
    maximum_failed: float = Field(0.05, ge=0, le=1)
    serving: Serving = Serving()
