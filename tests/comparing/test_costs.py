"""What a strategy costs, from ledgers made by hand; every expected dollar is worked out beside it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.comparing.costs import cost_of
from harness.comparing.records import Cost
from harness.records import Step, Usage
from harness.suite import Decide, PriceBook
from harness.suite.spec import TokenPrice
from tests.diagnosing.conftest import AT, EvidenceMaker, Facts

Make = Callable[..., EvidenceMaker]

PRICES = PriceBook(device_hours={"this": 3.6}, models={"big": TokenPrice(input=1.0, output=10.0)})


def seconds(of: float, model: str = "this") -> Usage:
    """Of this machine: a tenth of a cent a second."""
    return Usage(model=model, device_seconds=of)


def tokens(given: int, back: int = 0, model: str = "big") -> Usage:
    return Usage(model=model, input_tokens=given, output_tokens=back)


def step(name: str) -> Step:
    return Step(name=name, result={}, seconds=0.0, at=AT)


def cost(make: EvidenceMaker, name: str = "s") -> Cost:
    evidence = make.build()
    return cost_of(evidence, evidence.contender(name))


def test_a_matrix_tells_what_was_used_from_what_was_only_tried_and_seeds_apart(make_evidence: Make) -> None:
    make = make_evidence(
        ["yes"] * 4, prices=PRICES, train=["yes"] * 6, validation=["no"] * 4, decide=Decide(label_price=0.5)
    )
    for factor in (1, 3):
        used = {
            "prepare/s[k=1]/prepare/fit": seconds(10 * factor),
            "prepare/s[k=2]/prepare/fit": seconds(20 * factor),
            "prepare/candidate s[k=1]/v1": seconds(5 * factor),
            "prepare/candidate s[k=2]/v1": seconds(5 * factor),
            "sample/t0": seconds(4),
        }
        facts = Facts(used=used, chosen="s[k=2]", prepare_seconds=30.0 * factor)
        steps = [step("prepared s[k=1]"), step("prepared s[k=2]"), step("chosen")]
        make.trial("s", ["yes"] * 4, facts=facts, steps=steps)
    found = cost(make)
    assert 0.020 == pytest.approx(found.prepare)
    assert 0.020 == pytest.approx(found.search)  # 10 + 5 + 5 seconds
    assert 0.120 == pytest.approx(found.seeds)  # the other seed's 120 seconds
    assert 5.0 == pytest.approx(found.labels)  # ten rows, train and validation
    assert 60.0 == pytest.approx(found.prepare_seconds)


def test_a_search_of_the_strategys_own_is_part_of_preparing_it(make_evidence: Make) -> None:
    used = {
        "prepare/candidate/plain#1": seconds(3),
        "prepare/candidate/better#1": seconds(4),
        "sample/t0": seconds(1),
    }
    make = make_evidence(["yes"], prices=PRICES)
    make.trial("s", ["yes"], facts=Facts(used=used, chosen="better"), steps=[step("chosen")])
    found = cost(make)
    assert (0.007, 0.0) == pytest.approx((found.prepare, found.search))


def test_a_learning_curve_pays_for_the_labels_of_its_size(make_evidence: Make) -> None:
    make = make_evidence(["yes"], train=["yes"] * 90, validation=["no"] * 10, decide=Decide(label_price=2.0))
    make.trial("s", ["yes"], train_size=16)
    assert 32.0 == pytest.approx(cost(make, "s n=16").labels)


def test_a_trial_that_broke_off_is_not_what_preparing_costs(make_evidence: Make) -> None:
    make = make_evidence(["yes"], prices=PRICES)
    make.trial("s", [], facts=Facts(status="failed", used={"prepare/fit": seconds(1)}))
    make.trial("s", ["yes"], facts=Facts(used={"prepare/fit": seconds(50), "sample/t0": seconds(1)}))
    found = cost(make)
    assert (0.05, 0.0) == pytest.approx((found.prepare, found.seeds))


def test_an_unknown_price_is_none_and_never_nothing(make_evidence: Make) -> None:
    make = make_evidence(["yes"], decide=Decide(answers_per_month=1000))
    make.trial("s", ["yes"], facts=Facts(used={"prepare/fit": seconds(1), "sample/t0": seconds(1)}))
    found = cost(make)
    assert (None,) * 5 == (
        found.prepare,
        found.per_answer,
        found.per_answer_deployed,
        found.per_month,
        found.total,
    )
    for mode in ("always_on", "on_demand", "batch"):
        served = make_evidence(
            ["yes"], decide=Decide.model_validate({"answers_per_month": 9, "serving": {"mode": mode}})
        )
        served.trial("s", ["yes"], facts=Facts(used={"sample/t0": seconds(1)}))
        assert cost(served).per_month is None


def test_one_part_without_a_price_leaves_the_whole_unknown(make_evidence: Make) -> None:
    used = {"sample/t0": tokens(1000), "sample/t0b": tokens(1000, model="unheard-of")}
    make = make_evidence(["yes"], prices=PRICES, decide=Decide(answers_per_month=1000))
    assert cost(make.trial("s", ["yes"], facts=Facts(used=used))).per_answer is None


def served(make: Make, mode: str, **serving: float) -> Cost:
    """Two rows alone at 2 s, and with `bulk` two rows in bulk at 0.5 s; a million answers a month."""
    decide = Decide.model_validate({"answers_per_month": 1_000_000, "serving": {"mode": mode, **serving}})
    made = make(["yes"] * 2, prices=PRICES, decide=decide)
    made.trial(
        "s",
        ["yes"] * 2,
        facts=Facts(used={"sample/t0": seconds(2), "sample/t1": seconds(2), "prepare/x": seconds(100)}),
    )
    return cost(made)


def test_on_demand_pays_for_the_seconds_of_each_answer(make_evidence: Make) -> None:
    found = served(make_evidence, "on_demand")
    assert 0.002 == pytest.approx(found.per_answer_deployed)
    assert 2000.0 == pytest.approx(found.per_month)
    assert 0.1 + 12 * 2000 == pytest.approx(found.total)


def test_the_users_own_price_of_a_machines_hour_comes_first(make_evidence: Make) -> None:
    assert 4000.0 == pytest.approx(served(make_evidence, "on_demand", dollars_per_hour=7.2).per_month)
    assert 7.2 * 100 == pytest.approx(
        served(make_evidence, "always_on", dollars_per_hour=7.2, hours_per_month=100).serving_per_month
    )


def test_always_on_pays_for_every_hour_of_as_many_machines_as_the_traffic_needs(make_evidence: Make) -> None:
    found = served(make_evidence, "always_on", hours_per_month=500)
    assert 0.0 == found.per_answer_deployed
    assert 3.6 * 500 == pytest.approx(found.serving_per_month)
    assert 500 * 3600 / 2 == pytest.approx(found.capacity_per_month)
    # A million answers take 1.11 machines: two.
    assert 2 * 3.6 * 500 == pytest.approx(found.per_month)
    assert 3 * 3.6 * 500 == pytest.approx(
        served(make_evidence, "always_on", hours_per_month=500, replicas=3).per_month
    )


def test_batch_pays_what_the_bulk_phase_took(make_evidence: Make) -> None:
    decide = Decide.model_validate({"answers_per_month": 1000, "serving": {"mode": "batch"}})
    make = make_evidence(["yes"] * 4, prices=PRICES, decide=decide)
    make.trial("s", ["yes"] * 4, facts=Facts(used={"bulk/own": seconds(2)}, bulk=True))
    found = cost(make)
    assert 0.0005 == pytest.approx(found.per_answer_deployed)
    assert 0.5 == pytest.approx(found.per_month)


def test_what_only_calls_endpoints_needs_no_standing_machine(make_evidence: Make) -> None:
    decide = Decide.model_validate({"answers_per_month": 1000, "serving": {"mode": "always_on"}})
    make = make_evidence(["yes"], prices=PRICES, decide=decide)
    used = {"sample/t0": tokens(1000, 100), "sample/own/t0": seconds(0.01)}
    make.trial("s", ["yes"], facts=Facts(used=used))
    make.trial("local", ["yes"], facts=Facts(used={"sample/t0": seconds(1, "small")}))
    found = cost(make)
    assert 0.002 == pytest.approx(found.per_answer_deployed)  # 1,000 at $1 and 100 at $10 a million
    assert (0.0, None) == (found.serving_per_month, found.capacity_per_month)
    assert 2.0 == pytest.approx(found.per_month)
    assert 3.6 * 730 == pytest.approx(cost(make, "local").serving_per_month)


def test_without_traffic_there_is_no_month(make_evidence: Make) -> None:
    make = make_evidence(["yes"], prices=PRICES).trial("s", ["yes"], facts=Facts(used={"sample/t0": seconds(1)}))
    found = cost(make)
    assert 0.001 == pytest.approx(found.per_answer)
    assert (None, None) == (found.per_month, found.total)


def test_what_was_used_beside_the_test_rows_is_not_in_an_answers_price(make_evidence: Make) -> None:
    used = {"sample/t0": seconds(1), "warm-up/r0": seconds(9), "probe/t0": seconds(9), "validation/v0": seconds(9)}
    make = make_evidence(["yes"], prices=PRICES).trial("s", ["yes"], facts=Facts(used=used))
    assert 0.001 == pytest.approx(cost(make).per_answer)


def test_training_with_a_provider_stands_apart_and_hosting_stands_in_every_month(make_evidence: Make) -> None:
    book = PriceBook(
        device_hours={"this": 0.0},
        models={"p/ft:big": TokenPrice(input=1.0, output=10.0, training=20.0, hosting=2.0)},
    )
    decide = Decide.model_validate({"answers_per_month": 1000, "serving": {"replicas": 3}})
    make = make_evidence(["yes"], prices=book, decide=decide)
    used = {
        "prepare/spend/job": Usage(model="p/ft:big", training_tokens=500_000),
        "prepare/ask": tokens(1_000_000, model="p/ft:big"),
        "bulk/t0": tokens(100, model="p/ft:big"),
    }
    make.trial("s", ["yes"], facts=Facts(used=used))
    found = cost(make)
    assert (11.0, 10.0) == pytest.approx((found.prepare, found.training))
    assert 2.0 * 730 == pytest.approx(found.serving_per_month)
    assert 3 * 2.0 * 730 + 1000 * 0.0001 == pytest.approx(found.per_month)
