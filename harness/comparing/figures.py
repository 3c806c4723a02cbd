"""A strategy's figures over its seeds, each with its interval.

features   seed 0: 0.917, seed 1: 0.903, seed 2: 0.910   ->   0.910 (0.872 to 0.940), spread 0.007 between seeds
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence

from harness.comparing.costs import cost_of
from harness.comparing.evidence import Contender, TaskEvidence, Trial
from harness.comparing.groups import grouped
from harness.comparing.records import Estimate, Latency, StrategyFigures
from harness.models import Scorer
from harness.records import Status
from harness.scoring.interval import interval, rows_of
from harness.scoring.ordinal import STEPS
from harness.scoring.rowsums import RowSums, row_sums
from harness.scoring.tally import NO_ANSWER, Pair
from harness.stats import DRAWS, Interval, across_seeds, crossed_interval, of_seeds, percentile_interval
from harness.suite.figures import COEFFICIENTS

# The worst first: a strategy stands where its worst trial stands.
_STATUSES: tuple[Status, ...] = ("failed", "stopped", "running", "not-applicable", "finished")
SHOWN = 1000  # latencies that a record keeps


def strategy_figures(evidence: TaskEvidence, contender: Contender, also: Sequence[str] = ()) -> StrategyFigures:
    """One strategy's figures.

    Args:
        evidence: The task.
        contender: The strategy.
        also: Figures beside the scorer's own that limits name, such as ``recall[negative]``.
    """
    headers = [trial.header for trial in contender.trials]
    status = min((header.status for header in headers), key=_STATUSES.index)
    trials = scored(contender)
    failures = Counter(
        answer.failure
        for trial in trials
        for query_id, answer in trial.answers.items()
        if answer.failure is not None and query_id in evidence.targets
    )
    names = dict.fromkeys((evidence.metric, *evidence.scorer.figures, *also))
    figures = {name: found for name in names if (found := estimate(evidence, trials, name)) is not None}
    value = figures.get(evidence.metric)
    by_trial = tuple(_figure(evidence, trial, evidence.metric) for trial in trials) if value else ()
    return StrategyFigures(
        name=contender.name,
        strategy=contender.strategy,
        run=contender.run,
        use=headers[0].use,
        models=contender.models,
        tuned=contender.tuned,
        asked=contender.asked,
        local=contender.local,
        yardstick=headers[0].yardstick,
        train_size=contender.train_size,
        status=status,
        problem=next((h.problem.message.splitlines()[0] for h in headers if h.problem), None),
        chosen=tuple(dict.fromkeys(t.row.chosen for t in contender.trials if t.row.chosen)),
        trials=len(contender.trials),
        n=max((sum(i in evidence.targets for i in trial.answers) for trial in trials), default=0),
        failed=failures.total(),
        failures=dict(failures.most_common()),
        metric=evidence.metric,
        value=value,
        by_trial=by_trial,
        spread=_spread(by_trial, seeds_of(trials)),
        figures=figures,
        latency=_latency(contender, trials),
        cost=cost_of(evidence, contender),
        warnings=tuple(
            dict.fromkeys(
                (
                    *(warning for header in headers for warning in header.warnings),
                    *_lacking(evidence, contender),
                )
            )
        ),
    )


def _lacking(evidence: TaskEvidence, contender: Contender) -> Iterator[str]:
    """Of trials that are said to be finished: how many rows their record lacks."""
    for trial in contender.trials:
        there = sum(i in trial.answers for i in evidence.targets)
        if trial.header.status == "finished" and there < len(evidence.targets):
            rows = len(evidence.targets)
            yield f"seed {trial.header.key.seed}: the record has {there:,} of {rows:,} test rows"


def scored(contender: Contender) -> tuple[Trial, ...]:
    """The trials that figures come from: those that finished, or what there is where none has."""
    finished = tuple(trial for trial in contender.answered if trial.header.status == "finished")
    return finished or contender.answered


def estimate(evidence: TaskEvidence, trials: Sequence[Trial], figure: str) -> Estimate | None:
    """A figure of some trials with its interval; None where it cannot be had.

    The value is that of the answered rows, the mean over trials. The interval's low end is that of a set in which
    every failure is wrong, its high end that of one in which every failure is right.
    """
    if not trials:
        return None
    answered = [_answered(evidence, trial) for trial in trials]
    if not all(answered):
        return None
    known = [evidence.scorer.whole(pairs) for pairs in answered]
    if any(figure not in each for each in known):
        return None
    value = statistics.fmean(each[figure] for each in known)
    low, high = _interval(evidence, trials, answered, figure)
    n = max(rows_of(evidence.scorer, figure, pairs) for pairs in answered)
    return Estimate(value=value, low=min(low, value), high=max(high, value), n=n)


def _interval(
    evidence: TaskEvidence, trials: Sequence[Trial], answered: Sequence[Sequence[Pair]], figure: str
) -> Interval:
    if len(trials) == 1:
        failed = [
            evidence.targets[query_id]
            for query_id, answer in trials[0].answers.items()
            if answer.answers is None and query_id in evidence.targets
        ]
        return interval(evidence.scorer, figure, answered[0], failed=failed)
    ends, values = {}, {}
    for failed_as in ("wrong", "right"):
        pairs = [evidence.pairs(trial, failed_as) for trial in trials]
        ends[failed_as] = _over_seeds(evidence.scorer, figure, pairs, seeds_of(trials))
        values[failed_as] = statistics.fmean(evidence.scorer.whole(each)[figure] for each in pairs)
        if failed_as == "wrong" and not any(given == NO_ANSWER for row in pairs for _, given in row):
            return ends[failed_as]
    # Of a figure that is better when smaller, such as mae, the wrong ones are the high end.
    low, high = sorted(ends, key=lambda failed_as: values[failed_as])
    return Interval(ends[low].low, ends[high].high)


def _over_seeds(scorer: Scorer, figure: str, trials: Sequence[Sequence[Pair]], seeds: Sequence[int]) -> Interval:
    """Interval of the mean of a figure over several trials on the same rows, in the same order."""
    if any(pairs != trials[0] for pairs in trials):
        found = drawn(row_sums(scorer, figure, trials), figure, seeds)
        if found is not None:
            return found
    values = [scorer.whole(pairs)[figure] for pairs in trials]
    return possible(across_seeds(values, [interval(scorer, figure, pairs) for pairs in trials], seeds), figure)


def drawn(sums: RowSums, figure: str, seeds: Sequence[int], resamples: int = DRAWS) -> Interval | None:
    """The interval of the mean over trials by drawing rows; None where draws tell too little.

    Args:
        sums: The figure, of every trial.
        figure: Its name.
        seeds: Each trial's seed.
        resamples: How many sets of rows are drawn.
    """
    if sums.of_few:
        return None
    by_group = grouped(sums.parts)
    found = crossed_interval(by_group.parts, by_group.times, sums.figure, seeds=seeds, resamples=resamples)
    return possible(found, figure) if found.low < found.high else None


def seeds_of(trials: Sequence[Trial]) -> tuple[int, ...]:
    """Each trial's seed: those of one seed are repeats."""
    return tuple(trial.header.key.seed for trial in trials)


def possible(found: Interval, figure: str) -> Interval:
    """An interval without what no figure can be: Student's t of a few seeds reaches beyond 0 and 1.

    Args:
        found: The interval.
        figure: Its name; a coefficient such as `mcc` or `kappa` may be negative, steps of a scale more than 1.
    """
    least, most = -1.0 if figure in COEFFICIENTS else 0.0, math.inf if figure in STEPS else 1.0
    return Interval(max(found.low, least), min(found.high, most))


def _spread(by_trial: Sequence[float], seeds: Sequence[int]) -> float | None:
    """Between the means of seeds."""
    import numpy as np

    each = of_seeds(np.asarray(by_trial), seeds) if by_trial else ()
    return statistics.stdev(map(float, each)) if len(each) > 1 else None


def _figure(evidence: TaskEvidence, trial: Trial, figure: str) -> float:
    return evidence.scorer.whole(_answered(evidence, trial))[figure]


def _answered(evidence: TaskEvidence, trial: Trial) -> list[Pair]:
    return [
        (targets, answer.answers)
        for query_id, targets in evidence.targets.items()
        if (answer := trial.answers.get(query_id)) is not None and answer.answers is not None
    ]


def _latency(contender: Contender, trials: Sequence[Trial]) -> Latency | None:
    by_trial = [
        seconds
        for trial in trials
        if (seconds := [answer.seconds for answer in trial.answers.values() if answer.seconds is not None])
    ]
    if not by_trial:
        return None
    machine = contender.machine
    seconds = sorted(each for trial in by_trial for each in trial)
    step = max(1, -(-len(seconds) // SHOWN))
    return Latency(
        timed=min(map(len, by_trial)),
        machine="; ".join((*machine.gpus, f"{machine.cores} cores", machine.cpu)),
        p50=percentile(by_trial, 0.5),
        p95=percentile(by_trial, 0.95),
        p99=percentile(by_trial, 0.99),
        seconds=tuple(seconds[::step]),
    )


def percentile(by_trial: Sequence[Sequence[float]], q: float) -> Estimate | None:
    """The mean over trials of a percentile and of its bounds.

    Every trial times the same rows, and a long row is slow in each: pooled they would count as so many more rows.
    """
    found = [percentile_interval(seconds, q) for seconds in by_trial]
    highs = [each.high for each in found if each.high is not None]
    if len(highs) < len(found):
        return None
    return Estimate(
        value=statistics.fmean(each.value for each in found),
        low=statistics.fmean(each.low for each in found),
        high=statistics.fmean(highs),
        n=min(map(len, by_trial)),
    )
