"""Limits, judged on the interval's end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.comparing.records import Cost, Estimate
from harness.comparison import Compared
from harness.errors import SuiteError
from harness.gating.limits import judge, limit_check, parse
from harness.gating.records import Outcome

Make = Callable[..., Compared]

FOUND = Estimate(value=0.917, low=0.88, high=0.943, n=300)


@pytest.mark.parametrize(
    ("limit", "minimum", "maximum"),
    [
        (0.85, "passed", "failed"),
        (0.88, "passed", "failed"),
        (0.90, "inconclusive", "failed"),
        (0.93, "failed", "inconclusive"),
        (0.95, "failed", "passed"),
    ],
)
def test_a_limit_is_judged_on_the_end_of_the_interval(limit: float, minimum: Outcome, maximum: Outcome) -> None:
    assert minimum == judge(FOUND, "minimum", limit)
    assert maximum == judge(FOUND, "maximum", limit)


def test_a_figure_without_an_interval_is_judged_itself() -> None:
    exact = Estimate(value=3.0, n=10)
    assert ["passed", "failed"] == [judge(exact, "maximum", 3.0), judge(exact, "maximum", 2.9)]


def test_latency_says_on_what_machine(make_compared: Make) -> None:
    compared = make_compared({"features": ["yes", "no"] * 40}, ["yes", "no"] * 40)
    evidence, figures = compared.evidence["tweets"], compared.tasks[0].strategies[0]
    check = limit_check(evidence, figures, "p95_seconds", "maximum", 0.5)
    assert "passed" == check.outcome
    assert "p95_seconds at most 0.5" == check.asked
    assert check.words.endswith("on 2 cores; made")


def test_a_percentile_of_too_few_rows_is_inconclusive_and_says_how_many_it_takes(make_compared: Make) -> None:
    compared = make_compared({"features": ["yes", "no"] * 10}, ["yes", "no"] * 10)
    evidence, figures = compared.evidence["tweets"], compared.tasks[0].strategies[0]
    check = limit_check(evidence, figures, "p95_seconds", "maximum", 0.5)
    assert "inconclusive" == check.outcome
    assert "takes 72 rows asked one at a time (latency_sample), not 20" in check.words


def test_money_that_is_not_known_is_inconclusive(make_compared: Make) -> None:
    compared = make_compared({"features": ["yes", "no"]}, ["yes", "no"])
    evidence, figures = compared.evidence["tweets"], compared.tasks[0].strategies[0]
    unknown = figures.model_copy(update={"cost": Cost(per_answer=None, prepare=0.25)})
    check = limit_check(evidence, unknown, "dollars_per_answer", "maximum", 1)
    assert ("inconclusive", True) == (check.outcome, "price" in check.words)


def test_the_share_of_failures_has_an_interval(make_compared: Make) -> None:
    compared = make_compared({"features": ["yes", None] + ["no"] * 98}, ["yes", "no"] + ["no"] * 98)
    evidence, figures = compared.evidence["tweets"], compared.tasks[0].strategies[0]
    assert "inconclusive" == limit_check(evidence, figures, "failed", "maximum", 0.02).outcome
    assert "passed" == limit_check(evidence, figures, "failed", "maximum", 0.06).outcome
    assert "failed" == limit_check(evidence, figures, "failed", "maximum", 0).outcome


def test_a_figure_of_one_label_can_be_limited(make_compared: Make) -> None:
    compared = make_compared({"features": ["yes"] * 40 + ["no"] * 40}, ["yes", "no"] * 40)
    evidence, figures = compared.evidence["tweets"], compared.tasks[0].strategies[0]
    check = limit_check(evidence, figures, "recall[no]", "minimum", 0.9)
    assert "failed" == check.outcome
    assert check.words.startswith("0.3")


@pytest.mark.parametrize("word", ["accuracy", "accuracy=", "=0.8", "accuracy=high", "accuracy=nan"])
def test_what_is_no_limit_is_refused_with_an_example(word: str) -> None:
    with pytest.raises(SuiteError, match=r"is no limit; write FIGURE=NUMBER, such as --min accuracy=0.85"):
        parse([word], "--min")


def test_a_limit_may_not_stand_twice() -> None:
    assert {"accuracy": 0.8, "f1[a=b]": 0.5} == parse(["accuracy=0.8", "f1[a=b]=0.5"], "--min")
    with pytest.raises(SuiteError, match="'accuracy' twice"):
        parse(["accuracy=0.8", "accuracy=0.9"], "--min")
