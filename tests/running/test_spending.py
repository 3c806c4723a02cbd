"""What is spent under a name, in processes that die at each moment of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.calls.budget import Budget
from harness.calls.ledger import Meter, entries
from harness.calls.pricing import Prices
from harness.errors import BudgetError
from harness.records import TrialKey, Usage
from harness.running.spending import spend, spend_once
from harness.suite import PriceBook, TokenPrice

PRICES = Prices(PriceBook(models={"m": TokenPrice(input=1, output=1, training=1)}))
KEY = TrialKey(task="t", strategy="s")


def dollars(amount: float) -> Usage:
    return Usage(model="m", training_tokens=int(amount * 1_000_000))


class Process:
    """The books as one process has them open."""

    def __init__(self, folder: Path, limit: float | None = 10.0) -> None:
        self.meter = Meter(folder / "ledger.jsonl", KEY)
        paid = [entry for entry in entries(folder / "ledger.jsonl") if entry.paid]
        self.budget = Budget(limit, PRICES, folder / "budget.jsonl", paid)

    def spend(self, upper: float, actual: float | None = None, *, fails: bool = False) -> None:
        with spend_once(self.meter, self.budget, f"run/{KEY}", dollars(upper), "job") as spending:
            if fails:
                raise RuntimeError("the laptop was closed")
            if actual is not None:
                spending.actual(dollars(actual))

    def close(self) -> None:
        self.meter.close()
        self.budget.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@contextmanager
def process(folder: Path, limit: float | None = 10.0) -> Iterator[Process]:
    opened = Process(folder, limit)
    try:
        yield opened
    finally:
        opened.close()


def booked(folder: Path) -> list[int]:
    return [entry.usage.training_tokens for entry in entries(folder / "ledger.jsonl")]


def fail(one: Process) -> None:
    with pytest.raises(RuntimeError):
        one.spend(4, fails=True)


def test_what_was_left_by_an_error_stays_reserved_and_is_taken_up_in_the_same_process(folder: Path) -> None:
    with process(folder) as one:
        fail(one)
        assert 4.0 == pytest.approx(one.budget.spent)
        fail(one)
        assert 4.0 == pytest.approx(one.budget.spent)
        one.spend(4, 3)
        assert 3.0 == pytest.approx(one.budget.spent)
    assert [3_000_000] == booked(folder)


def test_it_is_taken_up_after_a_kill(folder: Path) -> None:
    with process(folder) as killed:
        fail(killed)  # what is on disk is what a kill leaves
    with process(folder) as again:
        assert 4.0 == pytest.approx(again.budget.spent)
        again.spend(4, 3)
        assert 3.0 == pytest.approx(again.budget.spent)
    with process(folder) as later:
        assert 3.0 == pytest.approx(later.budget.spent)


def test_a_kill_between_booking_and_settling_books_nothing_twice(folder: Path) -> None:
    with process(folder) as killed:
        killed.budget.reserve_once(f"run/{KEY}/prepare/spend/job", dollars(4))
        killed.meter.book("prepare/spend/job", dollars(3), 0.0, paid=True)
    with process(folder) as again:
        again.spend(4, 3)
        assert 3.0 == pytest.approx(again.budget.spent)
    assert [3_000_000] == booked(folder)
    with process(folder) as later:
        assert 3.0 == pytest.approx(later.budget.spent)


def test_a_kill_after_it_was_settled_books_nothing_twice(folder: Path) -> None:
    for _ in range(3):
        with process(folder) as each:
            each.spend(4, 3)
            each.spend(4, 3)
            assert 3.0 == pytest.approx(each.budget.spent)
    assert [3_000_000] == booked(folder)


def test_the_step_that_it_stands_in_does_not_matter(folder: Path) -> None:
    with process(folder) as one, one.meter.scope("train"):
        fail(one)
    with process(folder) as again:
        again.spend(4)
        assert 4.0 == pytest.approx(again.budget.spent)
    assert [4_000_000] == booked(folder)


def test_a_larger_bound_than_before_reserves_the_difference(folder: Path) -> None:
    with process(folder) as one:
        fail(one)
        one.budget.reserve_once(f"run/{KEY}/prepare/spend/job", dollars(8))
        assert 8.0 == pytest.approx(one.budget.spent)
        with pytest.raises(BudgetError, match="past the limit"):
            one.budget.reserve_once(f"run/{KEY}/prepare/spend/job", dollars(11))
        assert 8.0 == pytest.approx(one.budget.spent)


def test_what_the_cap_refuses_is_neither_reserved_nor_booked(folder: Path) -> None:
    with process(folder, limit=1.0) as one:
        with pytest.raises(BudgetError, match="past the limit"):
            one.spend(4)
        assert 0.0 == one.budget.spent
    assert [] == booked(folder)


def test_without_a_name_each_time_is_its_own_and_an_error_books_it(folder: Path) -> None:
    with process(folder) as one:
        for _ in range(2):
            with pytest.raises(RuntimeError), spend(one.meter, one.budget, f"run/{KEY}", dollars(2)):
                raise RuntimeError("out of memory")
        assert 4.0 == pytest.approx(one.budget.spent)
    assert [2_000_000] * 2 == booked(folder)
