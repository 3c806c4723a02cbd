"""The prices that a comparison goes by: each with who says so and of which day.

openai/gpt-5-mini   $0.25 in, $2.00 out for 1M tokens   genai-prices 0.2.3
this                $0.20 an hour                       suite
"""

from __future__ import annotations

from collections.abc import Iterator

from harness import numbers
from harness.calls.price_list import PriceUsed, prices_used, to_write
from harness.comparing.evidence import TaskEvidence
from harness.comparison import Compared


def prices_of(compared: Compared) -> tuple[PriceUsed, ...]:
    """Each price once, over all tasks and runs; by name."""
    found = dict.fromkeys(price for each in compared.evidence.values() for price in of_task(each))
    return tuple(sorted(found, key=lambda price: price.model))


def of_task(evidence: TaskEvidence) -> tuple[PriceUsed, ...]:
    """The prices of what one task's strategies used."""
    by_prices = {id(contender.prices): contender.prices for contender in evidence.contenders}
    found: dict[PriceUsed, None] = {}
    for which, prices in by_prices.items():
        mine = [contender for contender in evidence.contenders if id(contender.prices) == which]
        usages = (entry.usage for each in mine for trial in each.trials for entry in trial.ledger)
        found.update(dict.fromkeys(prices_used(usages, prices)))
    return tuple(found)


def lines(prices: tuple[PriceUsed, ...]) -> Iterator[str]:
    """For the terminal: who says what, what is old, and what to write for what is not known."""
    by_source: dict[str, list[str]] = {}
    for price in prices:
        if price.source != "none":
            by_source.setdefault(price.said, []).append(numbers.plain(price.model))
    if by_source:
        told = "; ".join(f"{', '.join(models)} by {said}" for said, models in by_source.items())
        yield f"Prices: {told}."
    for price in prices:
        if price.warning:
            yield f"{numbers.plain(price.model)}: {price.warning}"
        if price.unknown:
            yield (
                f"? is a price that is not known: of {numbers.plain(price.model)} ({', '.join(price.unknown)});"
                f" give `{numbers.plain(to_write(price))}` in the suite or with --prices."
            )
