from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from datetime import UTC, date, datetime

import pytest

from harness.calls.pricing import UNKNOWN, Prices
from harness.records import Usage
from harness.suite import PriceBook, TokenPrice

GENAI = f"genai-prices {importlib.metadata.version('genai-prices')}"
AT = datetime(2026, 11, 21, tzinfo=UTC)
MILLION = 1_000_000
OWN = TokenPrice(input=1.0, output=4.0, cached=0.1, training=8.0, as_of=date(2026, 11, 1))


def prices(**book: object) -> Prices:
    return Prices(PriceBook.model_validate(book), at=AT)


def test_a_device_is_paid_by_the_hour() -> None:
    priced = prices(device_hours={"this": 0.20}).dollars(Usage(model="this", device_seconds=1800))
    assert (0.10, "suite") == (priced.dollars, priced.source)


def test_a_device_of_its_own_price_goes_by_that() -> None:
    book = prices(device_hours={"this": 0.20, "h100": 3.60})
    assert book.dollars(Usage(model="h100", device_seconds=10)).dollars == pytest.approx(0.01)
    assert book.dollars(Usage(model="smollm2", device_seconds=3600)).dollars == 0.20


def test_tokens_on_a_device_cost_nothing_beside_its_hours() -> None:
    usage = Usage(model="openai/gpt-5-mini", input_tokens=MILLION, training_tokens=MILLION, device_seconds=3600)
    assert prices(device_hours={"this": 0.20}).dollars(usage).dollars == 0.20


def test_a_device_without_a_price_is_unknown() -> None:
    assert prices().dollars(Usage(model="this", device_seconds=1)) == UNKNOWN


def test_nothing_used_costs_nothing_whatever_the_price() -> None:
    assert prices().dollars(Usage(model="nobody/knows")).dollars == 0.0


def test_no_time_on_a_device_costs_nothing_however_many_tokens() -> None:
    assert prices(device_hours={"this": 0.2}).dollars(Usage(model="this", input_tokens=9)).dollars == 0.0


def test_a_device_that_is_free_is_not_unknown() -> None:
    assert prices(device_hours={"this": 0.0}).total([Usage(model="this", device_seconds=9)]) == 0.0


@pytest.mark.parametrize("name", ["openai/gpt-5-mini", "gpt-5-mini"])
def test_the_users_own_price_comes_before_the_looked_up_one(name: str) -> None:
    priced = prices(models={name: OWN}).dollars(
        Usage(model="openai/gpt-5-mini", input_tokens=MILLION, output_tokens=MILLION)
    )
    assert (5.0, "suite", date(2026, 11, 1)) == priced


def test_the_exact_name_comes_before_the_part_behind_the_provider() -> None:
    book = prices(models={"m": OWN, "host/m": TokenPrice(input=2, output=2)})
    assert book.dollars(Usage(model="host/m", input_tokens=MILLION)).dollars == 2.0
    assert book.dollars(Usage(model="other/m", input_tokens=MILLION)).dollars == 1.0


def test_cached_tokens_have_their_price_or_that_of_input() -> None:
    usage = Usage(model="m", input_tokens=MILLION, cached_tokens=MILLION // 2)
    assert prices(models={"m": OWN}).dollars(usage).dollars == pytest.approx(0.55)
    assert prices(models={"m": TokenPrice(input=1, output=4)}).dollars(usage).dollars == 1.0


def test_training_tokens_need_a_training_price() -> None:
    usage = Usage(model="m", input_tokens=5, training_tokens=MILLION)
    assert prices(models={"m": OWN}).dollars(usage).dollars == pytest.approx(8.000005)
    assert prices(models={"m": TokenPrice(input=1, output=4)}).dollars(usage).dollars is None
    assert prices().dollars(Usage(model="openai/gpt-4o", training_tokens=1)).dollars is None


def test_a_hosted_model_is_looked_up() -> None:
    usage = Usage(model="openai/gpt-4o", input_tokens=MILLION, output_tokens=MILLION)
    assert prices().dollars(usage) == (12.5, GENAI, None)


def test_cached_tokens_are_looked_up_and_never_more_than_were_sent() -> None:
    half = Usage(model="openai/gpt-4o", input_tokens=MILLION, cached_tokens=MILLION // 2)
    assert prices().dollars(half).dollars == pytest.approx(1.25 + 0.625)
    odd = Usage(model="openai/gpt-4o", input_tokens=MILLION, cached_tokens=2 * MILLION)
    assert prices().dollars(odd).dollars == pytest.approx(1.25)


def test_a_host_finds_its_provider() -> None:
    usage = Usage(model="openrouter.ai/openai/gpt-4o", input_tokens=MILLION)
    assert prices().dollars(usage).dollars == pytest.approx(2.5)


@pytest.mark.parametrize(
    "model",
    [
        "openai/no-such-model",
        "nobody/gpt-4o",
        "no-such-model",
        "localhost:8000/gpt-4o",
        "openai-proxy.example.org/gpt-4o",  # a proxy's price is not the provider's
        "cerebras/qwen-3-coder-480b",  # listed without any price
    ],
)
def test_what_nobody_lists_is_unknown(model: str) -> None:
    assert prices().dollars(Usage(model=model, input_tokens=1, output_tokens=1)) == UNKNOWN
    assert not prices().known(model)


def test_a_total_is_known_only_when_every_part_is() -> None:
    book = prices(device_hours={"this": 3.6}, models={"m": OWN})
    known = [Usage(model="this", device_seconds=1), Usage(model="m", input_tokens=MILLION)]
    unknown = Usage(model="nobody/knows", input_tokens=1)
    assert book.total(known) == pytest.approx(1.001)
    assert book.total([*known, unknown]) is None
    assert book.known_part([*known, unknown]) == pytest.approx(1.001)
    assert book.total([]) == 0.0


def test_a_cap_can_ask_what_is_known() -> None:
    book = prices(device_hours={"this": 0.2}, models={"m": OWN})
    assert book.known("this")
    assert book.known("host/m")
    assert book.known("openai/gpt-4o")
    assert not prices().known("this")


def test_the_price_list_is_loaded_only_for_a_model_that_needs_it() -> None:
    code = (
        "import sys\n"
        "from harness.calls.pricing import Prices, Usage\n"
        "from harness.suite import PriceBook\n"
        "Prices(PriceBook(device_hours={'this': 1})).dollars(Usage(model='this', device_seconds=1))\n"
        "raise SystemExit('genai_prices' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("model", "dollars", "told"),
    [
        ("openai/gpt-5-mini", 0.125, GENAI),  # its own price of a batch
        ("azure/gpt-4o-mini", 0.075, GENAI),  # half, by the provider's documentation
        ("together/meta-llama/Llama-3.3-70B-Instruct-Turbo", 0.88, f"{GENAI}, at the full price"),
    ],
)
def test_a_batch_costs_what_is_known_of_it_or_the_full_price(model: str, dollars: float, told: str) -> None:
    priced = prices().dollars(Usage(model=model, input_tokens=MILLION, batched=True))
    assert dollars == pytest.approx(priced.dollars)
    assert priced.source.startswith(told)
    assert ("full price" in told) == ("full price" in priced.source)


def test_a_batch_goes_by_the_users_own_factor() -> None:
    usage = Usage(model="m", input_tokens=MILLION, batched=True)
    assert prices(models={"m": TokenPrice(input=3, output=4, batch=0.25)}).dollars(usage).dollars == 0.75
    full = prices(models={"m": TokenPrice(input=3, output=4)}).dollars(usage)
    assert (3.0, True) == (full.dollars, "full price" in full.source)


def test_hours_of_hosting_have_their_price() -> None:
    usage = Usage(model="openai/ft:m", input_tokens=MILLION, hosting_seconds=7200)
    book = {"openai/ft:m": TokenPrice(input=3, output=4, hosting=1.5)}
    assert prices(models=book).dollars(usage).dollars == 6.0
    assert prices(models={"openai/ft:m": TokenPrice(input=3, output=4)}).dollars(usage).dollars is None


def test_training_of_a_tuned_model_may_be_priced_at_its_base_and_its_answers_may_not() -> None:
    book = prices(models={"openai/m": OWN})
    assert book.dollars(Usage(model="openai/ft:m", training_tokens=MILLION)).dollars == 8.0
    assert book.dollars(Usage(model="openai/ft:m", input_tokens=MILLION)).dollars is None
    own = prices(models={"openai/m": OWN, "openai/ft:m": TokenPrice(input=2, output=8, training=9)})
    assert own.dollars(Usage(model="openai/ft:m", training_tokens=MILLION)).dollars == 9.0
    assert own.dollars(Usage(model="openai/ft:m", input_tokens=MILLION)).dollars == 2.0


def test_a_tuned_model_is_looked_up_under_its_own_name_alone() -> None:
    usage = Usage(model="openai/ft:gpt-4o-mini-2024-07-18", input_tokens=MILLION)
    assert prices().dollars(usage).dollars == pytest.approx(0.3)
    # Found loosely this would be the price of the base.
    other = Usage(model="together/ft:meta-llama/Llama-3.3-70B-Instruct-Turbo", input_tokens=MILLION)
    assert prices().dollars(other).dollars is None


def test_an_answer_of_which_no_token_was_told_costs_nothing() -> None:
    assert prices().dollars(Usage(model="nobody/knows", batched=True)).dollars == 0.0
