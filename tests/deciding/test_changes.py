"""What would change a recommendation: every change is tried again, over many random cases."""

from __future__ import annotations

import re

import pytest

from harness.deciding.case import Case
from harness.deciding.changes import changes
from harness.deciding.moving import rounded
from harness.deciding.records import Change
from tests.deciding.made import case, cost, pair, random_case, strategy

NUMBER = r"([\d.,]+(?:e[+-]?\d+)?)"


def with_change(given: Case, change: Change) -> Case:
    """The case with what a change's words say, and nothing else."""
    decide = given.decide
    if found := re.fullmatch(rf"(\S+) at (least|most) {NUMBER}", change.what):
        bound = {"least": "minimum", "most": "maximum"}[found[2]]
        return given.with_(**{bound: {**getattr(decide, bound), found[1]: float(found[3].replace(",", ""))}})
    if found := re.fullmatch(rf"{NUMBER} answers a month", change.what):
        return given.with_(answers_per_month=int(found[1].replace(",", "")))
    if found := re.fullmatch(rf"a budget of \${NUMBER}", change.what):
        return given.with_(budget=float(found[1].replace(",", "")))
    if change.what == "every dollar a month counted":
        return given.with_(worth_per_month=0.0)
    if change.what == "no limits at all":
        return given.with_(minimum={}, maximum={}, budget=None, privacy="open")
    dropped = change.what.removeprefix("no limit on ")
    if dropped in ("budget", "privacy"):
        return given.with_(**{dropped: {"budget": None, "privacy": "open"}[dropped]})
    rest = {b: {n: v for n, v in getattr(decide, b).items() if n != dropped} for b in ("minimum", "maximum")}
    return given.with_(**rest)


def test_every_change_is_what_the_rule_picks_then() -> None:
    seen: set[str] = set()
    for seed in range(250):
        given = random_case(seed)
        picked = given.pick().name
        for change in changes(given, "accuracy"):
            assert change.to == with_change(given, change).pick().name, (seed, change)
            assert change.to != picked, (seed, change)
            assert change.what in change.words
            seen.add(re.sub(r"[\d.,$]+(e[+-]?\d+)?", "N", change.what) + ("" if picked else ", none meets"))
    # All sorts came up, or the test says nothing of them.
    assert {
        "accuracy at least N",
        "accuracy at least N, none meets",
        "p95_seconds at most N".replace("95", "N"),
        "no limit on accuracy",
        "no limit on privacy",
        "no limits at all, none meets",
        "a budget of N, none meets",
        "N answers a month",
        "every dollar a month counted",
    } <= seen, seen


def test_where_none_meets_the_limits_every_suggestion_lets_one_in() -> None:
    none = 0
    for seed in range(250):
        given = random_case(seed)
        if given.pick().name is None:
            none += 1
            found = changes(given, "accuracy")
            assert found, seed
            for change in found:
                assert change.to is not None, (seed, change)
    assert none > 40


def test_a_limit_is_moved_to_the_side_that_lets_the_nearest_in() -> None:
    given = case([strategy("a", 0.9096), strategy("b", 0.8)], minimum={"accuracy": 0.95})
    (change,) = changes(given, "accuracy")
    # 0.8796 at the lower end: 0.88 would keep it out.
    assert ("accuracy at least 0.879", "a") == (change.what, change.to)
    assert (
        "With accuracy at least 0.879 (instead of accuracy at least 0.95), a would be recommended." == change.words
    )


def test_an_upper_limit_just_below_what_the_pick_shows_takes_another() -> None:
    given = case([strategy("a", 0.9, p95=0.0152), strategy("b", 0.8, p95=0.001)], maximum={"p95_seconds": 1.0})
    found = {change.what: change.to for change in changes(given, "accuracy")}
    assert "b" == found["p95_seconds at most 0.0189"]  # a is at 0.0190


def test_the_traffic_at_which_a_machine_of_ones_own_pays_is_told() -> None:
    own, rented = cost(month=100.0), cost(per_answer=0.001)
    given = case(
        [strategy("own", 0.9, cost=own), strategy("rented", 0.9, cost=rented)],
        [pair("own", "rented", "tied")],
        answers_per_month=10_000,
    )
    (change,) = [each for each in changes(given, "accuracy") if "answers a month" in each.what]
    assert ("own", "100,000 answers a month") == (change.to, change.what)  # $100 both, and own stands first


def test_a_better_strategy_that_a_limit_keeps_out_is_named() -> None:
    given = case([strategy("a", 0.95, local=False), strategy("b", 0.8)], privacy="local")
    words = [change.words for change in changes(given, "accuracy")]
    assert "With no limit on privacy (privacy local keeps it out), a would be recommended." in words


def test_a_budget_is_told_by_how_much() -> None:
    given = case([strategy("a", 0.9, cost=cost(prepare=812.4))], budget=600)
    (change,) = changes(given, "accuracy")
    assert ("a budget of $813.00", "a") == (change.what, change.to)


@pytest.mark.parametrize("up", [True, False])
def test_rounding_never_crosses_the_number(up: bool) -> None:
    for i in range(1, 4000):
        for value in (i / 1000, i / 7, i * 13.7, -i / 1000):
            found = rounded(value, up=up)
            assert found >= value if up else found <= value
            assert float(f"{found:.3g}") == found
            assert found == pytest.approx(value, rel=0.02)
