"""What usage costs: the user's own prices first, then genai-prices, else unknown.

    1 h of `this` at 0.20 $/h                                   0.20    suite
    openai/gpt-5-mini, 1 M tokens in, 1 M out                   2.25    genai-prices 0.2.3
    localhost:8000/llama, 1 M tokens in                         None    none

An unknown price is None and never 0. Prices come from the installed package; nothing is fetched.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import NamedTuple

from harness.records import Usage
from harness.suite import PriceBook, TokenPrice

THIS = "this"  # the machine that runs the harness
_MILLION = 1_000_000


class Priced(NamedTuple):
    """What something cost and who says so.

    Attributes:
        dollars: None where the price is unknown.
        source: ``suite``, ``genai-prices VERSION`` or ``none``.
        as_of: The day that the suite gives for its price.
    """

    dollars: float | None
    source: str
    as_of: date | None = None


UNKNOWN = Priced(None, "none")


class Prices:
    """Prices usage.

    Args:
        book: The user's own prices.
        at: When the calls were made, for prices that changed or go by the hour of the day; None for now.
    """

    def __init__(self, book: PriceBook, *, at: datetime | None = None) -> None:
        self._book = book
        self._at = at or datetime.now(UTC)

    def dollars(self, usage: Usage) -> Priced:
        """Prices one usage.

        A device that is held by the hour has no token price: its seconds count and nothing else. Give each
        call's usage by itself, because some prices rise with the length of the call.
        """
        if not any(usage.model_dump(exclude={"model"}).values()):
            return Priced(0.0, "none")
        if usage.device_seconds > 0 or self._is_device(usage.model):
            return self._device(usage)
        own = self._own(usage.model)
        if own is not None:
            return _at_own_price(usage, own)
        return self._looked_up(usage)

    def total(self, usages: Iterable[Usage]) -> float | None:
        """Dollars of all together; None where any part is unknown."""
        parts = [self.dollars(usage).dollars for usage in usages]
        known = [part for part in parts if part is not None]
        return math.fsum(known) if len(known) == len(parts) else None

    def known_part(self, usages: Iterable[Usage]) -> float:
        """Dollars of what has a known price: a lower bound of the total."""
        return math.fsum(part for usage in usages if (part := self.dollars(usage).dollars) is not None)

    def known(self, model: str) -> bool:
        """Whether what this model uses can be priced, so that a cap can hold it."""
        if self._is_device(model):
            return model in self._book.device_hours
        return self.dollars(Usage(model=model, input_tokens=1, output_tokens=1)).dollars is not None

    def _is_device(self, model: str) -> bool:
        return model == THIS or model in self._book.device_hours

    def _device(self, usage: Usage) -> Priced:
        hours = self._book.device_hours
        price = hours.get(usage.model, hours.get(THIS))
        return UNKNOWN if price is None else Priced(price * usage.device_seconds / 3600, "suite")

    def _own(self, model: str) -> TokenPrice | None:
        models = self._book.models
        return models.get(model) or models.get(model.partition("/")[2])

    def _looked_up(self, usage: Usage) -> Priced:
        if usage.training_tokens > 0:  # genai-prices knows no price of training
            return UNKNOWN
        # It takes a fifth of a second to import, and only suites with a hosted model need it.
        import genai_prices

        used = genai_prices.Usage(
            input_tokens=usage.input_tokens,
            cache_read_tokens=min(usage.cached_tokens, usage.input_tokens),
            output_tokens=usage.output_tokens,
        )
        provider, slash, name = usage.model.partition("/")
        at = self._at
        try:
            if not slash:
                price = genai_prices.calc_price(used, usage.model, genai_request_timestamp=at)
            elif _is_host(provider):
                url = f"https://{provider}/"
                price = genai_prices.calc_price(used, name, provider_api_url=url, genai_request_timestamp=at)
            else:
                price = genai_prices.calc_price(used, name, provider_id=provider, genai_request_timestamp=at)
        except (LookupError, ValueError):
            return UNKNOWN
        needed = {"input_mtok": usage.input_tokens, "output_mtok": usage.output_tokens}
        # A price that it lacks it counts as 0.
        if any(tokens and getattr(price.model_price, unit) is None for unit, tokens in needed.items()):
            return UNKNOWN
        return Priced(float(price.total_price), f"genai-prices {genai_prices.__version__}")


def _at_own_price(usage: Usage, price: TokenPrice) -> Priced:
    if usage.training_tokens > 0 and price.training is None:
        return Priced(None, "suite", price.as_of)
    cached = min(usage.cached_tokens, usage.input_tokens)
    cached_price = price.input if price.cached is None else price.cached
    dollars = (
        (usage.input_tokens - cached) * price.input
        + cached * cached_price
        + usage.output_tokens * price.output
        + usage.training_tokens * (price.training or 0.0)
    ) / _MILLION
    return Priced(dollars, "suite", price.as_of)


def _is_host(provider: str) -> bool:
    """Tells `api.deepseek.com` from `deepseek`: names are matched loosely, and a proxy's host may contain one."""
    return "." in provider or ":" in provider
