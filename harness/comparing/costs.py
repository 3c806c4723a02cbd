"""What a strategy costs: to prepare, with its parts apart; to serve; for each answer.

few-shot   prepare $0.0011 (shots=8)   search $0.0009 (shots=2, and choosing)   seeds $0.0022   labels $25.00
tuned      prepare $3.10, of which training $3.07
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence

from harness.comparing.evidence import Contender, TaskEvidence, Trial
from harness.comparing.records import Cost
from harness.records import LedgerEntry, Phase, Usage
from harness.running.money import answer_cost, deployed


def cost_of(evidence: TaskEvidence, contender: Contender) -> Cost:
    """The cost of one strategy at its suite's traffic, served as its suite says."""
    booked = [trial for trial in contender.trials if trial.ledger]
    # What broke off in prepare has not cost what preparing costs.
    trials = [trial for trial in booked if trial.header.status == "finished"] or booked
    prices, decide = contender.prices, evidence.decide
    fits = [prices.total(e.usage for e in _fit(trial)) for trial in trials]
    trained = [prices.total(map(_trained, (e.usage for e in _fit(trial)))) for trial in trials[:1]]
    searches = [prices.total(e.usage for e in _search(trial)) for trial in trials]
    others = _sum(fits[1:])
    took = [t.header.prepare_seconds for t in trials if t.header.prepare_seconds is not None]
    known = (contender.train_size, contender.labels, len(evidence.train) + len(evidence.validation))
    rows = next(each for each in known if each is not None)
    cost = Cost(
        prepare=fits[0] if fits else None,
        training=trained[0] if trained else 0.0,
        search=searches[0] if searches else 0.0,
        seeds=None if others is None else _sum([others, *searches[1:]]),
        labels=rows * (decide.label_price or 0.0),
        prepare_seconds=statistics.fmean(took) if took else None,
    )
    return _answering(cost, evidence, contender, trials)


def _answering(cost: Cost, evidence: TaskEvidence, contender: Contender, trials: Sequence[Trial]) -> Cost:
    prices, decide = contender.prices, evidence.decide
    entries = [entry for trial in trials for entry in trial.ledger]
    asked: Counter[Phase] = Counter(a.phase for trial in trials for a in trial.answers.values())
    answer = answer_cost(entries, asked, prices)
    if answer is None:
        return cost
    served = deployed(answer, decide.serving, prices)
    traffic = decide.answers_per_month
    per_month = None if traffic is None else served.per_month(traffic)
    spent = _sum([cost.prepare, cost.search, cost.labels])
    total = None if per_month is None or spent is None else spent + per_month * decide.horizon_months
    return cost.model_copy(
        update={
            "per_answer": answer.metered,
            "per_answer_deployed": served.per_answer,
            "serving_per_month": served.serving_per_month,
            "capacity_per_month": served.capacity_per_month,
            "per_month": per_month,
            "total": total,
            "answers": answer.answers,
        }
    )


def _fit(trial: Trial) -> list[LedgerEntry]:
    """What preparing the one that answers took; without a matrix that is all of prepare.

    A strategy that searches by itself has a step `chosen` too, but no candidate of it was prepared as a trial.
    """
    chosen = trial.row.chosen
    if not any(step.name == f"prepared {chosen}" for step in trial.steps):
        return _prepare(trial)
    return [e for e in _prepare(trial) if e.name.startswith(f"prepare/{chosen}/")]


def _trained(usage: Usage) -> Usage:
    """What of it was training with a provider."""
    tokens = 0 if usage.device_seconds else usage.training_tokens
    return Usage(model=usage.model, training_tokens=tokens)


def _search(trial: Trial) -> list[LedgerEntry]:
    fit = {entry.name for entry in _fit(trial)}
    return [entry for entry in _prepare(trial) if entry.name not in fit]


def _prepare(trial: Trial) -> list[LedgerEntry]:
    return [entry for entry in trial.ledger if entry.phase == "prepare"]


def _sum(parts: Sequence[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
