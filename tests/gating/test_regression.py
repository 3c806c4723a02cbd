"""No regression: tested on the rows that both were asked, by a rule that is said."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from harness.comparing.evidence import Trial
from harness.comparison import Compared
from harness.gating.making import make
from harness.gating.records import Check
from harness.gating.regression import judge, no_regression, rule
from harness.gating.sides import PairedRows, Sides
from harness.stats import mcnemar, rows_needed_proportions

Make = Callable[..., Compared]

TARGETS = ["yes", "no"] * 150


def answers(wrong: Sequence[int], targets: Sequence[str] = TARGETS) -> list[str]:
    """All right but for these rows."""
    other = {"yes": "no", "no": "yes"}
    return [other[target] if i in set(wrong) else target for i, target in enumerate(targets)]


def check(now: Compared, then: Compared, strategy: str = "features", margin: float = 0.02) -> Check:
    figures = now.tasks[0].figures(strategy)
    old = make(then).tasks[0]
    against = old.strategy(strategy)
    assert against is not None
    return no_regression(now.evidence["tweets"], figures, old, against, margin)


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [
        (-0.019, 0.03, "passed"),
        (-0.019, -0.001, "passed"),
        (-0.02, 0.03, "inconclusive"),
        (-0.05, 0.0, "inconclusive"),
        (-0.05, -0.001, "failed"),
    ],
)
def test_the_rule_is_non_inferiority(low: float, high: float, outcome: str) -> None:
    assert outcome == judge(low, high, 0.02)
    assert "above -0.02" in rule(0.02)


def test_the_same_answers_are_no_regression(make_compared: Make) -> None:
    run = make_compared({"features": answers(range(20))}, TARGETS)
    found = check(run, run)
    assert "passed" == found.outcome
    assert "all 300 rows paired" in found.words


def test_right_or_wrong_is_tested_with_mcnemar(make_compared: Make) -> None:
    now = make_compared({"features": answers(range(17))}, TARGETS)
    then = make_compared({"features": answers(range(7, 17))}, TARGETS)
    found = check(now, then)
    expected = mcnemar(0, 7, 300, 0.02)
    assert f"{expected.value:+.3f} ({expected.low:+.3f} to {expected.high:+.3f}), McNemar" in found.words
    assert "0 rows right only now, 7 only then" in found.words
    assert "failed" == found.outcome


def test_a_few_rows_this_way_and_that_are_inconclusive(make_compared: Make) -> None:
    now = make_compared({"features": answers(range(10, 27))}, TARGETS)
    then = make_compared({"features": answers(range(10))}, TARGETS)
    found = check(now, then)
    assert "inconclusive" == found.outcome
    needed = rows_needed_proportions(27 / 300, 0.02)
    assert f"about {needed:,} rows would settle a difference of 0.02" in found.words


def test_too_few_rows_pass_nothing_even_where_no_answer_changed(make_compared: Make) -> None:
    run = make_compared({"features": TARGETS[:60]}, TARGETS[:60])
    found = check(run, run)
    assert "inconclusive" == found.outcome
    assert "about 189 rows would settle a difference of 0.02" in found.words


@pytest.mark.parametrize(("rows", "outcome"), [(188, "inconclusive"), (189, "passed")])
def test_the_rows_that_it_asks_for_where_nothing_changed_are_enough(
    make_compared: Make, rows: int, outcome: str
) -> None:
    run = make_compared({"features": TARGETS[:rows]}, TARGETS[:rows])
    assert outcome == check(run, run).outcome


def test_a_much_better_run_passes_and_a_much_worse_one_fails(make_compared: Make) -> None:
    good, bad = (make_compared({"features": answers(range(n))}, TARGETS) for n in (10, 60))
    assert "passed" == check(good, bad).outcome
    assert "failed" == check(bad, good).outcome


def test_several_seeds_vary_with_the_rows(make_compared: Make) -> None:
    now = make_compared({"features": [answers(range(10)), answers(range(40))]}, TARGETS)
    then = make_compared({"features": [answers(range(12)), answers(range(38))]}, TARGETS)
    found = check(now, then)
    assert "inconclusive" == found.outcome
    assert "bootstrap over rows and seeds" in found.words


def test_repeats_are_no_further_seeds(make_compared: Make) -> None:
    seeds = make_compared({"features": [answers(range(10)), answers(range(40))]}, TARGETS)
    four = make_compared({"features": [answers(range(n)) for n in (10, 40) for _ in range(4)]}, TARGETS)
    repeated = as_repeats(four, (0, 0, 0, 0, 1, 1, 1, 1))
    assert interval(check(seeds, seeds)) == pytest.approx(interval(check(repeated, repeated)), abs=0.005)


def as_repeats(compared: Compared, seeds: Sequence[int]) -> Compared:
    evidence = compared.evidence["tweets"]
    (contender,) = evidence.contenders
    trials: list[Trial] = []
    for trial, seed in zip(contender.trials, seeds, strict=True):
        key = trial.header.key.model_copy(update={"seed": seed, "repeat": len(trials)})
        trials.append(replace(trial, header=trial.header.model_copy(update={"key": key})))
    made = replace(evidence, contenders=(replace(contender, trials=tuple(trials)),))
    return replace(compared, evidence={"tweets": made})


def interval(found: Check) -> tuple[float, float]:
    ends = re.search(r"\((\S+) to (\S+)\)", found.words)
    assert ends is not None
    return float(ends[1]), float(ends[2])


def test_macro_f1_is_computed_anew_from_the_answers(make_compared: Make) -> None:
    now = make_compared({"features": answers(range(0, 80, 2))}, TARGETS, metric="macro_f1")
    then = make_compared({"features": answers(range(10))}, TARGETS, metric="macro_f1")
    found = check(now, then)
    expected = now.tasks[0].strategies[0].value, then.tasks[0].strategies[0].value
    assert expected[0] is not None
    assert expected[1] is not None
    assert found.words.startswith(f"{expected[0].value - expected[1].value:+.3f} ")
    assert "paired bootstrap" in found.words
    assert "failed" == found.outcome


def test_sets_of_labels_are_tested_too(make_compared: Make) -> None:
    targets = [("late", "rude"), (), ("late",)] * 60
    given = [("late",), (), ("late",)] * 60
    now = make_compared({"features": given}, targets, kind="labels")
    then = make_compared({"features": targets}, targets, kind="labels")
    assert "failed" == check(now, then).outcome
    assert "passed" == check(then, now).outcome


def test_scores_between_right_and_wrong_are_bootstrapped(make_compared: Make) -> None:
    targets = [f"black cat {i}" for i in range(240)]
    now = make_compared({"features": [f"cat {i}" for i in range(240)]}, targets, kind="text")
    then = make_compared({"features": targets[:120] + ["cat"] * 120}, targets, kind="text")
    found = check(now, then)
    assert "paired bootstrap" in found.words
    assert "passed" == check(then, then).outcome


def test_a_figure_that_is_no_mean_is_held_against_the_interval_alone(make_compared: Make) -> None:
    targets = [f"the black cat number {i} sat on a mat" for i in range(60)]
    run = make_compared({"features": targets}, targets, kind="text", metric="chrf")
    bad = make_compared({"features": ["a dog"] * 60}, targets, kind="text", metric="chrf")
    found = check(bad, run)
    assert "failed" == found.outcome
    assert "the two intervals, unpaired" in found.words
    assert "passed" == check(run, bad).outcome


def test_failures_make_the_verdict_less_sure_never_surer(make_compared: Make) -> None:
    whole = make_compared({"features": answers(range(10))}, TARGETS)
    failing = make_compared({"features": [*answers(range(10))[:290], *[None] * 10]}, TARGETS)
    assert "passed" == check(whole, whole).outcome
    assert "inconclusive" == check(failing, whole).outcome
    assert "inconclusive" == check(failing, failing).outcome


def test_rows_that_are_not_the_same_are_left_out_and_counted(make_compared: Make) -> None:
    ids = [f"row-{i}" for i in range(300)]
    now = make_compared({"features": answers(range(10))}, TARGETS, ids=ids)
    then = make_compared(
        {"features": answers(range(10))}, TARGETS, ids=[*ids[:200], *(f"old-{i}" for i in ids[200:])]
    )
    found = check(now, then)
    assert "200 rows paired, 100 only in this run, 100 only in the baseline" in found.words
    assert "passed" == found.outcome


def test_a_row_whose_target_changed_is_another_row(make_compared: Make) -> None:
    relabelled = ["no", *TARGETS[1:]]
    now = make_compared({"features": relabelled}, relabelled)
    then = make_compared({"features": TARGETS}, TARGETS)
    assert "299 rows paired, 1 only in this run, 1 only in the baseline" in check(now, then).words


def test_fewer_than_half_of_the_rows_say_nothing(make_compared: Make) -> None:
    now = make_compared({"features": answers([])}, TARGETS)
    then = make_compared({"features": answers([])}, TARGETS, ids=[f"row-{i}" for i in range(160, 460)])
    found = check(now, then)
    assert "inconclusive" == found.outcome
    assert "too few rows are the same: 140 rows paired" in found.words


def test_another_metric_says_nothing(make_compared: Make) -> None:
    now = make_compared({"features": answers([])}, TARGETS, metric="macro_f1")
    then = make_compared({"features": answers([])}, TARGETS)
    found = check(now, then)
    assert ("inconclusive", True) == (found.outcome, "the baseline has accuracy" in found.words)


def test_a_gate_on_what_is_as_bad_as_the_margin_lets_it_pass_no_more_often_than_it_claims(
    make_compared: Make,
) -> None:
    """At a true difference of minus the margin, at most 1 in 40 passes: the interval's lower tail."""
    rng = random.Random(0)
    n, runs = 300, 300
    passed = 0
    for _ in range(runs):
        both = [(rng.random() < 0.05, rng.random() < 0.07) for _ in range(n)]  # (now right alone, then alone)
        now_only = sum(now and not then for now, then in both)
        then_only = sum(then and not now for now, then in both)
        found = mcnemar(now_only, then_only, n, 0.02)
        passed += judge(found.low, found.high, 0.02) == "passed"
    assert passed / runs <= 0.025 + 3 * (0.025 * 0.975 / runs) ** 0.5


def test_scored_rows_that_failed_are_tried_as_right_and_as_wrong(make_compared: Make) -> None:
    targets = [f"answer {i}" for i in range(4)]
    now = make_compared({"s": [None, *targets[1:]]}, targets, kind="text")
    then = make_compared({"s": [*targets[:3], None]}, targets, kind="text")
    old = make(then).tasks[0]
    against = old.strategy("s")
    assert against is not None
    assert "scores" == old.packed
    evidence = now.evidence["tweets"]
    rows = PairedRows(list(range(4)), list(range(4)))
    sides = Sides(evidence, evidence.contender("s").answered, old, against, rows)
    for now_failed, then_failed in (("wrong", "right"), ("right", "wrong")):
        mine, theirs = sides.sums(now_failed, then_failed).scores
        assert [float(now_failed == "right"), 1, 1, 1] == mine.tolist()
        assert [1, 1, 1, float(then_failed == "right")] == theirs.tolist()
