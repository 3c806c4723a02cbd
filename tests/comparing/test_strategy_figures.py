"""A strategy's figures: intervals, seeds, failures, trials without a result."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from itertools import pairwise

import pytest
from statsmodels.stats.proportion import proportion_confint

from harness.comparing.evidence import TaskEvidence
from harness.comparing.figures import strategy_figures
from harness.comparing.pairs import comparable, failed_share, pairs
from harness.comparing.records import Estimate, StrategyFigures
from tests.diagnosing.conftest import EvidenceMaker, Facts

Make = Callable[..., EvidenceMaker]


def answers(right: int, n: int, failed: int = 0) -> list[str | None]:
    """The first `right` of n rows, all of whose targets are yes, are right; the last ones fail."""
    return ["yes"] * right + ["no"] * (n - right - failed) + [None] * failed


def wilson(right: int, n: int) -> tuple[float, float]:
    low, high = proportion_confint(right, n, method="wilson")
    return float(low), float(high)


def figures(evidence: TaskEvidence, name: str, *also: str) -> StrategyFigures:
    return strategy_figures(evidence, evidence.contender(name), also)


def test_one_seed_has_wilsons_interval_and_says_nothing_of_training(make_evidence: Make) -> None:
    found = figures(make_evidence(["yes"] * 300).trial("features", answers(275, 300)).build(), "features")
    assert found.value is not None
    assert 275 / 300 == pytest.approx(found.value.value)
    assert wilson(275, 300) == pytest.approx((found.value.low, found.value.high), abs=1e-6)
    assert 300 == found.value.n == found.n
    assert found.spread is None
    assert (275 / 300,) == pytest.approx(found.by_trial)


def test_macro_f1_has_an_interval_that_is_not_wilsons_and_holds_its_value(make_evidence: Make) -> None:
    draw = random.Random(0)
    targets = ["a"] * 120 + ["b"] * 30
    given = [t if draw.random() < 0.8 else "ab".replace(t, "") for t in targets]
    found = figures(make_evidence(targets, metric="macro_f1").trial("s", given).build(), "s")
    hits = {label: sum(t == g == label for t, g in zip(targets, given, strict=True)) for label in "ab"}
    by_hand = statistics.fmean(2 * hits[x] / (targets.count(x) + given.count(x)) for x in "ab")
    assert found.value is not None
    assert found.value.low is not None
    assert found.value.high is not None
    assert by_hand == pytest.approx(found.value.value)
    assert 0.02 < by_hand - found.value.low < 0.2
    assert 0.02 < found.value.high - by_hand < 0.2
    right = sum(hits.values())
    assert abs(found.value.low - wilson(right, 150)[0]) > 0.005


def test_several_seeds_give_the_mean_their_spread_and_a_wider_interval(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 200)
    for right in (180, 170, 160):
        make.trial("lora", answers(right, 200))
    make.trial("one", answers(170, 200))
    found, one = figures(make.build(), "lora"), figures(make.build(), "one")
    assert found.value is not None
    assert one.value is not None
    assert 0.85 == pytest.approx(found.value.value)
    assert (0.9, 0.85, 0.8) == pytest.approx(found.by_trial)
    assert statistics.stdev([0.9, 0.85, 0.8]) == pytest.approx(found.spread)
    assert 3 == found.trials
    assert (found.value.low or 0) < (one.value.low or 1)
    assert (found.value.high or 0) > (one.value.high or 1)


def test_failures_widen_the_interval_both_ways(make_evidence: Make) -> None:
    found = figures(make_evidence(["yes"] * 100).trial("s", answers(80, 100, failed=4)).build(), "s")
    assert found.value is not None
    assert 80 / 96 == pytest.approx(found.value.value)
    assert (wilson(80, 100)[0], wilson(84, 100)[1]) == pytest.approx((found.value.low, found.value.high), abs=1e-6)
    assert 4 == found.failed
    assert {"timeout": 4} == dict(found.failures)
    assert 96 == found.value.n


def test_failures_of_one_of_several_seeds_widen_both_ways_too(make_evidence: Make) -> None:
    def with_second(given: list[str | None]) -> Estimate:
        make = make_evidence(["yes"] * 200).trial("s", answers(160, 200)).trial("s", given)
        found = figures(make.build(), "s").value
        assert found is not None
        return found

    broken = with_second(answers(152, 200, 10))
    wrong = with_second([*answers(152, 190), *["no"] * 10])
    right = with_second([*answers(152, 190), *["yes"] * 10])
    assert (wrong.low, right.high) == (broken.low, broken.high)
    assert broken.value == pytest.approx((160 / 200 + 152 / 190) / 2)


def test_one_label_has_its_own_figure_where_a_limit_names_it(make_evidence: Make) -> None:
    made = make_evidence(["yes"] * 50 + ["no"] * 50).trial("s", ["yes"] * 45 + ["no"] * 55)
    found = figures(made.build(), "s", "recall[yes]", "p95_seconds", "recall[never]")
    assert 0.9 == pytest.approx(found.figures["recall[yes]"].value)
    assert found.figures["recall[yes]"].low is not None
    assert {"p95_seconds", "recall[never]"}.isdisjoint(found.figures)


def test_a_strategy_with_one_failed_seed_of_three_is_shown_by_the_other_two(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 100)
    make.trial("s", answers(90, 100)).trial("s", answers(80, 100))
    make.trial("s", answers(10, 20), facts=Facts(status="failed", problem="CUDA out of memory\nat line 3"))
    evidence = make.build()
    found = figures(evidence, "s")
    assert found.value is not None
    assert ("failed", 3, 2) == (found.status, found.trials, len(found.by_trial))
    assert 0.85 == pytest.approx(found.value.value)
    assert "CUDA out of memory" == found.problem
    assert comparable(evidence.contender("s"))


def test_a_stopped_trial_is_shown_and_never_compared(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 100).trial("done", answers(90, 100))
    make.trial("stopped", answers(15, 20), facts=Facts(status="stopped"))
    make.trial("broken", [], facts=Facts(status="failed", problem="it broke"))
    evidence = make.build()
    stopped, broken = figures(evidence, "stopped"), figures(evidence, "broken")
    assert stopped.value is not None
    assert (0.75, 20) == (stopped.value.value, stopped.value.n)
    assert broken.value is None
    assert "it broke" == broken.problem
    assert () == pairs(evidence)


def test_a_strategy_that_answers_nothing_has_no_figure_and_no_verdict(make_evidence: Make) -> None:
    evidence = make_evidence(["yes"] * 40).trial("mute", [None] * 40).trial("s", answers(30, 40)).build()
    assert figures(evidence, "mute").value is None
    assert 1.0 == failed_share(evidence, evidence.contender("mute"))
    assert ["no verdict"] == [pair.verdict for pair in pairs(evidence)]


def test_mcc_may_be_negative_with_ends_around_it(make_evidence: Make) -> None:
    targets = ["a", "b"] * 100
    given = ["b", "a"] * 70 + ["a", "b"] * 30
    value = figures(make_evidence(targets, metric="mcc").trial("s", given).build(), "s").value
    assert value is not None
    assert -0.4 == pytest.approx(value.value)
    assert value.low is not None
    assert value.high is not None
    assert -1 <= value.low < value.value < value.high < 0


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_two_rows_have_figures_with_wide_intervals(make_evidence: Make, metric: str) -> None:
    value = figures(make_evidence(["a", "b"], metric=metric).trial("s", ["a", "a"]).build(), "s").value
    assert value is not None
    assert value.low is not None
    assert value.high is not None
    assert value.high - value.low > 0.3


def test_sixty_labels_give_every_figure(make_evidence: Make) -> None:
    draw, labels = random.Random(1), [f"label {i:02}" for i in range(60)]
    targets = [draw.choice(labels) for _ in range(300)]
    given = [t if draw.random() < 0.7 else draw.choice(labels) for t in targets]
    found = figures(make_evidence(targets, metric="macro_f1").trial("s", given).build(), "s")
    assert {"accuracy", "macro_f1", "mcc"} <= set(found.figures)
    assert all((e.low or 0) <= e.value <= (e.high or 1) for e in found.figures.values())


def test_a_percentile_is_told_only_where_its_interval_is_finite(make_evidence: Make) -> None:
    seconds = [i / 1000 for i in range(1, 101)]
    found = figures(
        make_evidence(["yes"] * 100).trial("s", answers(90, 100), seconds=seconds).build(), "s"
    ).latency
    assert found is not None
    assert found.p50 is not None
    assert found.p95 is not None
    assert found.p99 is None
    assert 100 == found.timed
    assert 0.0505 == pytest.approx(found.p50.value)
    # The binomial bounds of the median of 100: the 40th and the 61st value.
    assert (0.040, 0.061) == pytest.approx((found.p50.low, found.p50.high))
    few = figures(
        make_evidence(["yes"] * 71).trial("s", answers(70, 71), seconds=seconds[:71]).build(), "s"
    ).latency
    assert few is not None
    assert few.p95 is None


def test_of_many_latencies_a_thousand_are_kept_evenly_drawn(make_evidence: Make) -> None:
    n = 2500
    make = make_evidence(["yes"] * n).trial("s", ["yes"] * n, seconds=[i / n for i in range(n)])
    found = figures(make.build(), "s").latency
    assert found is not None
    assert n == found.timed
    assert 800 < len(found.seconds) <= 1000
    assert {3 / n} == {round(b - a, 9) for a, b in pairwise(found.seconds)}


def test_nothing_timed_is_no_latency(make_evidence: Make) -> None:
    assert figures(make_evidence(["yes"] * 9).trial("s", ["yes"] * 9).build(), "s").latency is None


def test_a_figure_of_a_rare_label_is_no_surer_over_two_seeds_that_agree_than_over_one(make_evidence: Make) -> None:
    targets = ["rare"] * 6 + ["often"] * 94
    one, two = make_evidence(targets), make_evidence(targets)
    one.trial("s", targets)
    two.trial("s", targets).trial("s", targets)
    names = ("recall[rare]", "macro_f1", "balanced_accuracy", "mcc")
    alone, both = (figures(each.build(), "s", *names).figures for each in (one, two))
    assert wilson(6, 6) == pytest.approx((both["recall[rare]"].low, both["recall[rare]"].high), abs=1e-6)
    assert 6 == both["recall[rare]"].n
    for name in names:
        assert (alone[name].low, alone[name].high) == pytest.approx((both[name].low, both[name].high))


def test_a_rare_label_never_drawn_does_not_pull_its_recall_to_nothing(make_evidence: Make) -> None:
    targets = ["rare"] * 2 + ["often"] * 98
    make = make_evidence(targets).trial("s", targets)
    make.trial("s", [*targets[:-1], "rare"])
    low = figures(make.build(), "s", "recall[rare]").figures["recall[rare]"].low
    assert wilson(2, 2)[0] == pytest.approx(low, abs=1e-6)


def test_repeats_are_not_further_seeds(make_evidence: Make) -> None:
    seeds, repeats = make_evidence(["yes"] * 100), make_evidence(["yes"] * 100)
    for seed, right in enumerate((80, 90)):
        seeds.trial("s", answers(right, 100))
        for _ in range(3):
            repeats.trial("s", answers(right, 100), facts=Facts(seed=seed))
    apart, together = figures(seeds.build(), "s"), figures(repeats.build(), "s")
    assert apart.value is not None
    assert together.value is not None
    assert (apart.value.low, apart.value.high) == pytest.approx(
        (together.value.low, together.value.high), abs=0.01
    )
    assert apart.spread == pytest.approx(together.spread)
    only = make_evidence(["yes"] * 100)
    for right in (80, 90, 85):
        only.trial("s", answers(right, 100), facts=Facts(seed=0))
    assert figures(only.build(), "s").spread is None


def test_three_seeds_that_time_the_same_rows_are_no_surer_of_a_percentile_than_one(make_evidence: Make) -> None:
    draw = random.Random(1)
    seconds = [draw.lognormvariate(0, 1) for _ in range(100)]
    make = make_evidence(["yes"] * 100)
    one = figures(make.trial("s", answers(90, 100), seconds=seconds).build(), "s").latency
    for _ in range(2):
        make.trial("s", answers(90, 100), seconds=seconds)
    three = figures(make.build(), "s").latency
    assert one is not None
    assert three is not None
    assert 100 == three.timed
    for alone, together in ((one.p50, three.p50), (one.p95, three.p95)):
        assert alone is not None
        assert together is not None
        assert (alone.low, alone.high, 100) == pytest.approx((together.low, together.high, together.n))
    few = make_evidence(["yes"] * 30)
    for _ in range(3):
        few.trial("s", answers(30, 30), seconds=seconds[:30])
    found = figures(few.build(), "s").latency
    assert found is not None
    assert found.p50 is not None
    assert found.p95 is None
