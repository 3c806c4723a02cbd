"""What would change a recommendation: which limit or number, by how much, and to what.

accuracy at least 0.881   none would meet your limits
p95 at most 0.019 s       tf-idf
5,200,000 answers a month lora
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from harness import numbers
from harness.comparing.records import Estimate
from harness.deciding.case import Case
from harness.deciding.limits import figure
from harness.deciding.moving import Limit, limits_of, rounded
from harness.deciding.records import Change
from harness.deciding.saying import answers

_TRAFFICS = sorted({round(10 ** (i / 8)) for i in range(81)})  # 1 to 10 billion answers a month


def changes(case: Case, metric: str) -> tuple[Change, ...]:
    """What would change it. Every limit and number is given as it was tried: the rule takes `to` with it."""
    picked = case.pick().name
    if picked is None:
        return tuple(_relaxed(case))
    return (
        *_tightened(case, picked, metric),
        *_without_limits(case, picked),
        *_traffic(case, picked),
        *_worth(case, picked),
    )


def _tightened(case: Case, picked: str, metric: str) -> Iterator[Change]:
    """Every lower limit put just above what the recommended one shows for sure, every upper limit just below."""
    decide, chosen = case.decide, case.figures(picked)
    for name in dict.fromkeys((metric, *decide.minimum)):
        found = figure(chosen, decide, name) if name in case.known else None
        if found is None or found.low is None or found.low >= 0.9995:
            continue
        limit = round(round(found.low, 3) + 0.001, 3)
        to = case.with_(minimum={**decide.minimum, name: limit}).pick().name
        yield _change(f"{name} at least {limit:.3f}", to, f"{picked} is at {found.low:.3f}{_end(found, 'lower')}")
    for name in decide.maximum:
        found = figure(chosen, decide, name) if name in case.known else None
        if found is None or found.high is None or found.high <= 0:
            continue
        limit = _just_below(found.high)
        to = case.with_(maximum={**decide.maximum, name: limit}).pick().name
        yield _change(f"{name} at most {limit:g}", to, f"{picked} is at {found.high:.3g}{_end(found, 'upper')}")


def _without_limits(case: Case, picked: str) -> Iterator[Change]:
    """Limits that keep a better strategy out."""
    for limit in limits_of(case):
        to = limit.dropped(case).pick().name
        if to != picked and to is not None:
            yield _change(f"no limit on {limit.name}", to, f"{limit.words} keeps it out")


def _relaxed(case: Case) -> Iterator[Change]:
    """Where none meets the limits: each limit moved just so far that somebody does, or all dropped."""
    limits = list(limits_of(case))
    found = [change for limit in limits if (change := _moved(case, limit)) is not None]
    yield from found
    if not found and len(limits) > 1:
        free = case
        for limit in limits:
            free = limit.dropped(free)
        yield _change("no limits at all", free.pick().name, "no single limit is what keeps all out")


def _moved(case: Case, limit: Limit) -> Change | None:
    """One limit moved to where a strategy that is within all the others meets it; dropped where unknown."""
    free = limit.dropped(case)
    able = [option.name for option in free.options() if option.meets]
    if not able:
        return None
    ends = [end for each in able if (end := limit.end(case.figures(each), case.decide)) is not None]
    if not ends:
        return _change(f"no limit on {limit.name}", free.pick().name, f"instead of {limit.words}")
    lower = limit.bound == "minimum"
    value = rounded(max(ends) if lower else min(ends), up=not lower)
    to = limit.moved(case, value).pick().name
    return _change(limit.said(value), to, f"instead of {limit.said(limit.value)}")


def _traffic(case: Case, picked: str) -> Iterator[Change]:
    """The nearest traffic above and below at which the rule picks another."""
    now = case.decide.answers_per_month
    if now is None:
        return
    above = [each for each in _TRAFFICS if each > now]
    below = [each for each in reversed(_TRAFFICS) if each < now]
    for traffics, up in ((above, True), (below, False)):
        same = now
        for traffic in traffics:
            if _at(case, traffic) != picked:
                tried = _nearest(case, picked, same, traffic, up=up)
                yield _change(answers(tried), _at(case, tried), f"instead of {numbers.count(now)}")
                break
            same = traffic


def _at(case: Case, traffic: int) -> str | None:
    return case.with_(answers_per_month=traffic).pick().name


def _nearest(case: Case, picked: str, same: int, other: int, *, up: bool) -> int:
    """Traffic of two digits, where that does, that is nearest to where the rule turns."""
    while abs(other - same) > 1:
        middle = (same + other) // 2
        if _at(case, middle) == picked:
            same = middle
        else:
            other = middle
    short = int(rounded(other, up=up, digits=2))
    return short if short >= 1 and _at(case, short) != picked else other


def _worth(case: Case, picked: str) -> Iterator[Change]:
    worth = case.decide.worth_per_month
    if worth > 0:
        to = case.with_(worth_per_month=0.0).pick().name
        if to != picked and to is not None:
            yield _change("every dollar a month counted", to, f"instead of those over ${worth:g}")


def _just_below(value: float) -> float:
    """Three digits, and not the three that `value` itself is shown with."""
    limit = rounded(value, up=False)
    shown = float(f"{value:.3g}")
    return limit if limit < shown else rounded(limit - 10 ** (math.floor(math.log10(limit)) - 2) / 2, up=False)


def _end(found: Estimate, which: str) -> str:
    """What is counted and not estimated has no ends."""
    return "" if found.low == found.high else f" at the {which} end"


def _change(what: str, to: str | None, why: str) -> Change:
    then = f"{to} would be recommended" if to else "none would meet your limits"
    return Change(what=what, to=to, words=f"With {what} ({why}), {then}.")
