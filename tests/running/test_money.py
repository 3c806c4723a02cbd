"""What answers cost: metered and as deployed, with every dollar worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harness.calls.pricing import Priced, Prices
from harness.records import LedgerEntry, Phase, TrialKey, Usage
from harness.running.money import answer_cost, deployed, monthly
from harness.suite import Decide, PriceBook, Serving
from harness.suite.spec import TokenPrice

PRICES = Prices(
    PriceBook(device_hours={"this": 3.6, "gpu": 36.0}, models={"big": TokenPrice(input=2.0, output=8.0)})
)
NOTHING = Prices(PriceBook())


def entry(phase: Phase, *, model: str = "this", seconds: float = 0.0, tokens: int = 0) -> LedgerEntry:
    usage = Usage(model=model, device_seconds=seconds, input_tokens=tokens)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    key = TrialKey(task="t", strategy="s")
    return LedgerEntry(name=f"{phase}/x", trial=key, phase=phase, usage=usage, seconds=seconds, paid=True, at=at)


LOCAL = [entry("prepare", seconds=100.0), entry("sample", seconds=4.0), entry("bulk", seconds=3.0)]
HOSTED = [entry("bulk", model="big", tokens=1000), entry("bulk", seconds=0.001)]


def test_an_answer_alone_and_in_bulk_have_their_own_seconds() -> None:
    found = answer_cost(LOCAL, {"sample": 2, "bulk": 6}, PRICES)
    assert found is not None
    assert (2.0, 0.5) == (found.alone_seconds, found.bulk_seconds)
    assert (0.002, 0.0005, 0.0) == pytest.approx((found.alone, found.bulk, found.tokens))
    assert 0.0005 == pytest.approx(found.metered)
    assert 8 == found.answers


def test_where_one_phase_asked_nothing_the_other_stands_for_it() -> None:
    only_alone = answer_cost(LOCAL[:2], {"sample": 2}, PRICES)
    only_bulk = answer_cost([LOCAL[2]], {"bulk": 6}, PRICES)
    assert only_alone is not None
    assert only_bulk is not None
    assert 0.002 == pytest.approx(only_alone.metered)
    assert 0.0005 == pytest.approx(only_bulk.alone)


def test_without_answers_there_is_no_price_of_one() -> None:
    assert answer_cost(LOCAL, {}, PRICES) is None


@pytest.mark.parametrize(
    ("serving", "per_answer", "standing"),
    [
        (Serving(mode="on_demand"), 0.002, 0.0),
        (Serving(mode="batch"), 0.0005, 0.0),
        (Serving(mode="on_demand", dollars_per_hour=36.0), 0.02, 0.0),
        (Serving(mode="batch", dollars_per_hour=36.0), 0.005, 0.0),
        (Serving(mode="always_on"), 0.0, 3.6 * 730),
        (Serving(mode="always_on", dollars_per_hour=1.0, hours_per_month=100), 0.0, 100.0),
    ],
)
def test_each_way_of_serving_has_its_price(serving: Serving, per_answer: float, standing: float) -> None:
    cost = answer_cost(LOCAL, {"sample": 2, "bulk": 6}, PRICES)
    assert cost is not None
    found = deployed(cost, serving, PRICES)
    assert (per_answer, standing) == pytest.approx((found.per_answer, found.serving_per_month))
    assert (found.capacity_per_month is None) == (serving.mode != "always_on")


@pytest.mark.parametrize(("answers", "machines"), [(1, 1), (180_000, 1), (180_001, 2), (540_001, 4)])
def test_more_traffic_takes_more_machines(answers: int, machines: int) -> None:
    cost = answer_cost(LOCAL, {"sample": 2, "bulk": 6}, PRICES)
    assert cost is not None
    # 100 hours at 2 s an answer: 180,000 answers.
    serving = Serving(mode="always_on", hours_per_month=100, dollars_per_hour=1.0)
    assert 100.0 * machines == pytest.approx(deployed(cost, serving, PRICES).per_month(answers))
    three = serving.model_copy(update={"replicas": 3})
    assert 100.0 * max(machines, 3) == pytest.approx(deployed(cost, three, PRICES).per_month(answers))


def test_tokens_cost_the_same_however_it_is_served_and_need_no_machine() -> None:
    cost = answer_cost(HOSTED, {"bulk": 1}, PRICES)
    assert cost is not None
    assert not cost.own_machine
    found = deployed(cost, Serving(mode="always_on"), PRICES)
    assert (0.002, 0.0) == pytest.approx((found.per_answer, found.serving_per_month))
    assert found.capacity_per_month is None


def test_a_local_model_beside_an_endpoint_needs_its_machine() -> None:
    cost = answer_cost([*HOSTED, entry("bulk", model="small", seconds=1.0)], {"bulk": 1}, PRICES)
    assert cost is not None
    assert cost.own_machine


def test_an_unknown_price_stays_unknown_in_every_way_of_serving() -> None:
    cost = answer_cost(LOCAL, {"sample": 2, "bulk": 6}, NOTHING)
    assert cost is not None
    for mode in ("always_on", "on_demand", "batch"):
        decide = Decide.model_validate({"answers_per_month": 10, "serving": {"mode": mode}})
        assert monthly(cost, decide, NOTHING) is None
    own = Decide.model_validate(
        {"answers_per_month": 10, "serving": {"mode": "on_demand", "dollars_per_hour": 3.6}}
    )
    assert 0.02 == pytest.approx(monthly(cost, own, NOTHING))


def test_without_traffic_there_is_no_month() -> None:
    cost = answer_cost(LOCAL, {"sample": 2, "bulk": 6}, PRICES)
    assert cost is not None
    assert monthly(cost, Decide(), PRICES) is None
    assert 20.0 == pytest.approx(monthly(cost, Decide(answers_per_month=10_000), PRICES))


HOURLY = TokenPrice(input=2.0, output=8.0, hosting=1.5)
TUNED = Prices(PriceBook(device_hours={"this": 0.0}, models={"p/ft:m": HOURLY}))


@pytest.mark.parametrize("mode", ["on_demand", "batch", "always_on"])
def test_a_tuned_model_costs_its_hours_of_hosting_at_any_traffic(mode: str) -> None:
    ledger = [entry("bulk", model="p/ft:m", tokens=1000), entry("bulk", seconds=0.001)]
    cost = answer_cost(ledger, {"bulk": 1}, TUNED)
    assert cost is not None
    decide = Decide.model_validate({"answers_per_month": 10, "serving": {"mode": mode, "replicas": 2}})
    found = deployed(cost, decide.serving, TUNED)
    assert 1.5 * 730 == pytest.approx(found.serving_per_month)
    assert found.capacity_per_month is None
    assert 2 * 1.5 * 730 + 10_000_000 * 0.002 == pytest.approx(found.per_month(10_000_000), abs=0.1)


def test_hours_of_hosting_that_were_billed_in_the_run_are_no_answers() -> None:
    billed = entry("bulk", model="p/ft:m", tokens=1000)
    billed = billed.model_copy(update={"usage": billed.usage.model_copy(update={"hosting_seconds": 3600.0})})
    cost = answer_cost([billed], {"bulk": 1}, TUNED)
    assert cost is not None
    assert (0.002, 1.5) == pytest.approx((cost.tokens, cost.hosting))


def test_hosting_that_is_billed_at_no_known_price_makes_the_month_unknown() -> None:
    billed = entry("bulk", model="p/ft:m", tokens=1000)
    billed = billed.model_copy(update={"usage": billed.usage.model_copy(update={"hosting_seconds": 3600.0})})
    book = Prices(PriceBook(models={"p/ft:m": TokenPrice(input=2.0, output=8.0)}))
    cost = answer_cost([billed], {"bulk": 1}, book)
    assert cost is not None
    assert monthly(cost, Decide(answers_per_month=1), book) is None


def test_a_base_whose_tuned_form_is_hosted_is_not_hosted_itself() -> None:
    book = Prices(PriceBook(models={"p/m": TokenPrice(input=2.0, output=8.0, hosting=1.5)}))
    cost = answer_cost([entry("bulk", model="p/m", tokens=1000)], {"bulk": 1}, book)
    assert cost is not None
    assert 0.0 == cost.hosting
    tuned = answer_cost([entry("bulk", model="p/ft:m", tokens=1000)], {"bulk": 1}, book)
    assert tuned is not None
    assert 1.5 == tuned.hosting


class HalfPrice(Prices):
    """Batches at half the price."""

    def dollars(self, usage: Usage) -> Priced:
        told = super().dollars(usage.model_copy(update={"batched": False}))
        return told._replace(dollars=told.dollars / 2) if usage.batched and told.dollars is not None else told


@pytest.mark.parametrize(("mode", "tokens"), [("on_demand", 1000), ("always_on", 1000), ("batch", 500)])
def test_what_was_asked_by_the_batch_is_priced_as_it_would_be_served(mode: str, tokens: int) -> None:
    alone, bulk = entry("sample", model="big", tokens=1000), entry("bulk", model="big", tokens=1000)
    batch = bulk.model_copy(update={"usage": bulk.usage.model_copy(update={"batched": True})})
    prices = HalfPrice(PriceBook(models={"big": TokenPrice(input=2.0, output=8.0)}))
    found = answer_cost([alone, batch], {"sample": 1, "bulk": 1}, prices)
    assert found is not None
    assert 750 * 2e-6 == pytest.approx(found.metered)  # as the run paid
    serving = Serving.model_validate({"mode": mode})
    assert tokens * 2e-6 == pytest.approx(deployed(found, serving, prices).per_answer)
