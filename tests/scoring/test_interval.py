from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import pytest

from harness.records import Kind
from harness.scoring.interval import interval
from harness.scoring.label import LabelScorer
from harness.scoring.labels import LabelsScorer
from harness.scoring.tally import Pair
from harness.scoring.text import TextScorer
from harness.stats import bootstrap, wilson, with_failures


@dataclass(frozen=True)
class Lengths:
    """A plugin's scorer that knows nothing of intervals."""

    kinds: frozenset[Kind] = frozenset({"text"})
    figures: Sequence[str] = ("long", "closeness", "typical")

    def one(self, figure: str, targets: tuple[str, ...], answers: tuple[str, ...]) -> float:
        if figure == "long":
            return float(len(answers[0]) > 5)
        return 1 / (1 + abs(len(answers[0]) - len(targets[0])))

    def whole(self, pairs: Sequence[Pair]) -> Mapping[str, float]:
        close = [self.one("closeness", *pair) for pair in pairs]
        return {
            "long": sum(self.one("long", *pair) for pair in pairs) / len(pairs),
            "closeness": sum(close) / len(close),
            "typical": median(close),
        }


TEXTS: list[Pair] = [(("x" * 7,), ("y" * (n % 12 + 1),)) for n in range(100)]


def test_a_share_has_wilsons_interval() -> None:
    right = round(100 * Lengths().whole(TEXTS)["long"])
    assert wilson(right, 100) == interval(Lengths(), "long", TEXTS)


def test_a_mean_has_the_bootstraps_interval() -> None:
    assert bootstrap([Lengths().one("closeness", *pair) for pair in TEXTS]) == interval(
        Lengths(), "closeness", TEXTS
    )


def test_any_other_figure_is_found_by_drawing_rows() -> None:
    found = interval(Lengths(), "typical", TEXTS)
    assert found.low < found.high
    assert found.low <= Lengths().whole(TEXTS)["typical"] <= found.high
    assert found == interval(Lengths(), "typical", TEXTS)


def test_a_scorer_that_knows_its_intervals_is_asked() -> None:
    pairs: Sequence[Pair] = [(("a",), ("a",))] * 60 + [(("a",), ("b",))] * 20 + [(("b",), ("b",))] * 20
    scorer = LabelScorer()
    assert scorer.interval("macro_f1", pairs, seed=3) == interval(scorer, "macro_f1", pairs, seed=3)


def test_failures_widen_accuracy_to_both_sides() -> None:
    pairs: Sequence[Pair] = [(("a",), ("a",))] * 80 + [(("a",), ("b",))] * 10
    assert with_failures(80, answered=90, failed=10) == interval(
        LabelScorer(), "accuracy", pairs, failed=[("a",)] * 10
    )


@pytest.mark.parametrize("figure", ["balanced_accuracy", "macro_f1", "mcc"])
def test_failures_widen_figures_of_a_set_too(figure: str) -> None:
    pairs: Sequence[Pair] = [(("a",), ("a",))] * 50 + [(("a",), ("b",))] * 10 + [(("b",), ("b",))] * 30
    answered = interval(LabelScorer(), figure, pairs)
    found = interval(LabelScorer(), figure, pairs, failed=[("b",)] * 10)
    assert found.low < answered.low - 0.02
    assert answered.high < found.high


def test_a_failure_where_there_was_no_label_to_find_is_wrong_for_the_low_bound() -> None:
    pairs: list[Pair] = [((), ())] * 20
    assert with_failures(20, answered=20, failed=5) == interval(
        LabelsScorer(), "exact_set", pairs, failed=[()] * 5
    )


@pytest.mark.parametrize("figure", TextScorer().figures)
def test_if_every_row_failed_hardly_anything_is_known(figure: str) -> None:
    found = interval(TextScorer(), figure, [], failed=[("the cat sat on 12 mats",)] * 10)
    assert (0.0, 1.0) == tuple(found)


def test_no_rows_have_no_interval() -> None:
    with pytest.raises(ValueError, match="no interval of 'accuracy' of no rows"):
        interval(LabelScorer(), "accuracy", [])
