"""The prices that usage went by, each with who says so and of which day.

model                in      out     training   hosting   source
openai/gpt-5-mini    0.25    2.00    -          -         genai-prices 0.2.3
openai/ft:gpt-4.1    3.00    12.00   25.00      1.70      suite, as of 2026-11-01
host:8000/llama      ?       ?       -          -         none
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from harness.calls.pricing import THIS, Prices
from harness.records import Record, Usage

OLD_DAYS = 90
_THOUSAND = 1000  # tokens of the call that is priced: some prices rise with the length of a call


class PriceUsed(Record):
    """What the use of one model or machine was priced at; None where it is not known, or was not used.

    Attributes:
        model: The name prices go by; `this` is the machine itself.
        input: Dollars per million tokens of prompts.
        output: Of answers.
        cached: Of prompts that the endpoint had cached, where there were any.
        training: Of tokens trained on, where there were any.
        hosting: Dollars for an hour in which a tuned model was kept ready, where that was billed.
        device_hour: Dollars for an hour of this device.
        batch: What a batch costs as a part of the usual price, where there was one.
        source: ``suite``, ``genai-prices VERSION`` or ``none``.
        as_of: The day that the suite gives for its price.
        unknown: What was used and has no known price: input, output, training, hosting, device.
        warning: What a reader must know: that it is old.
    """

    model: str
    input: float | None = None
    output: float | None = None
    cached: float | None = None
    training: float | None = None
    hosting: float | None = None
    device_hour: float | None = None
    batch: float | None = None
    source: str = "none"
    as_of: date | None = None
    unknown: tuple[str, ...] = ()
    warning: str | None = None

    @property
    def said(self) -> str:
        """Who says so, and of which day."""
        return self.source + (f", as of {self.as_of}" if self.as_of else "")


def prices_used(usages: Iterable[Usage], prices: Prices) -> tuple[PriceUsed, ...]:
    """The price of each model or machine among what was used, by name."""
    used: dict[str, set[str]] = {}
    for usage in usages:
        kinds = used.setdefault(usage.model, set())
        if usage.device_seconds > 0:
            kinds.add("device")
            continue
        for kind in ("input", "output", "cached", "training"):
            if getattr(usage, f"{kind}_tokens"):
                kinds.add(kind)
        kinds |= {name for name, there in (("hosting", usage.hosting_seconds), ("batch", usage.batched)) if there}
    return tuple(_priced(model, used[model], prices) for model in sorted(used) if used[model])


def _priced(model: str, kinds: set[str], prices: Prices) -> PriceUsed:
    asked = {
        "input": Usage(model=model, input_tokens=_THOUSAND),
        "output": Usage(model=model, output_tokens=_THOUSAND),
        "cached": Usage(model=model, input_tokens=_THOUSAND, cached_tokens=_THOUSAND),
        "training": Usage(model=model, training_tokens=_THOUSAND),
        "hosting": Usage(model=model, hosting_seconds=3600),
        "device": Usage(model=model, device_seconds=3600),
        "batch": Usage(model=model, input_tokens=_THOUSAND, batched=True),
    }
    found = {kind: prices.dollars(usage) for kind, usage in asked.items() if kind in kinds}
    each = {
        kind: None if told.dollars is None else told.dollars * (1 if kind in ("hosting", "device") else _THOUSAND)
        for kind, told in found.items()
    }
    usual, batch = prices.dollars(asked["input"]).dollars, each.get("batch")
    # Answers' price is who said it, where there were any; a batch's says too where it has none of its own.
    told = [found[kind] for kind in ("batch", "input", "output", "training", "hosting", "device") if kind in found]
    known = next((each for each in told if each.dollars is not None), None)
    dates = [told.as_of for told in found.values() if told.as_of is not None]
    as_of = min(dates, default=None)
    return PriceUsed(
        model=model,
        input=each.get("input"),
        output=each.get("output"),
        cached=each.get("cached"),
        training=each.get("training"),
        hosting=each.get("hosting"),
        device_hour=each.get("device"),
        batch=batch / (usual * _THOUSAND) if batch is not None and usual else None,
        source="none" if known is None else known.source,
        as_of=as_of,
        unknown=tuple(sorted(kind for kind in each if each[kind] is None and kind not in ("batch", "cached"))),
        warning=_old(as_of, prices),
    )


def _old(as_of: date | None, prices: Prices) -> str | None:
    days = 0 if as_of is None else (prices.at.date() - as_of).days
    if days <= OLD_DAYS:
        return None
    return f"the price is of {as_of}, {days} days before it was used: look whether it still holds (`as_of`)"


def to_write(price: PriceUsed) -> str:
    """What of YAML gives the price that is not known; empty where all are."""
    if not price.unknown:
        return ""
    if price.unknown == ("device",):
        return "prices: {device_hours: {" + THIS + ": …}}"
    more = "".join(f", {kind}: …" for kind in ("training", "hosting") if kind in price.unknown)
    return f'prices: {{models: {{"{price.model}": {{input: …, output: …{more}}}}}}}'
