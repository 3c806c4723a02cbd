"""Limits on a strategy's figures.

accuracy at least 0.85    value 0.917, low 0.880    passed
accuracy at least 0.90    value 0.917, low 0.880    inconclusive: with more rows it may turn out either way
accuracy at least 0.95    value 0.917               failed
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from harness import numbers
from harness.comparing.figures import estimate, scored
from harness.comparing.records import Estimate, StrategyFigures
from harness.deciding.limits import figure, known_figures
from harness.deciding.records import LimitCheck
from harness.errors import SuiteError
from harness.gating.records import Check, Outcome
from harness.suite.figures import DOLLARS, SECONDS

if TYPE_CHECKING:
    from harness.comparing.evidence import TaskEvidence

Bound = Literal["minimum", "maximum"]

_LATENCY = {"p50_seconds": "p50", "p95_seconds": "p95", "p99_seconds": "p99"}
_ROWS_NEEDED = {"p50_seconds": 6, "p95_seconds": 72, "p99_seconds": 368}


def parse(words: list[str], option: str) -> dict[str, float]:
    """Limits as they are typed, ``accuracy=0.85``.

    Raises:
        SuiteError: One is not of this form, or stands twice.
    """
    found: dict[str, float] = {}
    for word in words:
        name, equals, number = word.rpartition("=")
        try:
            limit = float(number)
        except ValueError:
            limit = float("nan")
        if not equals or not name or math.isnan(limit):
            raise SuiteError(
                f"{option} {word!r} is no limit; write FIGURE=NUMBER, such as {_example(word, option)}"
            )
        if name in found:
            raise SuiteError(f"{option} names {name!r} twice")
        found[name] = limit
    return found


def _example(word: str, option: str) -> str:
    """A limit on the figure that was meant, in its unit."""
    name = word.partition("=")[0].strip() or "accuracy"
    number, unit = (
        ("1", ", in seconds") if name in SECONDS else ("5", ", in dollars") if name in DOLLARS else ("0.85", "")
    )
    return f"{option} {name}={number}{unit}"


def limit_check(evidence: TaskEvidence, figures: StrategyFigures, name: str, bound: Bound, limit: float) -> Check:
    """Judges one limit.

    Args:
        evidence: The task.
        figures: The strategy's.
        name: Which figure.
        bound: Which way.
        limit: The user's.
    """
    found = _figure(evidence, figures, name)
    asked = f"{name} at {'least' if bound == 'minimum' else 'most'} {limit:g}"
    if found is None:
        outcome: Outcome = "inconclusive"
        words = _why_unknown(figures, name)
    else:
        outcome = judge(found, bound, limit)
        words = _words(found, bound, name)
        if name in _LATENCY and figures.latency is not None:
            words += f", on {figures.latency.machine}"
    return Check(task=evidence.name, strategy=figures.name, asked=asked, outcome=outcome, words=words)


def judge(found: Estimate, bound: Bound, limit: float) -> Outcome:
    """By the interval's end and by the figure itself."""
    end = found.low if bound == "minimum" else found.high
    sign = 1 if bound == "minimum" else -1
    if sign * (found.value - limit) < 0:
        return "failed"
    if end is not None and sign * (end - limit) < 0:
        return "inconclusive"
    return "passed"


def surely_unmet(check: LimitCheck) -> bool:
    """Whether a limit of the suite is failed by the same rule, and not only not met for sure."""
    if check.figure == "privacy":
        return check.met is False
    if check.value is None:
        return False
    return judge(Estimate(value=check.value, low=None, high=None, n=0), check.bound, check.limit) == "failed"


def known(evidence: TaskEvidence) -> tuple[str, ...]:
    """Every figure of a task that a limit may name."""
    return known_figures(evidence.scorer, tuple(evidence.brief.labels))


def _figure(evidence: TaskEvidence, figures: StrategyFigures, name: str) -> Estimate | None:
    found = figure(figures, evidence.decide, name)
    if found is None and "[" in name:
        return estimate(evidence, scored(evidence.contender(figures.name)), name)
    return found


def _why_unknown(figures: StrategyFigures, name: str) -> str:
    if name in _LATENCY:
        timed = 0 if figures.latency is None else figures.latency.timed
        return f"not known: it takes {_ROWS_NEEDED[name]} rows asked one at a time (latency_sample), not {timed}"
    if name == "dollars_per_month":
        return "not known: it takes decide.answers_per_month and the price of all that is used"
    if "dollars" in name:
        return "not known: the price of something used is not known; give it under prices in the suite"
    return "not known"


def _words(found: Estimate, bound: Bound, name: str) -> str:
    end = found.low if bound == "minimum" else found.high
    if end is None or found.low is None or found.high is None or found.low == found.high:
        return said(found.value, name)
    low, value, high = (
        said(x, name).removesuffix(" s").removeprefix("$") for x in (found.low, found.value, found.high)
    )
    which = "lower" if bound == "minimum" else "upper"
    return f"{said(end, name)} at the {which} end of {value} ({low} to {high}), n = {found.n:,}"


def said(value: float, name: str) -> str:
    """A number in its figure's unit, with the digits that a limit may turn on."""
    if "seconds" in name:
        return f"{value:.3g} s"
    return numbers.dollars(value) if "dollars" in name else numbers.proportion(value)
