"""A rehearsal as lines of text.

strategy       trials  calls  free  tokens in  tokens out  trained  $ at most
zero-shot           1    301     0     31,204      19,264        0     $0.046
features            1  on this machine: no dollars beyond its time
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness import numbers
from harness.calls.price_list import PriceUsed, to_write
from harness.rehearsing.records import Rehearsal, Rehearsed, together

_HEADS = ("strategy", "trials", "calls", "free", "tokens in", "tokens out", "trained", "$ at most")
_HERE = {
    "machine": "on this machine: no dollars beyond its time{hour}",
    "not-applicable": "not applicable",
}


def lines(rehearsal: Rehearsal, device_hours: Mapping[str, float] | None = None) -> list[str]:
    """What `--dry-run` says of money.

    Args:
        rehearsal: What was found.
        device_hours: The user's prices of devices.
    """
    return [*_tables(rehearsal, device_hours or {}), *_money(rehearsal), *map(numbers.plain, _cap(rehearsal))]


def _tables(rehearsal: Rehearsal, device_hours: Mapping[str, float]) -> Iterator[str]:
    price = device_hours.get("this")
    hour = "" if price is None else f", at {numbers.dollars(price)} an hour; how long is not known before"
    for task in dict.fromkeys(row.task for row in rehearsal.rows):
        rows = [row for row in rehearsal.rows if row.task == task]
        sent = [row for row in rows if row.sends]
        cells = [_cells(row) for row in sent]
        if len(sent) > 1:
            cells.append(_cells(together(sent).model_copy(update={"strategy": "all"})))
        yield ""
        yield f"task {task}: what would be sent"
        widths = [max(len(line[i]) for line in (_HEADS, *cells)) for i in range(len(_HEADS))]
        widths[0] = max(widths[0], *(len(numbers.plain(row.strategy)) for row in rows))
        if cells:
            yield _line(_HEADS, widths)
        told = iter(cells)
        for row in rows:
            if row.sends:
                yield _line(next(told), widths)
            else:
                name = numbers.plain(row.strategy)
                yield f"  {name:<{widths[0]}}  {_HERE[row.where].format(hour=hour)}"
        for line in told:
            yield _line(line, widths)
        for row in rows:
            yield from (f"  {numbers.plain(row.strategy)}: {numbers.plain(note)}" for note in row.notes)


def _cells(row: Rehearsed) -> tuple[str, ...]:
    counts = (row.trials, row.calls, row.free, row.input_tokens, row.output_tokens, row.trained_tokens)
    return (numbers.plain(row.strategy), *map(numbers.count, counts), numbers.dollars(row.dollars))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = [
        f"{c:<{w}}" if i == 0 else f"{c:>{w}}" for i, (c, w) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  " + "  ".join((first, *others))


def _money(rehearsal: Rehearsal) -> Iterator[str]:
    rows = rehearsal.rows
    calls, free = sum(row.calls for row in rows), sum(row.free for row in rows)
    if not any(row.sends for row in rows):
        yield ""
        yield "No trial asks an endpoint: nothing would be sent, and no dollars spent beyond this machine's time."
        return
    yield ""
    yield (
        f"In all {numbers.plural(calls, 'call')}, {_dollars(rehearsal)}. Tokens in are estimated from above,"
        " tokens out are what answers may have at most; calls that fail and are tried again are not in it."
    )
    if free:
        cached = sum(row.cached for row in rows)
        yield (
            f"Of {numbers.plural(calls + free, 'request')} {numbers.count(cached)} are in the cache and"
            f" {numbers.count(free - cached)} are the same as another of this run: free."
        )
    batched = sum(row.batched for row in rows)
    if batched:
        yield f"{numbers.plural(batched, 'call')} would go as batches."
    for price in rehearsal.prices:
        yield numbers.plain(_price(price))
        if price.warning:
            yield numbers.plain(f"  {price.warning}")
        if write := to_write(price):
            yield numbers.plain(
                f"  no price of {', '.join(price.unknown)} is known; write it in the suite: {write}"
            )


def _dollars(rehearsal: Rehearsal) -> str:
    if rehearsal.dollars is not None:
        return f"{numbers.dollars(rehearsal.dollars)} at most"
    return f"? dollars: {numbers.dollars(rehearsal.known_dollars)} at most and what has no known price"


def _price(price: PriceUsed) -> str:
    each = (
        ("in", price.input),
        ("out", price.output),
        ("cached", price.cached),
        ("trained", price.training),
    )
    parts = [f"{numbers.dollars(dollars)} {what}" for what, dollars in each if dollars is not None]
    told = [f"{', '.join(parts)} for 1M tokens"] if parts else []
    told += [f"{numbers.dollars(price.hosting)} an hour of hosting"] if price.hosting is not None else []
    told += [f"{price.batch:g} of that in a batch"] if price.batch not in (None, 1) else []
    return f"{price.model}: {'; '.join(told) or '?'} ({price.said})"


def _cap(rehearsal: Rehearsal) -> Iterator[str]:
    limit = rehearsal.limit
    if rehearsal.spent:
        yield f"The run has spent {numbers.dollars(rehearsal.spent)} so far."
    if limit is None:
        return
    whole = rehearsal.spent + rehearsal.known_dollars
    refused = [
        price.model for price in rehearsal.prices if price.unknown and price.model not in rehearsal.unpriced
    ]
    if refused:
        names = ", ".join(refused)
        yield f"--cost-limit {limit:g} would refuse {names}: no price is known (--allow-unpriced lets it pass)."
    if whole > limit:
        more = numbers.dollars(whole - limit)
        yield f"--cost-limit {limit:g} might stop it: at most {numbers.dollars(whole)}, which is {more} more."
    elif not refused and all(row.where != "unknown" for row in rehearsal.rows):
        yield f"--cost-limit {limit:g} would hold: at most {numbers.dollars(whole)}."
