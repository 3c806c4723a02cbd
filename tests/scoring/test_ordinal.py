"""Scores of a scale against scikit-learn's, and what the edges do."""

from __future__ import annotations

import random

import pytest
from sklearn import metrics

from harness.errors import SuiteError
from harness.models import scorer_for
from harness.records import Brief
from harness.scoring.interval import interval
from harness.scoring.label import LabelScorer
from harness.scoring.ordinal import OrdinalScorer, quadratic_kappa
from harness.scoring.rowsums import row_sums
from harness.scoring.tally import NO_ANSWER, Pair

STARS = Brief(name="t", instructions="?", kind="label", labels=dict.fromkeys("12345", ""), ordered=True)
SCORER = OrdinalScorer().of_task(STARS)


def drawn(n: int, seed: int = 0) -> list[Pair]:
    rng = random.Random(seed)
    wanted = [rng.randint(1, 5) for _ in range(n)]
    return [((str(t),), (str(min(5, max(1, t + rng.choice([-1, 0, 0, 1, 2])))),)) for t in wanted]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_figures_are_scikit_learns(seed: int) -> None:
    pairs = drawn(120, seed)
    y, z = [int(t) for (t,), _ in pairs], [int(a) for _, (a,) in pairs]
    found = SCORER.whole(pairs)
    assert metrics.cohen_kappa_score(y, z, weights="quadratic") == pytest.approx(found["quadratic_kappa"])
    assert metrics.mean_absolute_error(y, z) == pytest.approx(found["mae"])
    assert 1 - metrics.mean_absolute_error(y, z) / 4 == pytest.approx(found["closeness"])
    assert sum(abs(a - b) <= 1 for a, b in zip(y, z, strict=True)) / 120 == pytest.approx(
        found["adjacent_accuracy"]
    )
    assert metrics.accuracy_score(y, z) == found["accuracy"]


def test_an_ordered_task_gets_these_figures_whichever_its_metric_is() -> None:
    assert set(SCORER.figures) == set(scorer_for(LabelScorer(), STARS).figures)
    assert {"accuracy", "quadratic_kappa", "mae", "recall[5]"} <= SCORER.whole(drawn(60)).keys()
    assert "mae" not in scorer_for(LabelScorer(), STARS.model_copy(update={"ordered": False})).figures


def test_labels_that_are_no_scale_have_no_kappa_of_one() -> None:
    with pytest.raises(SuiteError, match="say `ordered: true` for task 't'"):
        OrdinalScorer().of_task(STARS.model_copy(update={"ordered": False}))


def test_chance_is_0_perfection_1_and_the_reverse_minus_1() -> None:
    perfect: list[Pair] = [((each,), (each,)) for each in "12345"]
    reverse: list[Pair] = [((a,), (b,)) for a, b in zip("12345", "54321", strict=True)]
    constant: list[Pair] = [((each,), ("3",)) for each in "12345"]
    one: list[Pair] = [(("3",), ("3",))] * 4
    found = [SCORER.whole(pairs)["quadratic_kappa"] for pairs in (perfect, reverse, constant, one)]
    assert [1.0, -1.0, 0.0, 0.0] == pytest.approx(found)


@pytest.mark.parametrize(("target", "steps"), [("1", 4), ("2", 3), ("3", 2), ("5", 4)])
def test_no_answer_is_as_far_off_as_the_target_allows(target: str, steps: int) -> None:
    assert steps == SCORER.whole([((target,), NO_ANSWER)])["mae"]
    assert 1 - steps / 4 == SCORER.one("closeness", (target,), NO_ANSWER)


def test_failures_make_the_error_larger_at_its_upper_end() -> None:
    pairs = drawn(80)
    whole = interval(SCORER, "mae", pairs)
    failed = interval(SCORER, "mae", pairs[:70], failed=[t for t, _ in pairs[70:]])
    assert failed.low < whole.low < whole.high < failed.high


@pytest.mark.parametrize("figure", ["quadratic_kappa", "closeness", "adjacent_accuracy", "mae"])
def test_an_interval_holds_its_figure_and_is_none_where_all_is_right(figure: str) -> None:
    pairs = drawn(100)
    low, high = interval(SCORER, figure, pairs)
    assert low < SCORER.whole(pairs)[figure] < high
    right = interval(SCORER, figure, [(t, t) for t, _ in pairs])
    assert (0.0 if figure == "mae" else 1.0) == pytest.approx(right.low if figure == "mae" else right.high)
    assert 0 < right.high - right.low < 0.2


@pytest.mark.parametrize("figure", ["quadratic_kappa", "closeness", "mae", "macro_f1"])
def test_sums_over_rows_give_the_figure(figure: str) -> None:
    pairs = drawn(90)
    sums = row_sums(SCORER, figure, [pairs, drawn(90, 1)])
    assert SCORER.whole(pairs)[figure] == pytest.approx(float(sums.figure(sums.parts[0].sum(axis=0)[None])[0]))


def test_kappa_falls_with_the_square_of_the_distance() -> None:
    near, far = (
        [((t,), ("4" if t == "5" else t,)) for t in "12345"],
        [((t,), ("1" if t == "5" else t,)) for t in "12345"],
    )
    rows = [row_sums(SCORER, "quadratic_kappa", [pairs]).parts[0].sum(axis=0) for pairs in (near, far)]
    assert float(quadratic_kappa(rows[0])) > 4 * float(quadratic_kappa(rows[1])) > 0
    assert [1 - 1 / 16, 0.0] == [SCORER.one("quadratic_kappa", ("5",), (a,)) for a in "41"]


def test_a_number_that_training_has_not_shown_lies_between_its_neighbours() -> None:
    scorer = OrdinalScorer(("1", "2", "4"))
    assert 0.5 == scorer.whole([(("3",), ("2",))])["mae"]
