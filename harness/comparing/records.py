"""What a comparison found: figures of each strategy, and a verdict on each pair. All of it is in the JSON.

features        accuracy 0.917 (0.880 to 0.943, n = 300)   p95 at most 19 ms   $0.41 a month
features/lora   +0.024 (-0.009 to 0.057)   McNemar, p = 0.25   too few to tell: about 1,760 rows would settle 0.02
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from harness.records import Record, Status

Verdict = Literal["better", "worse", "tied", "too few to tell", "no verdict"]
Test = Literal["McNemar", "paired bootstrap", "bootstrap over rows and seeds"]


class Estimate(Record):
    """A figure and how sure it is.

    Attributes:
        value: Of what was measured.
        low: Lower end of its 95 % interval; None where there is none.
        high: Upper end of its 95 % interval; None where there is none.
        n: Rows that it comes from.
    """

    value: float
    low: float | None = None
    high: float | None = None
    n: int


class Latency(Record):
    """Seconds of one answer at a time; a percentile without a finite interval is None.

    Attributes:
        timed: Rows that were asked one at a time, over all seeds.
        machine: What they were asked on; never compared with another.
        p50: Median.
        p95: 95th percentile.
        p99: 99th percentile.
        seconds: What was measured, sorted; at most 1,000 of them, evenly drawn.
    """

    timed: int
    machine: str
    p50: Estimate | None = None
    p95: Estimate | None = None
    p99: Estimate | None = None
    seconds: tuple[float, ...] = ()


class Cost(Record):
    """Dollars; None where a price is not known.

    Attributes:
        prepare: What preparing the one that would be used cost: training, demonstrations, its own search.
        training: What of `prepare` was paid to a provider for tokens trained on.
        search: What trying the other candidates of a matrix cost.
        seeds: What preparing it again with other seeds cost.
        labels: Labelled rows given, at the suite's price of a label; 0 without one.
        prepare_seconds: Wall seconds of one prepare, the mean over seeds.
        per_answer: Metered: tokens, or device seconds of the bulk phase.
        per_answer_deployed: As it would run: what each further answer costs.
        serving_per_month: As it would run: what one replica costs each month whatever the traffic, a provider's
            hosting of a tuned model too.
        capacity_per_month: Answers a month that one replica can give; None where endpoints answer.
        per_month: As it would run, at the suite's traffic; None without traffic.
        total: Over the horizon at that traffic, preparing included; None without traffic.
        answers: Answers that the figures of one answer come from.
    """

    prepare: float | None = None
    training: float | None = 0.0
    search: float | None = 0.0
    seeds: float | None = 0.0
    labels: float = 0.0
    prepare_seconds: float | None = None
    per_answer: float | None = None
    per_answer_deployed: float | None = None
    serving_per_month: float | None = 0.0
    capacity_per_month: float | None = None
    per_month: float | None = None
    total: float | None = None
    answers: int = 0


class StrategyFigures(Record):
    """One strategy on one task, over its seeds and repeats.

    Attributes:
        name: What tables call it: the strategy's name, with the run's behind it where runs are compared.
        strategy: Its name in the suite.
        run: The run's id.
        use: Its plugin name or path.
        models: Names of the models that it uses.
        tuned: Those of them whose weights it trains.
        asked: Those of them that it asks as they are.
        local: Whether nothing that it uses is beyond this machine; None where that is not known.
        yardstick: Whether the harness added it.
        train_size: Labelled rows it was given, in a learning curve; None for all.
        status: Of its trials: the worst.
        problem: Why it has no result, in one line.
        chosen: What each seed's matrix was reduced to on validation.
        trials: Seeds and repeats together.
        n: Test rows with an outcome, of one trial; failures included.
        failed: Rows that failed, over all trials.
        failures: How many failed of each kind.
        metric: The task's.
        value: The task's metric; None without a result. The mean over trials.
        by_trial: The metric of each trial.
        spread: Standard deviation of that between seeds; None for one: training variance is not measured.
        figures: Every figure of the scorer's.
        latency: None where nothing was timed.
        cost: What it costs.
        warnings: What a reader must know.
    """

    name: str
    strategy: str
    run: str
    use: str
    models: tuple[str, ...] = ()
    tuned: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    local: bool | None = None
    yardstick: bool = False
    train_size: int | None = None
    status: Status
    problem: str | None = None
    chosen: tuple[str, ...] = ()
    trials: int = 1
    n: int = 0
    failed: int = 0
    failures: Mapping[str, int] = {}
    metric: str
    value: Estimate | None = None
    by_trial: tuple[float, ...] = ()
    spread: float | None = None
    figures: Mapping[str, Estimate] = {}
    latency: Latency | None = None
    cost: Cost = Cost()
    warnings: tuple[str, ...] = ()


class Pair(Record):
    """Two strategies on the same rows, `a` the one with the better figure.

    Attributes:
        task: The task.
        metric: The figure compared.
        a: One strategy.
        b: The other.
        n: Rows that both were asked.
        difference: The figure of `a` minus that of `b`.
        low: Lower end of its 95 % interval.
        high: Upper end of its 95 % interval.
        p_raw: Of no difference, two-sided, before correction.
        p_value: The same after Holm over the task's pairs.
        p_tied: Of a difference of the margin or more, after Holm.
        margin: A smaller difference is none that matters.
        verdict: On `a`.
        test: Which one.
        a_only: Rows that only `a` got right; None where rows are not right or wrong.
        b_only: Rows that only `b` got right.
        effect: Odds ratio of the rows that one alone got right, or Cohen's d of the paired differences.
        effect_name: Which of the two.
        rows_needed: Test rows that would show a difference of the margin at 80 % power, at the level that Holm
            asks of one of so many pairs; None where there is a verdict, or there are as many rows already.
        failed: Rows that failed for either; the test was then done at both extremes.
    """

    task: str
    metric: str
    a: str
    b: str
    n: int
    difference: float
    low: float
    high: float
    p_raw: float
    p_value: float
    p_tied: float
    margin: float
    verdict: Verdict
    test: Test
    a_only: int | None = None
    b_only: int | None = None
    effect: float | None = None
    effect_name: Literal["odds ratio", "Cohen's d"] = "odds ratio"
    rows_needed: int | None = None
    failed: int = 0


class Optimism(Record):
    """The best figure of several on the same rows, put right for having been picked.

    Attributes:
        strategy: The best.
        among: Of how many.
        value: Its figure as measured.
        corrected: Less what the best of so many gains by luck.
        low: Lower end of the corrected figure's 95 % interval.
        high: Its upper end.
        n: Rows.
    """

    strategy: str
    among: int
    value: float
    corrected: float
    low: float
    high: float
    n: int


class Pairing(Record):
    """How rows of several runs were brought together.

    Attributes:
        rows: Test rows that every strategy compared was asked.
        unpaired: By run, ids of test rows that other runs lack.
        relabelled: Ids of rows whose target differs between runs; scored under the last named run's.
        changed: Ids of rows whose text differs between runs; not compared.
    """

    rows: int
    unpaired: Mapping[str, tuple[str, ...]] = {}
    relabelled: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
