"""A run's figures: one row for each trial, computed from what is on disk.

tweets  features  0  n=300  accuracy 0.917 (0.880 to 0.943)  p50 11 ms  p95 at most 19 ms  prepare 4 s
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from harness.calls.pricing import Prices
from harness.models import Scorer
from harness.records import Failed, Outcome, Prediction, Record, Status
from harness.running.money import answer_cost, deployed, monthly
from harness.running.store import TrialFolder
from harness.scoring.interval import interval
from harness.stats import percentile_interval
from harness.suite import Decide


class Row(Record):
    """One strategy on one task, with one seed.

    Attributes:
        task: The task.
        strategy: The strategy.
        seed: What its random choices were drawn from.
        repeat: Which repetition.
        train_size: Labelled examples given; None for all.
        yardstick: Whether the harness added it.
        status: Where the trial stands; without `finished` the figures are of what is there.
        problem: Why it has no result, in one line.
        chosen: The candidate that a matrix was reduced to on validation.
        n: Test rows with an outcome, failures included.
        failed: Those of them that failed.
        failures: How many failed of each kind, such as `too-long` or `not-a-label`.
        metric: The task's.
        value: Of the answered rows.
        low: 95 % interval; with failures, as if every one of them were wrong.
        high: 95 % interval; with failures, as if every one of them were right.
        accuracy: Where the task's scorer gives it.
        macro_f1: Where the task's scorer gives it.
        figures: Every figure that the scorer gives.
        timed: Test rows that were asked one at a time.
        prepare_seconds: Wall seconds of prepare.
        p50_seconds: Median latency.
        p50_low: Of its 95 % interval.
        p50_high: Of its 95 % interval.
        p95_seconds: 95th percentile of latency; None where too few rows were timed to bound it.
        p95_high: Of its 95 % interval: what limits are judged on.
        prepare_dollars: What prepare used; None where a price is not known.
        dollars_per_answer: Metered: tokens, or device seconds of the bulk phase.
        served_dollars_per_answer: Each further answer served as the suite says, such as one at a time: what
            `dollars_per_month` has times the traffic; machines that are always on are in that alone.
        dollars_per_month: At the suite's answers per month, served as the suite says; preparing is not in it.
        warnings: What a reader must know.
    """

    task: str
    strategy: str
    seed: int
    repeat: int
    train_size: int | None
    yardstick: bool
    status: Status
    problem: str | None = None
    chosen: str | None = None
    n: int
    failed: int
    failures: Mapping[str, int] = {}
    metric: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    accuracy: float | None = None
    macro_f1: float | None = None
    figures: Mapping[str, float] = {}
    timed: int = 0
    prepare_seconds: float | None = None
    p50_seconds: float | None = None
    p50_low: float | None = None
    p50_high: float | None = None
    p95_seconds: float | None = None
    p95_high: float | None = None
    prepare_dollars: float | None = None
    dollars_per_answer: float | None = None
    served_dollars_per_answer: float | None = None
    dollars_per_month: float | None = None
    warnings: tuple[str, ...] = ()


def row(
    folder: TrialFolder,
    targets: Mapping[str, tuple[str, ...]],
    metric: str,
    scorer: Scorer,
    prices: Prices,
    decide: Decide,
) -> Row:
    """The figures of one trial.

    Args:
        folder: The trial.
        targets: Of the task's test rows, by query id.
        metric: The task's.
        scorer: Who gives it.
        prices: What usage costs.
        decide: The user's traffic, and how answers would be served.
    """
    header = folder.header
    outcomes = list(folder.outcomes())
    failures = Counter(o.result.kind for o in outcomes if isinstance(o.result, Failed))
    ledger = folder.ledger()
    cost = answer_cost(ledger, Counter(outcome.phase for outcome in outcomes), prices)
    chosen = next((step.result for step in folder.steps() if step.name == "chosen"), None)
    return Row(
        task=header.key.task,
        strategy=header.key.strategy,
        seed=header.key.seed,
        repeat=header.key.repeat,
        train_size=header.key.train_size,
        yardstick=header.yardstick,
        status=header.status,
        problem=header.problem.message.splitlines()[0] if header.problem else None,
        chosen=str(chosen["name"]) if isinstance(chosen, dict) and "name" in chosen else None,
        n=len(outcomes),
        failed=failures.total(),
        failures=dict(failures.most_common()),
        metric=metric,
        prepare_seconds=header.prepare_seconds,
        prepare_dollars=prices.total(entry.usage for entry in ledger if entry.phase == "prepare"),
        dollars_per_answer=cost.metered if cost else None,
        served_dollars_per_answer=deployed(cost, decide.serving, prices).per_answer if cost else None,
        dollars_per_month=monthly(cost, decide, prices) if cost else None,
        warnings=header.warnings,
        **_scores(outcomes, targets, metric, scorer),
        **_latency([outcome.seconds for outcome in outcomes if outcome.seconds is not None]),
    )


def _scores(
    outcomes: Sequence[Outcome], targets: Mapping[str, tuple[str, ...]], metric: str, scorer: Scorer
) -> dict[str, object]:
    pairs = [
        (targets[outcome.query_id], outcome.result.answers)
        for outcome in outcomes
        if isinstance(outcome.result, Prediction) and outcome.query_id in targets
    ]
    if not pairs:
        return {}
    figures = scorer.whole(pairs)
    failed = [targets[o.query_id] for o in outcomes if isinstance(o.result, Failed) and o.query_id in targets]
    low, high = interval(scorer, metric, pairs, failed=failed)
    return {
        "value": figures[metric],
        "low": low,
        "high": high,
        "accuracy": figures.get("accuracy"),
        "macro_f1": figures.get("macro_f1"),
        "figures": figures,
    }


def _latency(seconds: Sequence[float]) -> dict[str, object]:
    if not seconds:
        return {}
    p50, p95 = percentile_interval(seconds, 0.5), percentile_interval(seconds, 0.95)
    told: dict[str, object] = {"timed": len(seconds)}
    if p50.high is not None:
        told |= {"p50_seconds": p50.value, "p50_low": p50.low, "p50_high": p50.high}
    if p95.high is not None:
        told |= {"p95_seconds": p95.value, "p95_high": p95.high}
    return told
