"""A canary in words.

small: 18 of 20 recorded prompts answered the same (90 %, 70 to 97 %); model gpt-x-0301 -> gpt-x-0613;
median latency 0.41 s -> 0.38 s (n = 20)
"""

from __future__ import annotations

from collections.abc import Iterator

from harness import numbers
from harness.drift.records import Canaries, Canary

NOISE = (
    "an endpoint may answer otherwise now and then even at temperature 0, so a few changes may be noise; nothing"
    " is claimed of why"
)


def found(canary: Canary) -> str:
    """What came of it, in one line."""
    if canary.problem is not None:
        return f"nothing was asked again: {canary.problem}"
    if not canary.prompts:
        return f"none of {numbers.plural(canary.failed, 'recorded prompt')} brought an answer"
    share = numbers.percent(canary.same / canary.prompts)
    low, high = numbers.percent(canary.low), numbers.percent(canary.high)
    told = [
        f"{canary.same} of {numbers.plural(canary.prompts, 'recorded prompt')} answered the same"
        f" ({share}, {low} to {high})"
    ]
    if canary.failed:
        told.append(f"{canary.failed} brought no answer")
    told += [text for text in (_names(canary), latency(canary), shift(canary)) if text]
    return "; ".join(told)


def names(canary: Canary) -> Iterator[tuple[str, str, str]]:
    """What answered then and now: what it is, before, now; only what was told both times."""
    yield "model", ", ".join(canary.before.served), ", ".join(canary.now.served)
    yield "fingerprint", ", ".join(canary.before.fingerprints), ", ".join(canary.now.fingerprints)


def _names(canary: Canary) -> str:
    moved = (f"{what} {then} -> {now}" for what, then, now in names(canary) if then and now and then != now)
    return "; ".join(moved)


def latency(canary: Canary) -> str:
    if canary.seconds_before is None or canary.seconds_now is None:
        return ""
    then, now = numbers.seconds(canary.seconds_before), numbers.seconds(canary.seconds_now)
    return f"median latency {then} -> {now} (n = {canary.timed})"


def shift(canary: Canary) -> str:
    if canary.shift is None:
        return ""
    return f"probability of the earlier answer moved by {numbers.proportion(canary.shift)} (n = {canary.told})"


def consequence(canary: Canary, of: Canaries) -> str:
    """What the run does about it; nothing where nothing moved."""
    if not canary.moved:
        return ""
    if of.old_cache:
        return "It moved; its cached answers are used all the same (--old-cache)."
    return "It moved: its earlier answers in the cache are not used in this run (--old-cache uses them)."


def lines(of: Canaries) -> Iterator[str]:
    """For the start of a run."""
    for canary in of.found:
        yield numbers.plain(f"canary: {canary.model}: {found(canary)}")
        if more := consequence(canary, of):
            yield numbers.plain(f"canary: {canary.model}: {more}")
    if any(canary.changes for canary in of.found):
        yield f"canary: {NOISE}"
