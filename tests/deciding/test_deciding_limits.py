"""Limits: a lower one is held against the lower end, an upper one against the upper end."""

from __future__ import annotations

import pytest

from harness.comparing.records import Cost, Estimate
from harness.deciding.limits import check_names, checks, figure
from harness.deciding.records import LimitCheck
from harness.errors import SuiteError
from harness.stats import wilson
from harness.suite import Decide
from tests.deciding.made import KNOWN, cost, strategy


def check(each: object, **decide: object) -> LimitCheck:
    (found,) = checks(each, Decide.model_validate(decide), KNOWN)  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(("limit", "met"), [(0.869, True), (0.871, False), (0.9, False)])
def test_a_lower_limit_is_judged_on_the_lower_end(limit: float, met: bool) -> None:
    found = check(strategy("a", 0.9), minimum={"accuracy": limit})
    assert met == found.met
    assert 0.87 == pytest.approx(found.judged)
    assert f"accuracy at least {limit:g}: 0.87 at the lower end, {'met' if met else 'not met'}" == found.words


@pytest.mark.parametrize(("limit", "met"), [(1.26, True), (1.24, False), (1.0, False)])
def test_an_upper_limit_is_judged_on_the_upper_end(limit: float, met: bool) -> None:
    found = check(strategy("a", 0.9, p95=1.0), maximum={"p95_seconds": limit})
    assert met == found.met
    assert 1.25 == pytest.approx(found.judged)


def test_what_is_not_known_is_not_met_for_sure() -> None:
    found = check(strategy("a", 0.9), maximum={"p95_seconds": 5.0})
    assert (None, None) == (found.met, found.judged)
    assert "p95_seconds at most 5 s: not known, so not met for sure" == found.words
    assert check(strategy("a", 0.9, cost=cost(per_answer=None)), budget=1e9, answers_per_month=1).met is None


def test_a_budget_is_over_the_horizon_with_preparing() -> None:
    each = strategy("a", 0.9, cost=Cost(prepare=30.0, search=5.0, labels=7.0, per_answer_deployed=0.01))
    found = check(each, budget=162.0, answers_per_month=1000, horizon_months=12)
    assert found.met
    assert 162.0 == pytest.approx(found.judged)  # 42 + 12 x 10
    assert check(each, budget=161.9, answers_per_month=1000, horizon_months=12).met is False
    assert check(each, budget=42.0).met is True  # without traffic only preparing is paid


@pytest.mark.parametrize(("local", "met"), [(True, True), (False, False), (None, None)])
def test_privacy_local_lets_in_what_stays_on_this_machine(local: bool | None, met: bool | None) -> None:
    found = check(strategy("a", 0.9, local=local), privacy="local")
    assert (met, "privacy") == (found.met, found.figure)


def test_a_maximum_of_failures_is_judged_on_wilsons_upper_end() -> None:
    each = strategy("a", 0.9).model_copy(update={"failed": 3})
    found = figure(each, Decide(), "failed")
    assert found is not None
    assert (0.01, wilson(3, 300).high) == pytest.approx((found.value, found.high))
    assert check(each, maximum={"failed": 0.02}).met is False
    assert check(each, maximum={"failed": 0.05}).met is True


def test_a_labels_own_figure_can_be_limited() -> None:
    of_label = Estimate(value=0.8, low=0.7, high=0.88, n=300)
    each = strategy("a", 0.9).model_copy(update={"figures": {"recall[negative]": of_label}})
    (found,) = checks(each, Decide(minimum={"recall[negative]": 0.75}), (*KNOWN, "recall[negative]"))
    assert (False, 0.7) == (found.met, found.judged)


def test_a_limit_of_another_task_does_not_count_here() -> None:
    assert [] == checks(strategy("a", 0.9), Decide(minimum={"rouge_l": 0.5}), KNOWN)


def test_a_limit_that_no_task_knows_is_refused_with_the_nearest_name() -> None:
    tasks = {"a": ("accuracy", "recall[negative]"), "b": ("rouge_l",)}
    check_names(Decide(minimum={"accuracy": 0.5, "rouge_l": 0.2}), tasks)
    with pytest.raises(SuiteError, match=r"decide.minimum.acuracy\n.*'acuracy'.*Did you mean 'accuracy'"):
        check_names(Decide(minimum={"acuracy": 0.5}), tasks)
    with pytest.raises(SuiteError, match=r"Did you mean 'recall\[negative\]'"):
        check_names(Decide(maximum={"recall[negativ]": 0.5}), tasks)


def test_a_row_that_fails_with_every_seed_counts_as_one_row() -> None:
    update = {"n": 100, "failed": 10, "by_trial": (0.9,) * 5}
    found = figure(strategy("a", 0.9).model_copy(update=update), Decide(), "failed")
    assert found is not None
    one = wilson(2, 100)
    assert (0.02, one.low, one.high, 100) == (found.value, found.low, found.high, found.n)
    between = figure(strategy("a", 0.9).model_copy(update=update | {"failed": 8}), Decide(), "failed")
    assert between is not None
    assert (0.016, wilson(1, 100).low, one.high) == (between.value, between.low, between.high)
