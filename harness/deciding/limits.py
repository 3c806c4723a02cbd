"""Whether a strategy meets the user's limits.

minimum accuracy 0.85   features 0.917 (0.880 to 0.943)   met: 0.880 at its lower end
maximum p95_seconds 1   retrieval 0.55 (to 1.68)          not met: 1.68 at its upper end
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from harness import numbers
from harness.comparing.records import Estimate, StrategyFigures
from harness.deciding.records import LimitCheck
from harness.deciding.spend import Served
from harness.errors import SuiteError
from harness.stats import wilson
from harness.suite import Decide
from harness.suite.figures import impossible, known_figures, unknown


def check_names(decide: Decide, known: Mapping[str, Sequence[str]]) -> None:
    """Says so where a limit names no figure of any task, or cannot be met.

    Args:
        decide: The limits.
        known: Task to the figures that it has.

    Raises:
        SuiteError: With the name and what it might have meant.
    """
    everything = list(dict.fromkeys(name for names in known.values() for name in names))
    for where, message in unknown(decide, everything):
        raise SuiteError(message, where=where)
    for limit in impossible(decide.minimum, decide.maximum):
        raise SuiteError(limit.message, where=f"decide.{limit.bound}.{limit.name}")


def checks(strategy: StrategyFigures, decide: Decide, known: Sequence[str]) -> list[LimitCheck]:
    """A strategy against every limit that its task has; lower limits by lower ends, upper limits by upper ends."""
    return list(_checks(strategy, decide, known))


def _checks(strategy: StrategyFigures, decide: Decide, known: Sequence[str]) -> Iterator[LimitCheck]:
    for name, limit in decide.minimum.items():
        if name in known:
            found = figure(strategy, decide, name)
            judged = found.low if found else None
            met = None if judged is None else judged >= limit
            yield _check(strategy.name, name, "minimum", limit, judged, found, met)
    for name, limit in decide.maximum.items():
        if name in known:
            found = figure(strategy, decide, name)
            judged = found.high if found else None
            met = None if judged is None else judged <= limit
            yield _check(strategy.name, name, "maximum", limit, judged, found, met)
    if decide.budget is not None:
        total = Served.of(strategy, decide).total(decide)
        met = None if total is None else total <= decide.budget
        spent = None if total is None else Estimate(value=total, low=total, high=total, n=strategy.n)
        yield _check(strategy.name, "budget", "maximum", decide.budget, total, spent, met)
    if decide.privacy == "local":
        words = "stays on this machine" if strategy.local else "reaches beyond this machine"
        yield LimitCheck(
            strategy=strategy.name,
            figure="privacy",
            bound="maximum",
            limit=0,
            judged=None if strategy.local is None else float(not strategy.local),
            value=None,
            met=strategy.local,
            words=words if strategy.local is not None else "whether it stays on this machine is not known",
        )


def figure(strategy: StrategyFigures, decide: Decide, name: str) -> Estimate | None:
    """Any figure that a limit may name; None where it is not known."""
    if name in strategy.figures:
        return strategy.figures[name]
    if name in ("p50_seconds", "p95_seconds", "p99_seconds"):
        latency = strategy.latency
        found: Estimate | None = getattr(latency, name.removesuffix("_seconds")) if latency else None
        return found
    if name == "failed":
        return _failed(strategy)
    return _exact(strategy, decide, name)


def _failed(strategy: StrategyFigures) -> Estimate | None:
    """The mean over seeds. Rows are drawn, seeds are not: the same rows may fail with every seed."""
    rows, seeds = strategy.n, max(1, len(strategy.by_trial))
    if not rows:
        return None
    mean = strategy.failed / seeds
    low, high = wilson(math.floor(mean), rows).low, wilson(math.ceil(mean), rows).high
    return Estimate(value=mean / rows, low=low, high=high, n=rows)


def _exact(strategy: StrategyFigures, decide: Decide, name: str) -> Estimate | None:
    """Figures that are counted and not estimated."""
    served = Served.of(strategy, decide)
    value = {
        "prepare_seconds": strategy.cost.prepare_seconds,
        "prepare_dollars": served.once,
        "dollars_per_answer": strategy.cost.per_answer,
        "dollars_per_month": served.per_month(decide.answers_per_month),
    }.get(name)
    return None if value is None else Estimate(value=value, low=value, high=value, n=strategy.n)


def _check(
    strategy: str,
    name: str,
    bound: str,
    limit: float,
    judged: float | None,
    found: Estimate | None,
    met: bool | None,
) -> LimitCheck:
    least = "at least" if bound == "minimum" else "at most"
    end = "lower" if bound == "minimum" else "upper"
    exact = found is not None and found.low == found.high
    asked, verdict = f"{name} {least} {_said(limit, name)}", "met" if met else "not met"
    if judged is None:
        words = f"{asked}: not known, so not met for sure"
    elif exact:
        words = f"{asked}: {_said(judged, name)}, {verdict}"
    else:
        words = f"{asked}: {_said(judged, name)} at the {end} end, {verdict}"
    return LimitCheck.model_validate({
        "strategy": strategy,
        "figure": name,
        "bound": bound,
        "limit": limit,
        "judged": judged,
        "value": found.value if found else None,
        "met": met,
        "words": words,
    })  # fmt: skip


def _said(value: float, name: str) -> str:
    """A number in its figure's unit."""
    if name == "budget" or "dollars" in name:
        return numbers.dollars(value)
    return f"{value:.4g} s" if name.endswith("_seconds") else f"{value:.4g}"


__all__ = ["check_names", "checks", "figure", "known_figures"]
