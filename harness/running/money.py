"""What answers cost: as metered in the run, and as they would be deployed.

                 per answer           a month, whatever the traffic
metered          $0.0000016           -            device seconds of the bulk phase
on_demand        $0.0000101           -            device seconds of answering one at a time
batch            $0.0000016           -            as metered
always_on        -                    $146.00      every hour of a machine; more machines where one is not enough

Tokens of an endpoint cost the same in every row; but what the run asked by the batch is priced as a batch where
answers are served so, and at the full price where they are not. A tuned model that its provider hosts by the hour
costs its hours in every row, whatever the traffic: it has to be there for the next answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.calls.pricing import THIS, Prices
from harness.records import LedgerEntry, Phase, Usage
from harness.suite import Decide, Serving


@dataclass(frozen=True)
class AnswerCost:
    """What one answer used, priced; None where a price is not known.

    Attributes:
        tokens: Dollars for an endpoint's tokens, as the run asked.
        live_tokens: The same without a batch's discount.
        batch_tokens: The same as if all had gone by the batch; where none did, as the run asked.
        bulk: Dollars for device seconds in the bulk phase; in the sample where nothing was asked in bulk.
        alone: Dollars for device seconds of an answer by itself; as in bulk where none was asked so.
        bulk_seconds: Device seconds of an answer in bulk.
        alone_seconds: Device seconds of an answer by itself.
        answers: Answers that this comes from.
        own_machine: Whether a machine has to be there for it: a local model's, or one for what asks no model.
        hosting: Dollars for an hour of the tuned models that a provider hosts for it.
    """

    tokens: float | None
    live_tokens: float | None
    batch_tokens: float | None
    bulk: float | None
    alone: float | None
    bulk_seconds: float
    alone_seconds: float
    answers: int
    own_machine: bool = True
    hosting: float | None = 0.0

    @property
    def metered(self) -> float | None:
        return _sum(self.tokens, self.bulk)


@dataclass(frozen=True)
class Deployed:
    """What serving costs.

    Attributes:
        per_answer: Dollars of each further answer.
        serving_per_month: Dollars of one replica for a month: a machine's, or a provider's for hosting.
        capacity_per_month: Answers a month of one replica, one at a time without a pause; None for no bound.
        replicas: At least.
    """

    per_answer: float | None
    serving_per_month: float | None = 0.0
    capacity_per_month: float | None = None
    replicas: int = 1

    def per_month(self, answers: float) -> float | None:
        """Dollars a month at some traffic."""
        if self.per_answer is None or self.serving_per_month is None:
            return None
        needed = self.replicas
        if self.capacity_per_month is not None and self.serving_per_month > 0:
            needed = max(needed, math.ceil(answers / self.capacity_per_month))
        return answers * self.per_answer + needed * self.serving_per_month


def answer_cost(ledger: Sequence[LedgerEntry], outcomes: Mapping[Phase, int], prices: Prices) -> AnswerCost | None:
    """What an answer to a test query cost; None where there is none.

    Args:
        ledger: The trial's.
        outcomes: How many test queries were asked in the phases `sample` and `bulk`.
        prices: What usage costs.
    """
    alone, bulk = outcomes.get("sample", 0), outcomes.get("bulk", 0)
    if not alone + bulk:
        return None
    used: dict[tuple[Phase, bool], list[Usage]] = {}
    for entry in ledger:
        usage = entry.usage
        if usage.hosting_seconds:  # they are no answer's: they pass whether there is one or not
            usage = usage.model_copy(update={"hosting_seconds": 0.0})
        used.setdefault((entry.phase, entry.usage.device_seconds > 0), []).append(usage)
    asked = [*used.get(("sample", False), ()), *used.get(("bulk", False), ())]
    devices = {phase: used.get((phase, True), []) for phase in ("sample", "bulk")}
    first, then = ("sample", alone) if alone else ("bulk", bulk), ("bulk", bulk) if bulk else ("sample", alone)
    tokens = _share(prices.total(asked), alone + bulk)
    in_batches = any(usage.batched for usage in asked)
    return AnswerCost(
        tokens=tokens,
        live_tokens=_share(prices.total(_as(asked, batched=False)), alone + bulk) if in_batches else tokens,
        batch_tokens=_share(prices.total(_as(asked, batched=True)), alone + bulk) if in_batches else tokens,
        bulk=_share(prices.total(devices[then[0]]), then[1]),
        alone=_share(prices.total(devices[first[0]]), first[1]),
        bulk_seconds=_seconds(devices[then[0]]) / then[1],
        alone_seconds=_seconds(devices[first[0]]) / first[1],
        answers=alone + bulk,
        own_machine=_own_machine(ledger),
        hosting=_hosting(ledger, prices),
    )


def _as(asked: Sequence[Usage], *, batched: bool) -> Sequence[Usage]:
    """Usage as it would be served; of models that no batch was sent to nobody knows whether they take one."""
    takes = {usage.model for usage in asked if usage.batched}
    return [usage.model_copy(update={"batched": batched}) if usage.model in takes else usage for usage in asked]


def deployed(cost: AnswerCost, serving: Serving, prices: Prices) -> Deployed:
    """The same answers as the suite says they would be served.

    Args:
        cost: Of one answer.
        serving: How.
        prices: Of this machine's hour, where serving gives none.
    """
    hosted = None if cost.hosting is None else cost.hosting * serving.hours_per_month
    if serving.mode != "always_on":
        device = cost.alone if serving.mode == "on_demand" else cost.bulk
        if serving.dollars_per_hour is not None:
            seconds = cost.alone_seconds if serving.mode == "on_demand" else cost.bulk_seconds
            device = serving.dollars_per_hour * seconds / 3600
        tokens = cost.live_tokens if serving.mode == "on_demand" else cost.batch_tokens
        return Deployed(_sum(tokens, device), hosted, replicas=serving.replicas)
    if not cost.own_machine:
        return Deployed(cost.live_tokens, hosted, replicas=serving.replicas)
    seconds = serving.hours_per_month * 3600
    hour = Usage(model=THIS, device_seconds=seconds)
    standing = (
        serving.dollars_per_hour * serving.hours_per_month
        if serving.dollars_per_hour is not None
        else prices.total([hour])
    )
    capacity = seconds / cost.alone_seconds if cost.alone_seconds else None
    return Deployed(cost.live_tokens, _sum(standing, hosted), capacity, serving.replicas)


def monthly(cost: AnswerCost, decide: Decide, prices: Prices) -> float | None:
    """Dollars a month at the suite's traffic; None where that or a price is not known."""
    if decide.answers_per_month is None:
        return None
    return deployed(cost, decide.serving, prices).per_month(decide.answers_per_month)


def _own_machine(ledger: Sequence[LedgerEntry]) -> bool:
    """False for a strategy that only calls endpoints: the moments it takes itself need no machine of its own."""
    used = [entry.usage for entry in ledger if entry.phase in ("sample", "bulk")]
    local_model = any(usage.device_seconds > 0 and usage.model != THIS for usage in used)
    return local_model or all(usage.device_seconds > 0 for usage in used)


def _hosting(ledger: Sequence[LedgerEntry], prices: Prices) -> float | None:
    """Dollars an hour of the hosted models that answered; None where one is billed so and has no price."""
    asked = {entry.usage.model for entry in ledger if entry.phase in ("sample", "bulk")}
    billed = {entry.usage.model for entry in ledger if entry.usage.hosting_seconds > 0}
    hours = {model: prices.hosting(model) for model in asked}
    if any(hours[model] is None for model in asked & billed):
        return None
    return math.fsum(price for price in hours.values() if price is not None)


def _seconds(used: Sequence[Usage]) -> float:
    return math.fsum(usage.device_seconds for usage in used)


def _share(dollars: float | None, of: int) -> float | None:
    return None if dollars is None else dollars / of


def _sum(*parts: float | None) -> float | None:
    known = [part for part in parts if part is not None]
    return math.fsum(known) if len(known) == len(parts) else None
