"""Figures that rest on the rows of one label are as unsure as those rows make them."""

from __future__ import annotations

import numpy as np
import pytest

from harness.scoring import builtin_scorers
from harness.scoring.interval import interval, rows_of
from harness.scoring.tally import Pair
from harness.stats import label_intervals, wilson

KINDS = ("label", "labels")


def given(hits: int, missed: int, false: int, rest: int) -> list[Pair]:
    return [
        *[(("late",), ("late",))] * hits,
        *[(("late",), ("other",))] * missed,
        *[(("other",), ("late",))] * false,
        *[(("other",), ("other",))] * rest,
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_one_labels_figures_have_wilsons_interval_of_its_own_rows(kind: str) -> None:
    scorer, pairs = builtin_scorers()[kind], given(9, 1, 2, 188)
    expected = label_intervals(9, 10, 11)
    assert expected.recall == interval(scorer, "recall[late]", pairs)
    assert expected.precision == interval(scorer, "precision[late]", pairs)
    assert expected.f1 == interval(scorer, "f1[late]", pairs)
    figures = ("recall[late]", "precision[late]", "f1[late]", scorer.figures[0])
    assert [10, 11, 12, 200] == [rows_of(scorer, figure, pairs) for figure in figures]


@pytest.mark.parametrize("kind", KINDS)
def test_ten_rows_that_are_all_found_do_not_make_a_recall_sure(kind: str) -> None:
    found = interval(builtin_scorers()[kind], "recall[late]", given(10, 0, 1, 189))
    assert wilson(10, 10) == found


@pytest.mark.parametrize("rare", [5, 10, 20])
def test_balanced_accuracy_with_a_rare_label_covers_as_often_as_it_claims(rare: int) -> None:
    rng, scorer, simulations = np.random.default_rng(rare), builtin_scorers()["label"], 150
    covered = []
    for _ in range(simulations):
        late, other = int(rng.binomial(rare, 0.9)), int(rng.binomial(150, 0.95))
        found = interval(scorer, "balanced_accuracy", given(late, rare - late, 150 - other, other))
        covered.append(found.low <= 0.925 <= found.high)
    assert np.mean(covered) >= 0.88
