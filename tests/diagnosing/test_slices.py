"""How well strategies do on parts of the rows, and the test of the gap."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2_contingency, fisher_exact

from harness.comparing.figures import estimate
from harness.diagnosing.sameness import same
from harness.diagnosing.slices import gaps, slices
from harness.diagnosing.subset import narrowed
from harness.scoring.label import LabelScorer
from harness.scoring.text import TextScorer
from harness.stats import independent_difference, wilson

Make = Callable[..., Any]


def phone_and_mail(make_evidence: Make, right_phone: int, right_mail: int, of: int = 50) -> Any:
    channels = ["phone"] * of + ["mail"] * of
    targets = ["a", "b"] * of
    right = [i < right_phone for i in range(of)] + [i < right_mail for i in range(of)]
    answers = [t if ok else "ba"["ab".index(t)] for t, ok in zip(targets, right, strict=True)]
    texts = ["same"] * 2 * of
    return make_evidence(targets, metadata=[{"channel": c} for c in channels], texts=texts).trial("s", answers)


def test_the_worst_slice_comes_first_with_wilsons_interval(make_evidence: Make) -> None:
    worst, best = slices(phone_and_mail(make_evidence, 30, 45).build())
    assert ("channel", "phone", 0.6, 50) == (worst.column, worst.value, worst.figure.value, worst.figure.n)
    assert tuple(wilson(30, 50)) == pytest.approx((worst.figure.low, worst.figure.high))
    assert "mail" == best.value


def test_a_gap_has_the_chi_squared_test_and_newcombes_interval(make_evidence: Make) -> None:
    (gap,) = gaps(phone_and_mail(make_evidence, 30, 45).build())
    assert chi2_contingency([[30, 20], [45, 5]], correction=False).pvalue == pytest.approx(gap.p_value)
    expected = independent_difference(45, 50, 30, 50)
    assert (expected.low, expected.high) == pytest.approx((gap.difference.low, gap.difference.high))
    assert gap.words.startswith("worst on channel=phone: 0.60 (0.46 to 0.72, n = 50), 0.30 below the best, mail")


def test_a_gap_that_is_sure_says_how_unequally_a_label_is_given(make_evidence: Make) -> None:
    make = make_evidence(["a", "b"] * 50, metadata=[{"c": "x"}] * 50 + [{"c": "y"}] * 50, texts=["same"] * 100)
    (gap,) = gaps(make.trial("s", ["a", "b"] * 25 + ["a", "a"] * 25).build())
    assert "a is given to 0.50 to 1.00 of a group's rows (demographic parity difference 0.50" in gap.words
    assert "equalized odds difference 1.00" in gap.words


def test_an_even_gap_says_that_there_is_none(make_evidence: Make) -> None:
    (gap,) = gaps(phone_and_mail(make_evidence, 40, 41).build())
    assert gap.words.endswith("no difference that these rows show")


def test_gaps_are_corrected_over_columns_and_strategies(make_evidence: Make) -> None:
    make = phone_and_mail(make_evidence, 35, 45)
    alone = gaps(make.build())[0].p_value
    make.trial("again", ["a", "b", "b", "b"] * 25)
    both = {gap.strategy: gap.p_value for gap in gaps(make.build())}
    assert 2 * alone == pytest.approx(both["s"])


def test_the_interval_of_a_gap_knows_of_all_the_gaps_it_was_picked_from(make_evidence: Make) -> None:
    draw = random.Random(4)
    columns = [{f"c{i}": draw.choice("wxyz") for i in range(8)} for _ in range(200)]
    make = make_evidence(["a", "b"] * 100, metadata=columns, texts=["same"] * 200)
    targets = ["a", "b"] * 100
    answers = [each if draw.random() < 0.7 else "a" for each in targets]
    found = gaps(make.trial("s", answers).build())
    assert 8 == len(found)
    # Chance alone: the widest of 48 differences looks sure of itself where it stands alone.
    assert all((each.difference.low or 0) <= 0 for each in found if each.p_value > 0.05)
    one = make_evidence(targets, metadata=[{"c": each["c0"]} for each in columns], texts=["same"] * 200)
    (alone,) = gaps(one.trial("s", answers).build())
    same = next(each for each in found if each.column == "c0")
    assert alone.difference.value == same.difference.value
    assert (same.difference.low or 0) < (alone.difference.low or 0)


def test_a_group_of_few_rows_says_nothing(make_evidence: Make) -> None:
    channels = ["phone"] * 20 + ["mail"] * 20 + ["fax"] * 4
    make = make_evidence(["a", "b"] * 22, metadata=[{"channel": c} for c in channels], texts=["same"] * 44)
    evidence = make.trial("s", ["a", "b"] * 20 + ["b", "a"] * 2).build()
    (gap,) = gaps(evidence)
    assert 1.0 == gap.p_value
    assert gap.words.endswith("; fax has n = 4: says nothing")
    fax = slices(evidence)[0]
    assert ("fax", 4) == (fax.value, fax.figure.n)
    assert (fax.figure.high or 0) > 0.45  # all four wrong, and still so wide


def test_who_always_answers_the_same_has_no_gap(make_evidence: Make) -> None:
    make = phone_and_mail(make_evidence, 30, 45).trial("majority", ["a"] * 100)
    assert {"s"} == {gap.strategy for gap in gaps(make.build())}
    assert {"s", "majority"} == {each.strategy for each in slices(make.build())}


def test_without_metadata_and_with_equal_texts_there_is_no_slice(make_evidence: Make) -> None:
    evidence = make_evidence(["a", "b"], texts=["one", "two"]).trial("s", ["a", "b"]).build()
    assert ((), ()) == (slices(evidence), gaps(evidence))


def test_failed_rows_widen_a_slice_and_are_not_wrong(make_evidence: Make) -> None:
    make = make_evidence(["a"] * 20, metadata=[{"c": "x"}] * 10 + [{"c": "y"}] * 10, texts=["same"] * 20)
    worst, _ = sorted(
        slices(make.trial("s", ["a"] * 5 + [None] * 5 + ["a"] * 10).build()), key=lambda e: e.figure.n
    )
    assert ("x", 1.0) == (worst.value, worst.figure.value)
    assert wilson(5, 10).low == pytest.approx(worst.figure.low)


def test_a_few_rows_are_tested_by_permutation_which_agrees_with_fisher() -> None:
    right = [1] * 7 + [0] * 1 + [1] * 2 + [0] * 6
    pairs = [(("a",), ("a",) if ok else ("b",)) for ok in right]
    found = same(LabelScorer(), "accuracy", [pairs], [0] * 8 + [1] * 8)
    assert "permutation" == found.how
    assert fisher_exact([[7, 1], [2, 6]]).pvalue == pytest.approx(found.p_value, abs=0.015)


@pytest.mark.parametrize(
    ("scorer", "figure"), [(LabelScorer(), "accuracy"), (LabelScorer(), "macro_f1"), (TextScorer(), "token_f1")]
)
def test_groups_that_are_the_same_differ_as_often_as_the_test_claims(scorer: Any, figure: str) -> None:
    rng = np.random.default_rng(7)
    low = 0
    runs = 120
    for _ in range(runs):
        targets, answers = rng.choice(["a b", "b c"], 60), rng.choice(["a b", "b c", "c d"], 60)
        pairs = [((str(t),), (str(a),)) for t, a in zip(targets, answers, strict=True)]
        low += same(scorer, figure, [pairs], rng.integers(3, size=60).tolist()).p_value <= 0.10
    assert low <= 22  # binomial(120, 0.10): more has a chance of 0.002
    assert low >= 3


def test_several_seeds_are_no_more_rows() -> None:
    pairs = [(("a",), ("a",) if i % 3 else ("b",)) for i in range(30)]
    groups = [int(i % 5 == 0) for i in range(30)]
    once, thrice = (same(LabelScorer(), "macro_f1", [pairs] * n, groups).p_value for n in (1, 3))
    assert once == pytest.approx(thrice)


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_several_seeds_give_the_mean_and_the_interval_of_the_whole_task(make_evidence: Make, metric: str) -> None:
    rng = np.random.default_rng(3)
    targets = rng.choice(["a", "b"], 80).tolist()
    channels = ["x"] * 50 + ["y"] * 30
    make = make_evidence(targets, metric=metric, metadata=[{"c": c} for c in channels], texts=["same"] * 80)
    for _ in range(3):
        make.trial("s", [t if rng.random() < 0.8 else "a" for t in targets])
    evidence = make.build()
    for each in slices(evidence):
        of_x = [i for i, c in enumerate(channels) if c == each.value]
        expected = estimate(narrowed(evidence, [f"t{i}" for i in of_x]), evidence.contenders[0].trials, metric)
        assert expected is not None
        assert expected.n == each.figure.n
        assert expected.value == pytest.approx(each.figure.value)
        assert (expected.low, expected.high) == pytest.approx((each.figure.low, each.figure.high), abs=0.02)


def test_failed_rows_of_several_seeds_widen_a_slice_too(make_evidence: Make) -> None:
    make = make_evidence(["a"] * 20, metadata=[{"c": "x"}] * 10 + [{"c": "y"}] * 10, texts=["same"] * 20)
    for _ in range(2):
        make.trial("s", ["a"] * 5 + [None] * 5 + ["a"] * 10)
    found = {each.value: each.figure for each in slices(make.build())}
    assert (1.0, 1.0) == (found["x"].value, found["y"].value)
    assert (found["x"].low or 1.0) < 0.4 < (found["y"].low or 0.0)


def test_two_seeds_that_differ_never_leave_what_a_figure_can_be(make_evidence: Make) -> None:
    make = make_evidence(["a"] * 20, metadata=[{"c": "x"}] * 10 + [{"c": "y"}] * 10, texts=["same"] * 20)
    make.trial("s", ["a"] * 20).trial("s", ["b"] * 3 + ["a"] * 17)
    for each in slices(make.build()):
        assert 0.0 <= (each.figure.low or 0.0) <= each.figure.value <= (each.figure.high or 0.0) <= 1.0
