"""Cost against volume: lines, and the traffics at which two of them cross."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from harness.deciding.records import CostLine
from harness.deciding.spend import Served, at, break_evens, lines
from harness.suite import Decide
from tests.deciding.made import cost, strategy


def line(name: str, once: float, month: float, answer: float, capacity: float | None = None) -> CostLine:
    return CostLine(
        strategy=name,
        basis="deployed",
        prepare_per_month=once,
        serving_per_month=month,
        per_answer=answer,
        capacity_per_month=capacity,
    )


def test_two_straight_lines_cross_where_the_fixed_part_is_earned() -> None:
    (found,) = break_evens([line("machine", 0, 100.0, 0.0), line("tokens", 0, 0.0, 0.0003)])
    assert ("tokens", "machine") == (found.below, found.above)
    assert 100 / 0.0003 == pytest.approx(found.answers_per_month)


@pytest.mark.parametrize("traffic", [10**i for i in range(1, 10)])
def test_a_crossing_at_a_round_number_is_found(traffic: int) -> None:
    (found,) = break_evens([line("machine", 0, float(traffic), 0.0), line("tokens", 0, 0.0, 1.0)])
    assert traffic == pytest.approx(found.answers_per_month)


def test_lines_that_are_the_same_or_never_meet_have_no_crossing() -> None:
    assert [] == break_evens([line("a", 1, 2, 3), line("b", 1, 2, 3)])
    assert [] == break_evens([line("a", 1, 2, 0.1), line("b", 0, 2, 0.01)])


def test_at_every_break_even_the_costs_are_equal_and_the_order_turns() -> None:
    draw, crossed = random.Random(4), 0
    for _ in range(300):
        made = [
            line(name, draw.uniform(0, 50), draw.choice([0.0, draw.uniform(1, 500)]), 10 ** draw.uniform(-7, -2))
            for name in "abc"
        ]
        by_name = {each.strategy: each for each in made}
        found = break_evens(made)
        crossed += len(found)
        for each in found:
            low, high, x = by_name[each.below], by_name[each.above], each.answers_per_month
            assert at(low, x) == pytest.approx(at(high, x), rel=1e-6)
            assert at(low, x * 0.99) < at(high, x * 0.99)
            assert at(low, x * 1.01) > at(high, x * 1.01)
        for i, a in enumerate(made):
            for b in made[i + 1 :]:
                fixed = b.prepare_per_month + b.serving_per_month - a.prepare_per_month - a.serving_per_month
                by_hand = fixed / (a.per_answer - b.per_answer)
                told = [e.answers_per_month for e in found if {e.below, e.above} == {a.strategy, b.strategy}]
                assert told == ([pytest.approx(by_hand)] if 1 < by_hand < 1e10 else [])
    assert crossed > 100


def test_a_machine_that_is_full_turns_the_order_back() -> None:
    found = break_evens([line("machine", 0, 100.0, 0.0, capacity=150_000), line("tokens", 0, 0.0, 0.001)])
    first, second, *_ = sorted(found, key=lambda each: each.answers_per_month)
    assert ("tokens", "machine") == (first.below, first.above)
    assert 100_000 == pytest.approx(first.answers_per_month)
    # Above 150,000 a second machine costs $200, tokens $150.
    assert ("machine", "tokens") == (second.below, second.above)
    assert 150_000 == pytest.approx(second.answers_per_month)


def test_every_turn_that_full_machines_make_is_found() -> None:
    draw, turns = random.Random(1), 0
    for _ in range(40):
        capacity = draw.uniform(5e4, 5e5)
        machine = line("machine", draw.uniform(0, 50), draw.uniform(50, 200), 0.0, capacity)
        each = machine.serving_per_month / capacity * draw.uniform(0.95, 1.3)
        other = line("tokens", draw.uniform(0, 300), 0.0, each)
        if draw.random() < 0.5:
            other = line("tokens", draw.uniform(0, 300), draw.uniform(20, 100), each / 2, draw.uniform(5e4, 5e5))
        most = 60.5 * capacity
        found = sorted(each.answers_per_month for each in break_evens([machine, other]))
        assert len(found) == len(set(found))
        # By hand: the order at every traffic of a fine grid, and just beside every full machine.
        ks = range(1, 700)
        ends = [k * line.capacity_per_month for k in ks for line in (machine, other) if line.capacity_per_month]
        tried = sorted(
            [v * f for v in ends for f in (1 - 1e-9, 1, 1 + 1e-9)] + [i * most / 5000 for i in range(1, 5000)]
        )
        known = [v for v in tried if v <= most]
        cheap = [at(machine, v) < at(other, v) for v in known]
        expected = [high for (x, y), high in zip(pairwise(cheap), known[1:], strict=True) if x != y]
        told = [v for v in found if v <= most]
        assert len(expected) == len(told)
        assert expected == pytest.approx(told, abs=most / 4000)
        turns += len(expected)
    assert turns > 100


def test_beyond_very_many_machines_the_last_turn_is_still_found() -> None:
    found = break_evens([line("machine", 0, 1.0, 0.0, 1000), line("tokens", 10_000, 0.0, 0.0005)])
    assert ["machine"] == [each.below for each in found]
    assert 20_000_000 == pytest.approx(found[0].answers_per_month, rel=0.001)


def test_lines_are_metered_and_as_deployed_and_leave_out_what_has_no_price() -> None:
    decide = Decide.model_validate({"horizon_months": 10, "serving": {"mode": "always_on", "replicas": 2}})
    told = lines(
        [strategy("a", 0.9, cost=cost(5.0, 0.01, 70.0, 1000.0)), strategy("b", 0.9, cost=cost(None))], decide
    )
    metered, deployed = told
    assert ("metered", 0.5, 0.0, 0.01) == (
        metered.basis,
        metered.prepare_per_month,
        metered.serving_per_month,
        metered.per_answer,
    )
    assert ("deployed", 70.0, 1000.0, 2) == (
        deployed.basis,
        deployed.serving_per_month,
        deployed.capacity_per_month,
        deployed.replicas,
    )
    # 3,500 answers take four machines of 1,000 each.
    assert 0.5 + 4 * 70 + 35 == pytest.approx(at(deployed, 3500))
    assert 0.5 + 2 * 70 == pytest.approx(at(deployed, 0))


def test_a_month_without_a_price_or_traffic_is_not_known() -> None:
    served = Served.of(strategy("a", 0.9, cost=cost(None, 0.01)), Decide())
    assert (None, None, None) == (served.once, served.whole_month(100, 12), served.per_month(None))
    assert 1.0 == served.per_month(100)
