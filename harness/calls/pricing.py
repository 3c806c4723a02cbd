"""What usage costs: the user's own prices first, then genai-prices, else unknown.

    1 h of `this` at 0.20 $/h                                   0.20    suite
    openai/gpt-5-mini, 1 M tokens in, 1 M out                   2.25    genai-prices 0.2.3
    openai/gpt-5-mini, the same in a batch                      1.13    genai-prices 0.2.3
    localhost:8000/llama, 1 M tokens in                         None    none

What was tuned from BASE goes by the name `provider/ft:BASE`. Training and hosting may stand at `provider/BASE`
too; its answers may not, because tuned models mostly cost more. An unknown price is None and never 0. Prices come
from the installed package; nothing is fetched.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Literal, NamedTuple

from harness.records import Usage
from harness.suite import PriceBook, TokenPrice

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

THIS = "this"  # the machine that runs the harness
TUNED = "ft:"  # stands before the base's name in what was tuned from it
SUITE = "suite"
# Their documentation says that every model costs half in a batch (read on 2026-11-21). Others, such as Together
# and xAI, give less for some models.
HALF_IN_BATCHES = frozenset({"anthropic", "azure", "google", "groq", "mistral", "openai"})
AT_FULL_PRICE = ", at the full price: its price in a batch is not known"
_MILLION = 1_000_000
_amounts = attrgetter(*(name for name in Usage.model_fields if name != "model"))


class Priced(NamedTuple):
    """What something cost and who says so.

    Attributes:
        dollars: None where the price is unknown.
        source: ``suite``, ``genai-prices VERSION`` or ``none``; says so where a batch has no price of its own.
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
        self.at = at or datetime.now(UTC)
        self._looked: dict[Usage, Priced] = {}

    def dollars(self, usage: Usage) -> Priced:
        """Prices one usage.

        A device that is held by the hour has no token price: its seconds count and nothing else. Give each
        call's usage by itself, because some prices rise with the length of the call.
        """
        if not any(_amounts(usage)):
            return Priced(0.0, "none")
        if usage.device_seconds > 0 or self._is_device(usage.model):
            return self._device(usage)
        own = self._own(usage.model)
        parts = [
            self._tokens(usage, own),
            self._of_tuning(usage.model, "training", usage.training_tokens / _MILLION),
            self._of_tuning(usage.model, "hosting", usage.hosting_seconds / 3600),
        ]
        told = [part for part in parts if part is not None]
        if not told:  # an answer from a batch of which no token was told
            return Priced(0.0, "none")
        dollars = [part.dollars for part in told if part.dollars is not None]
        first = next((part for part in told if part.dollars is None), told[0])
        return first._replace(dollars=math.fsum(dollars) if len(dollars) == len(told) else None)

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

    def hosting(self, model: str) -> float | None:
        """Dollars for an hour in which a tuned model is kept ready; None where no price of that is given."""
        if not model.partition("/")[2].startswith(TUNED):
            return None
        priced = self._of_tuning(model, "hosting", 1.0)
        return None if priced is None else priced.dollars

    def _is_device(self, model: str) -> bool:
        return model == THIS or model in self._book.device_hours

    def _device(self, usage: Usage) -> Priced:
        hours = self._book.device_hours
        price = hours.get(usage.model, hours.get(THIS))
        return UNKNOWN if price is None else Priced(price * usage.device_seconds / 3600, SUITE)

    def _own(self, model: str) -> TokenPrice | None:
        models = self._book.models
        return models.get(model) or models.get(model.partition("/")[2])

    def _tokens(self, usage: Usage, own: TokenPrice | None) -> Priced | None:
        """Of prompts and answers; None where there are none."""
        if not usage.input_tokens + usage.output_tokens:
            return None
        if own is not None:
            return _at_own_price(usage, own)
        tokens = usage
        if usage.training_tokens or usage.hosting_seconds:
            tokens = usage.model_copy(update={"training_tokens": 0, "hosting_seconds": 0.0})
        if tokens not in self._looked:  # a look-up takes as long as a call's bookkeeping, and many calls are alike
            self._looked[tokens] = self._looked_up(tokens)
        return self._looked[tokens]

    def _of_tuning(self, model: str, what: Literal["training", "hosting"], amount: float) -> Priced | None:
        """Of training tokens in millions or of hours; what the tuned model's entry lacks its base's may have."""
        if amount <= 0:
            return None
        provider, _, name = model.partition("/")
        base = self._own(f"{provider}/{name.removeprefix(TUNED)}") if name.startswith(TUNED) else None
        for own in (self._own(model), base):
            price = None if own is None else own.training if what == "training" else own.hosting
            if own is not None and price is not None:
                return Priced(price * amount, SUITE, own.as_of)
        return UNKNOWN

    def _looked_up(self, usage: Usage) -> Priced:
        # It takes a fifth of a second to import, and only suites with a hosted model need it.
        import genai_prices

        try:
            price = self._calculated(usage, batched=False)
            # Its own price of a batch, where it has one.
            batch = self._calculated(usage, batched=True) if usage.batched else price
        except (LookupError, ValueError):
            return UNKNOWN
        name = usage.model.partition("/")[2] or usage.model
        if name.startswith(TUNED) and "ft" not in price.model.id:
            return UNKNOWN  # it matches names loosely, and a tuned model does not cost what its base does
        needed = {"input_mtok": usage.input_tokens, "output_mtok": usage.output_tokens}
        # A price that it lacks it counts as 0.
        if any(tokens and getattr(price.model_price, unit) is None for unit, tokens in needed.items()):
            return UNKNOWN
        source = f"genai-prices {genai_prices.__version__}"
        if usage.batched and batch.total_price == price.total_price:
            if price.provider.id in HALF_IN_BATCHES:
                return Priced(float(price.total_price) / 2, source)
            source += AT_FULL_PRICE
        return Priced(float(batch.total_price), source)

    def _calculated(self, usage: Usage, *, batched: bool) -> PriceCalculation:
        """What genai-prices makes of it.

        Raises:
            LookupError: It knows no such model, or no such provider.
        """
        import genai_prices

        used = genai_prices.Usage(
            input_tokens=usage.input_tokens,
            cache_read_tokens=min(usage.cached_tokens, usage.input_tokens),
            output_tokens=usage.output_tokens,
        )
        provider, slash, name = usage.model.partition("/")
        whose: dict[str, str] = {}
        if slash:
            whose = (
                {"provider_api_url": f"https://{provider}/"} if _is_host(provider) else {"provider_id": provider}
            )
        return genai_prices.calc_price(
            used,
            name or usage.model,
            genai_request_timestamp=self.at,
            price_context={"processing": "batch"} if batched else None,
            **whose,
        )


def _at_own_price(usage: Usage, price: TokenPrice) -> Priced:
    cached = min(usage.cached_tokens, usage.input_tokens)
    cached_price = price.input if price.cached is None else price.cached
    dollars = (
        (usage.input_tokens - cached) * price.input + cached * cached_price + usage.output_tokens * price.output
    ) / _MILLION
    if not usage.batched:
        return Priced(dollars, SUITE, price.as_of)
    if price.batch is None:
        return Priced(dollars, SUITE + AT_FULL_PRICE, price.as_of)
    return Priced(dollars * price.batch, SUITE, price.as_of)


def _is_host(provider: str) -> bool:
    """Tells `api.deepseek.com` from `deepseek`: names are matched loosely, and a proxy's host may contain one."""
    return "." in provider or ":" in provider
