from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.calls.budget import Budget
from harness.calls.pricing import Prices
from harness.errors import BudgetError
from harness.records import LedgerEntry, TrialKey, Usage
from harness.suite import PriceBook, TokenPrice
from tests.processes import reserved

#: 1 $ per million tokens, either way.
PRICES = Prices(PriceBook(models={"m": TokenPrice(input=1, output=1)}, device_hours={"this": 3600.0}))
HALF = Usage(model="m", input_tokens=500_000)


def budget(folder: Path, limit: float | None = 1.0, entries: list[LedgerEntry] | None = None) -> Budget:
    return Budget(limit, PRICES, folder / "budget.jsonl", entries or [])


def entry(usage: Usage, *, paid: bool) -> LedgerEntry:
    key = TrialKey(task="t", strategy="s")
    return LedgerEntry(name="n", trial=key, phase="bulk", usage=usage, seconds=0, paid=paid, at=datetime.now(UTC))


def test_a_reservation_that_would_pass_the_limit_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    held = budget(tmp_path)
    held.reserve("a", HALF)
    held.reserve("b", HALF)
    with pytest.raises(BudgetError, match=r"past the limit of \$1.0000"):
        held.reserve("c", Usage(model="m", output_tokens=1))
    held.close()


def test_settling_frees_what_was_not_used(tmp_path: Path) -> None:
    held = budget(tmp_path)
    name = held.reserve("a", Usage(model="m", input_tokens=1_000_000))
    held.settle(name, Usage(model="m", input_tokens=100_000))
    assert 0.1 == pytest.approx(held.spent)
    held.reserve("b", HALF)
    held.close()


def test_after_a_kill_an_open_reservation_stays_at_its_upper_bound(tmp_path: Path) -> None:
    held = budget(tmp_path)
    held.reserve("a", HALF)
    held.settle(held.reserve("b", HALF), Usage(model="m", input_tokens=250_000))
    held.close()
    again = budget(tmp_path, entries=[entry(Usage(model="m", input_tokens=250_000), paid=True)])
    assert 0.75 == pytest.approx(again.spent)
    again.close()


def test_replays_do_not_count_against_the_cap(tmp_path: Path) -> None:
    held = budget(tmp_path, entries=[entry(HALF, paid=False)])
    assert 0.0 == held.spent
    held.close()


def test_under_a_cap_a_model_without_a_price_is_refused_and_says_what_to_do(tmp_path: Path) -> None:
    held = budget(tmp_path)
    with pytest.raises(BudgetError, match=r"price of 'other' is not known. Give it under `prices:`"):
        held.reserve("a", Usage(model="other", input_tokens=1))
    held.close()


def test_without_a_cap_a_model_without_a_price_is_let_through(tmp_path: Path) -> None:
    held = budget(tmp_path, limit=None)
    name = held.reserve("a", Usage(model="other", input_tokens=1))
    assert [name] == reserved(tmp_path / "budget.jsonl")
    held.settle(name, None)
    assert (0.0, None) == (held.spent, held.told())
    assert [] == reserved(tmp_path / "budget.jsonl")
    held.close()


def test_seconds_of_this_machine_count_too(tmp_path: Path) -> None:
    held = budget(tmp_path)
    held.used(Usage(model="this", device_seconds=0.75))
    with pytest.raises(BudgetError, match="has spent"):
        held.used(Usage(model="this", device_seconds=0.5))
    held.close()


@pytest.mark.parametrize(
    ("limit", "seconds", "said"),
    [(1.0, 1.25, "$1.25, past the limit of $1.00"), (0.000001, 0.0002, "$0.000200, past the limit of $0.000001")],
)
def test_amounts_are_told_with_the_digits_that_show_them_apart(
    tmp_path: Path, limit: float, seconds: float, said: str
) -> None:
    held = budget(tmp_path, limit=limit)
    with pytest.raises(BudgetError) as error:
        held.used(Usage(model="this", device_seconds=seconds))
    assert said in str(error.value)
    held.close()


def test_a_model_that_is_allowed_without_a_price_counts_nothing_and_is_told(tmp_path: Path) -> None:
    held = Budget(1.0, PRICES, tmp_path / "budget.jsonl", [], unpriced=["other"])
    assert held.told() is None
    held.settle(
        held.reserve("a", Usage(model="other", input_tokens=10**9)), Usage(model="other", input_tokens=10**9)
    )
    assert 0.0 == held.spent
    assert held.told() == "the cost of 'other' is not in what --cost-limit held: no price is known"
    held.close()


def test_a_model_that_is_allowed_by_the_suites_name_is_so_with_all_that_is_tuned_from_it(tmp_path: Path) -> None:
    held = Budget(1.0, PRICES, tmp_path / "budget.jsonl", [], unpriced=["mini"])
    assert held.allow("mini", "openai/ft:mini")
    held.reserve("a", Usage(model="openai/ft:mini", input_tokens=10**9))
    assert not held.allow("large", "openai/large-of-nobody")
    assert held.allow("any", "m")
    with pytest.raises(BudgetError, match=r"--allow-unpriced openai/large-of-nobody"):
        held.reserve("b", Usage(model="openai/large-of-nobody", input_tokens=1))
    held.close()
