"""Verdicts on pairs: McNemar, Holm, ties, failures, orientation; expected values from statsmodels or by hand."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from itertools import combinations

import pytest
from scipy.stats import norm
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from harness.comparing.pairs import pairs, verdict_on
from tests.diagnosing.conftest import EvidenceMaker, Facts

Make = Callable[..., EvidenceMaker]


def rows(both: int, a_only: int, b_only: int, neither: int) -> tuple[list[str], list[str]]:
    """Two strategies' answers where every target is yes."""
    a = ["yes"] * (both + a_only) + ["no"] * (b_only + neither)
    b = ["yes"] * both + ["no"] * a_only + ["yes"] * b_only + ["no"] * neither
    return a, b


def made(make: Make, both: int, a_only: int, b_only: int, neither: int) -> EvidenceMaker:
    a, b = rows(both, a_only, b_only, neither)
    return make(["yes"] * len(a)).trial("a", a).trial("b", b)


def exact(a_only: int, b_only: int) -> float:
    return float(mcnemar([[0, a_only], [b_only, 0]], exact=True).pvalue)


def connor(discordant: float, margin: float, level: float = 0.05) -> int:
    """Rows for 80 % power: Connor, 1987, equation 3."""
    z_level, z_power = float(norm.isf(level / 2)), 0.841621234
    discordant = max(discordant, margin)
    root = z_level * math.sqrt(discordant) + z_power * math.sqrt(discordant - margin**2)
    return math.ceil(root**2 / margin**2)


def test_right_and_wrong_rows_are_tested_by_mcnemar_and_say_who_is_right_alone(make_evidence: Make) -> None:
    (found,) = pairs(made(make_evidence, 240, 40, 10, 10).build())
    assert ("a", "b", "McNemar", "better") == (found.a, found.b, found.test, found.verdict)
    assert exact(40, 10) == pytest.approx(found.p_raw) == pytest.approx(found.p_value)
    assert 0.1 == pytest.approx(found.difference)
    assert (40, 10, 300, 0) == (found.a_only, found.b_only, found.n, found.failed)
    assert 4.0 == pytest.approx(found.effect)
    assert "odds ratio" == found.effect_name
    assert 0 < found.low < 0.1 < found.high
    assert found.rows_needed is None


def test_a_is_the_better_one_however_they_stand_in_the_suite(make_evidence: Make) -> None:
    a, b = rows(240, 10, 40, 10)
    (found,) = pairs(make_evidence(["yes"] * 300).trial("worse", a).trial("better", b).build())
    assert ("better", "worse", "better") == (found.a, found.b, found.verdict)
    assert (40, 10) == (found.a_only, found.b_only)
    assert ("better", "worse") == (
        verdict_on([found], "better", "worse"),
        verdict_on([found], "worse", "better"),
    )
    assert verdict_on([found], "better", "unknown") is None


def test_two_thousand_rows_answered_alike_are_a_tie(make_evidence: Make) -> None:
    (found,) = pairs(made(make_evidence, 1800, 0, 0, 200).build())
    assert "tied" == found.verdict
    assert (0.0, 1.0) == (found.difference, found.p_value)
    assert found.low < 0 < found.high
    assert found.p_tied < 0.001


def test_twenty_rows_answered_alike_are_no_tie_yet(make_evidence: Make) -> None:
    (found,) = pairs(made(make_evidence, 18, 0, 0, 2).build())
    assert "too few to tell" == found.verdict
    assert found.rows_needed is not None


def test_too_few_to_tell_names_the_rows_that_would_settle_the_margin(make_evidence: Make) -> None:
    (found,) = pairs(made(make_evidence, 263, 17, 10, 10).build())
    assert "too few to tell" == found.verdict
    assert exact(17, 10) == pytest.approx(found.p_raw)
    assert connor(27 / 300, 0.02) == found.rows_needed


def test_rows_that_would_settle_it_are_those_of_holms_level_and_more_than_there_are(make_evidence: Make) -> None:
    a, b = rows(263, 17, 10, 10)
    make = make_evidence(["yes"] * 300).trial("a", a).trial("b", b).trial("c", b)
    found = {(pair.a, pair.b): pair.rows_needed for pair in pairs(make.build())}
    assert connor(27 / 300, 0.02, 0.05 / 3) == found["a", "b"]


def test_enough_rows_for_the_margin_are_not_asked_for_again(make_evidence: Make) -> None:
    a, b = rows(491, 7, 2, 0)
    (found,) = pairs(make_evidence(["yes"] * 500).trial("a", a).trial("b", b).build())
    assert "too few to tell" == found.verdict
    assert connor(9 / 500, 0.02) <= 500
    assert found.rows_needed is None


def test_holm_is_over_all_pairs_of_the_task(make_evidence: Make) -> None:
    draw = random.Random(3)
    make = make_evidence(["yes"] * 200)
    given = {
        name: ["yes" if draw.random() < share else "no" for _ in range(200)]
        for name, share in (("a", 0.9), ("b", 0.82), ("c", 0.8), ("d", 0.6))
    }
    for name, answers in given.items():
        make.trial(name, answers)
    found = {frozenset((p.a, p.b)): p for p in pairs(make.build())}
    names = list(combinations(given, 2))
    raw = []
    for a, b in names:
        alone = [
            sum(x == "yes" != y for x, y in zip(given[p], given[q], strict=True)) for p, q in ((a, b), (b, a))
        ]
        raw.append(exact(*alone))
    expected = multipletests(raw, method="holm")[1]
    assert list(expected) == pytest.approx([found[frozenset(name)].p_value for name in names])
    assert 6 == len(found)


def test_failures_are_tested_at_both_extremes(make_evidence: Make) -> None:
    a: Sequence[str | None] = ["yes"] * 90 + ["no"] * 6 + [None] * 4
    b: Sequence[str | None] = ["yes"] * 80 + ["no"] * 20
    (found,) = pairs(make_evidence(["yes"] * 100).trial("a", a).trial("b", b).build())
    assert 4 == found.failed
    # Wrong: 10 rows for a alone, right: 14. The less sure p counts.
    assert exact(10, 0) == pytest.approx(found.p_raw)
    assert (0.10 + 0.14) / 2 == pytest.approx(found.difference)
    assert "better" == found.verdict
    assert found.a_only is None


def test_no_verdict_where_more_failed_than_is_allowed(make_evidence: Make) -> None:
    a: Sequence[str | None] = ["yes"] * 90 + ["no"] * 4 + [None] * 6
    b: Sequence[str | None] = ["no"] * 100
    (found,) = pairs(make_evidence(["yes"] * 100).trial("a", a).trial("b", b).build())
    assert "no verdict" == found.verdict


def test_failures_that_could_turn_the_order_leave_no_difference(make_evidence: Make) -> None:
    a: Sequence[str | None] = ["yes"] * 81 + ["no"] * 14 + [None] * 5
    b: Sequence[str | None] = ["yes"] * 83 + ["no"] * 17
    (found,) = pairs(make_evidence(["yes"] * 100).trial("a", a).trial("b", b).build())
    assert 1.0 == found.p_raw
    assert "too few to tell" == found.verdict


def test_macro_f1_is_compared_by_a_paired_bootstrap(make_evidence: Make) -> None:
    draw = random.Random(5)
    targets = [draw.choice("abc") for _ in range(250)]
    good = [t if draw.random() < 0.9 else draw.choice("abc") for t in targets]
    bad = [t if draw.random() < 0.5 else draw.choice("abc") for t in targets]
    (found,) = pairs(make_evidence(targets, metric="macro_f1").trial("bad", bad).trial("good", good).build())
    assert ("paired bootstrap", "better", "good") == (found.test, found.verdict, found.a)
    assert found.a_only is None
    assert "macro_f1" == found.metric


def test_several_seeds_are_compared_over_rows_and_seeds(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 200)
    for right in (180, 150, 120):
        make.trial("a", ["yes"] * right + ["no"] * (200 - right))
        make.trial("b", ["yes"] * (right - 8) + ["no"] * (208 - right))
    (found,) = pairs(make.build())
    assert "bootstrap over rows and seeds" == found.test
    assert 0.04 == pytest.approx(found.difference)
    # Rows alone would tell them apart (8 to 0 on every seed); seeds that lie 0.15 apart do not.
    assert "too few to tell" == found.verdict
    assert "Cohen's d" == found.effect_name


def test_a_failed_seed_does_not_come_into_the_pair(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 100)
    make.trial("a", ["yes"] * 90 + ["no"] * 10).trial("a", ["no"] * 30, facts=Facts(status="failed"))
    make.trial("b", ["yes"] * 90 + ["no"] * 10)
    (found,) = pairs(make.build())
    assert ("McNemar", 0, 0.0) == (found.test, found.failed, found.difference)


def test_only_strategies_with_as_many_labelled_rows_are_paired(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 30)
    for name in ("a", "b"):
        for size in (8, 64):
            make.trial(name, ["yes"] * 20 + ["no"] * 10, train_size=size)
    assert {("a n=8", "b n=8"), ("a n=64", "b n=64")} == {(p.a, p.b) for p in pairs(make.build())}


def test_one_strategy_alone_has_no_pair(make_evidence: Make) -> None:
    assert () == pairs(make_evidence(["yes"] * 9).trial("a", ["yes"] * 9).build())


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_two_rows_tell_nothing(make_evidence: Make, metric: str) -> None:
    make = make_evidence(["yes", "no"], metric=metric).trial("a", ["yes", "no"]).trial("b", ["no", "yes"])
    (found,) = pairs(make.build())
    assert "too few to tell" == found.verdict


def test_graded_scores_are_compared_by_a_bootstrap_with_cohens_d(make_evidence: Make) -> None:
    targets = [f"one two three {i}" for i in range(80)]
    good = [t if i % 2 else t[:-4] for i, t in enumerate(targets)]
    make = make_evidence(targets, kind="text", metric="token_f1").trial("bad", ["one"] * 80).trial("good", good)
    (found,) = pairs(make.build())
    assert ("good", "better", "paired bootstrap", "Cohen's d") == (
        found.a,
        found.verdict,
        found.test,
        found.effect_name,
    )
    assert found.effect is not None
    assert found.effect > 1


@pytest.mark.parametrize(("metric", "most"), [("accuracy", 1.0), ("mcc", 2.0)])
def test_a_difference_stays_within_what_two_figures_can_differ_by(
    make_evidence: Make, metric: str, most: float
) -> None:
    make = make_evidence(["yes", "no", "yes"], metric=metric)
    for a, b in ((["yes", "no", "yes"], ["no", "yes", "no"]), (["yes", "yes", "no"], ["no", "no", "yes"])):
        make.trial("a", a).trial("b", b)
    (found,) = pairs(make.build())
    assert -most <= found.low <= found.difference <= found.high <= most


def test_ties_are_corrected_after_holm_over_all_pairs(make_evidence: Make) -> None:
    # No row of 160 is discordant: (1 - 0.02) ** 160 = 0.039 for one pair, three times that among three.
    good, bad = ["yes"] * 150 + ["no"] * 10, ["yes"] * 40 + ["no"] * 120
    alone = make_evidence(["yes"] * 160).trial("a", good).trial("b", good)
    assert ["tied"] == [each.verdict for each in pairs(alone.build())]
    found = pairs(alone.trial("c", bad).build())
    of_equals = next(each for each in found if {"a", "b"} == {each.a, each.b})
    assert 3 * 0.98**160 == pytest.approx(of_equals.p_tied)
    assert "too few to tell" == of_equals.verdict
