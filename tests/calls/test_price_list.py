from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from harness.calls.price_list import PriceUsed, prices_used, to_write
from harness.calls.pricing import Prices
from harness.records import Usage
from harness.suite import PriceBook, TokenPrice

AT = datetime(2026, 11, 21, tzinfo=UTC)
OWN = TokenPrice(input=1.0, output=4.0, training=8.0, hosting=1.7, batch=0.5, as_of=date(2026, 11, 1))


def listed(*usages: Usage, **book: object) -> dict[str, PriceUsed]:
    found = prices_used(usages, Prices(PriceBook.model_validate(book), at=AT))
    return {price.model: price for price in found}


def test_each_model_is_listed_with_what_was_used_of_it_and_who_says_so() -> None:
    found = listed(
        Usage(model="p/ft:m", training_tokens=5),
        Usage(model="p/ft:m", output_tokens=5, hosting_seconds=3),
        Usage(model="this", device_seconds=2),
        Usage(model="openai/gpt-5-mini", input_tokens=7, batched=True),
        models={"p/ft:m": OWN},
        device_hours={"this": 0.2},
    )
    assert ["openai/gpt-5-mini", "p/ft:m", "this"] == list(found)
    tuned = found["p/ft:m"]
    assert tuned.input is None
    assert (4.0, 8.0, 1.7) == pytest.approx((tuned.output, tuned.training, tuned.hosting))
    assert ("suite, as of 2026-11-01", ()) == (tuned.said, tuned.unknown)
    assert 0.2 == pytest.approx(found["this"].device_hour)
    assert (0.25, 0.5) == pytest.approx((found["openai/gpt-5-mini"].input, found["openai/gpt-5-mini"].batch))
    assert found["openai/gpt-5-mini"].source.startswith("genai-prices ")


def test_what_has_no_price_says_what_to_write() -> None:
    used = (Usage(model="host/m", input_tokens=1, output_tokens=1), Usage(model="this", device_seconds=1))
    found = listed(*used)
    assert ("input", "output") == found["host/m"].unknown
    assert 'prices: {models: {"host/m": {input: …, output: …}}}' == to_write(found["host/m"])
    assert "prices: {device_hours: {this: …}}" == to_write(found["this"])
    assert "none" == found["host/m"].source


def test_a_tuned_model_without_a_price_of_training_says_so() -> None:
    found = listed(Usage(model="openai/ft:gpt-4o-mini-2024-07-18", output_tokens=5, training_tokens=5))
    assert "training: …" in to_write(found["openai/ft:gpt-4o-mini-2024-07-18"])


@pytest.mark.parametrize(("day", "warned"), [(date(2026, 8, 23), False), (date(2026, 8, 22), True)])
def test_a_price_older_than_ninety_days_is_warned_of(day: date, warned: bool) -> None:
    price = TokenPrice(input=1, output=1, as_of=day)
    [found] = listed(Usage(model="m", input_tokens=1), models={"m": price}).values()
    assert warned == (found.warning is not None)
    assert warned == ("91 days" in (found.warning or ""))
