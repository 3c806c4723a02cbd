"""The gate as a whole: who is judged, against whom, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.comparison import Compared
from harness.deciding.records import LimitCheck
from harness.errors import StoreError, SuiteError
from harness.gating.gate import gate
from harness.gating.making import make
from harness.gating.records import EXIT_CODES, Wanted, worst
from harness.records import Problem, TrialKey
from harness.running.gaps import Gap

Make = Callable[..., Compared]

NEVER_BEGUN = Gap(
    run="run", key=TrialKey(task="tweets", strategy="lora", seed=0), what="missing", words="not begun"
)
TARGETS = ["yes", "no"] * 100
GOOD = TARGETS
BAD = ["yes"] * 200


def test_the_recommended_strategy_is_judged(make_compared: Make) -> None:
    compared = make_compared({"lora": BAD, "features": GOOD}, TARGETS)
    found = gate(compared, Wanted(minimum={"accuracy": 0.9}))
    assert [("features", "passed")] == [(check.strategy, check.outcome) for check in found.checks]
    assert 0 == found.exit_code


def test_another_strategy_is_judged_where_it_is_named(make_compared: Make) -> None:
    compared = make_compared({"lora": BAD, "features": GOOD}, TARGETS)
    found = gate(compared, Wanted(minimum={"accuracy": 0.9}, strategy="lora"))
    assert [("lora", "failed")] == [(check.strategy, check.outcome) for check in found.checks]
    assert 10 == found.exit_code


def test_failed_weighs_more_than_inconclusive_and_less_than_incomplete() -> None:
    assert "failed" == worst(["passed", "inconclusive", "failed"])
    assert "incomplete" == worst(["failed", "incomplete"])
    assert "budget" == worst(["incomplete", "budget", "failed"])
    assert "passed" == worst(["passed"])
    assert [0, 10, 11, 12, 13] == sorted(EXIT_CODES.values())


def test_the_rules_stand_beside_the_verdict(make_compared: Make) -> None:
    compared = make_compared({"features": GOOD}, TARGETS)
    found = gate(compared, Wanted(minimum={"accuracy": 0.9}, no_regression=True), make(compared))
    assert 2 == len(found.rules)
    assert "lower end" in found.rules[0]
    assert "above -0.02" in found.rules[1]


def test_without_a_name_it_is_held_against_what_was_recommended_then(make_compared: Make) -> None:
    then = make_compared({"features": BAD, "lora": GOOD}, TARGETS, recommended="lora")
    now = make_compared({"features": BAD, "lora": BAD}, TARGETS)
    found = gate(now, Wanted(no_regression=True), make(then))
    assert "no regression of accuracy against lora" == found.checks[0].asked
    assert "failed" == found.outcome


def test_a_named_strategy_is_held_against_itself(make_compared: Make) -> None:
    then = make_compared({"features": BAD, "lora": GOOD}, TARGETS, recommended="lora")
    found = gate(then, Wanted(no_regression=True, strategy="features"), make(then))
    assert "no regression of accuracy against features" == found.checks[0].asked
    other = gate(then, Wanted(no_regression=True, strategy="features", baseline_strategy="lora"), make(then))
    assert "no regression of accuracy against lora" == other.checks[0].asked


def test_a_strategy_that_the_baseline_lacks_is_refused_with_what_it_has(make_compared: Make) -> None:
    compared = make_compared({"features": GOOD}, TARGETS)
    with pytest.raises(SuiteError, match=r"no strategy 'lora' of task 'tweets'; there are: features"):
        gate(compared, Wanted(no_regression=True, baseline_strategy="lora"), make(compared))


def test_the_margin_is_the_baselines_so_that_no_change_widens_it_unseen(make_compared: Make) -> None:
    then = make_compared({"features": GOOD}, TARGETS, margin=0.02)
    now = make_compared({"features": ["no", *GOOD[1:]]}, TARGETS, margin=0.2)
    found = gate(now, Wanted(no_regression=True), make(then))
    assert "above -0.02" in found.rules[0]
    assert "the suite now says 0.2" in found.notes[0]
    assert "above -0.1" in gate(now, Wanted(no_regression=True, margin=0.1), make(then)).rules[0]


def test_a_trial_that_did_not_end_makes_the_run_incomplete(make_compared: Make) -> None:
    statuses = {"lora": "failed"}
    compared = make_compared({"features": GOOD, "lora": GOOD[:3]}, TARGETS, statuses=statuses)
    found = gate(compared, Wanted(minimum={"accuracy": 0.9}))
    assert ("incomplete", 12) == (found.outcome, found.exit_code)
    assert ["incomplete", "passed"] == [check.outcome for check in found.checks]


def test_a_trial_of_another_strategy_does_not_matter_to_one_that_is_named(make_compared: Make) -> None:
    statuses = {"lora": "failed"}
    compared = make_compared({"features": GOOD, "lora": GOOD[:3]}, TARGETS, statuses=statuses)
    assert 0 == gate(compared, Wanted(minimum={"accuracy": 0.9}, strategy="features")).exit_code


def test_a_run_that_the_budget_stopped_says_so(make_compared: Make) -> None:
    problem = Problem(kind="BudgetError", message="the cost limit of $1 is reached")
    compared = make_compared(
        {"features": GOOD, "lora": GOOD[:3]}, TARGETS, statuses={"lora": "stopped"}, problem=problem
    )
    found = gate(compared, Wanted(minimum={"accuracy": 0.9}))
    assert ("budget", 13) == (found.outcome, found.exit_code)
    assert "stopped: the cost limit of $1 is reached" == found.checks[0].words


def test_a_strategy_with_fewer_trials_than_seeds_is_incomplete(make_compared: Make) -> None:
    compared = make_compared({"features": GOOD, "lora": [GOOD, GOOD]}, TARGETS)
    found = gate(compared, Wanted(minimum={"accuracy": 0.9}))
    assert ("seed 1 has ended", "missing") == (found.checks[0].asked, found.checks[0].words)
    assert "incomplete" == found.outcome


def test_a_named_strategy_that_was_never_begun_is_incomplete(make_compared: Make) -> None:
    compared = replace(make_compared({"features": GOOD}, TARGETS), complete=False, gaps=(NEVER_BEGUN,))
    found = gate(compared, Wanted(minimum={"accuracy": 0.9}, strategy="lora"))
    assert ("incomplete", ["not begun"]) == (found.outcome, [check.words for check in found.checks])


def test_a_run_that_has_not_come_to_its_end_is_incomplete(make_compared: Make) -> None:
    compared = replace(make_compared({"features": GOOD}, TARGETS), complete=False)
    assert 12 == gate(compared, Wanted(minimum={"accuracy": 0.9})).exit_code


def test_what_was_not_judged_at_all_has_not_passed() -> None:
    assert ("incomplete", "passed", "failed") == (worst([]), worst(["passed"]), worst(["passed", "failed"]))


def test_a_run_whose_later_strategies_were_never_begun_is_incomplete(make_compared: Make) -> None:
    compared = replace(make_compared({"features": GOOD}, TARGETS), complete=False, gaps=(NEVER_BEGUN,))
    assert 12 == gate(compared, Wanted(minimum={"accuracy": 0.9})).exit_code
    assert 0 == gate(compared, Wanted(minimum={"accuracy": 0.9}, strategy="features")).exit_code


def unmet(strategy: str, value: float | None, **changed: object) -> LimitCheck:
    told = {"figure": "accuracy", "bound": "minimum", "limit": 0.9, "judged": 0.8, "met": False, "words": ""}
    return LimitCheck.model_validate({"strategy": strategy, "value": value, **told, **changed})


@pytest.mark.parametrize(
    ("limits", "outcome"),
    [
        ([unmet("features", 0.85), unmet("lora", 0.7)], "failed"),
        ([unmet("features", 0.95), unmet("lora", 0.7)], "inconclusive"),
        ([unmet("features", None, judged=None, met=None)], "inconclusive"),
        ([unmet("features", None, figure="privacy", bound="maximum", limit=0)], "failed"),
        ([unmet("features", 0.95), unmet("features", 2.0, figure="p95_seconds", bound="maximum")], "failed"),
        ([], "inconclusive"),
    ],
)
def test_where_none_meets_the_limits_it_fails_only_where_that_is_sure(
    make_compared: Make, limits: list[LimitCheck], outcome: str
) -> None:
    compared = make_compared({"features": GOOD}, TARGETS, recommended=None)
    task = compared.tasks[0]
    told = task.recommendation.model_copy(update={"limits": tuple(limits)})
    compared = replace(compared, tasks=(task.model_copy(update={"recommendation": told}),))
    found = gate(compared, Wanted(minimum={"accuracy": 0.9}))
    assert outcome == found.outcome
    assert found.checks[0].words.startswith("None meets your limits.")


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted(), "nothing to judge: give --min, --max or --no-regression"),
        (Wanted(no_regression=True), "--no-regression needs --baseline FILE"),
        (Wanted(minimum={"acuracy": 0.9}), "--min 'acuracy' is no figure of tweets"),
        (Wanted(minimum={"acuracy": 0.9}), "Did you mean 'accuracy'"),
        (Wanted(maximum={"p95": 0.9}), "--max 'p95' is no figure"),
        (Wanted(minimum={"accuracy": 0.9}, strategy="feature"), "Did you mean 'features'"),
        (Wanted(minimum={"accuracy": 0.9}, task="tweet"), "Did you mean 'tweets'"),
        (Wanted(minimum={"accuracy": 0.9}, margin=2), "--margin must be above 0"),
    ],
)
def test_what_there_is_not_is_refused_in_words(make_compared: Make, wanted: Wanted, said: str) -> None:
    with pytest.raises(SuiteError, match=said):
        gate(make_compared({"features": GOOD}, TARGETS), wanted)


def test_a_baseline_of_other_tasks_is_refused(make_compared: Make) -> None:
    compared = make_compared({"features": GOOD}, TARGETS)
    made = make(compared)
    other = made.model_copy(update={"tasks": (made.tasks[0].model_copy(update={"task": "mails"}),)})
    with pytest.raises(StoreError, match="the baseline has no task 'tweets'; there are: mails"):
        gate(compared, Wanted(no_regression=True), other)
