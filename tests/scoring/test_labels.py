"""Scores of label sets against scikit-learn's."""

from __future__ import annotations

import random

import pytest
from sklearn import metrics
from sklearn.preprocessing import MultiLabelBinarizer

from harness.scoring.labels import LabelsScorer
from harness.scoring.tally import NO_ANSWER, Pair
from harness.stats import mean_interval, wilson

SCORER = LabelsScorer()


def drawn(n: int, seed: int, labels: str = "abcdef") -> list[Pair]:
    rng = random.Random(seed)
    pairs: list[Pair] = []
    for _ in range(n):
        targets = rng.sample(labels, k=rng.randint(0, 3))
        kept = [label for label in targets if rng.random() < 0.7]
        pairs.append((tuple(targets), tuple({*kept, *rng.sample(labels, k=rng.randint(0, 1))})))
    return pairs


@pytest.mark.parametrize("n", [4, 10, 300])
def test_figures_are_scikit_learns(n: int) -> None:
    pairs = drawn(n, seed=n)
    binary = MultiLabelBinarizer().fit([{*t, *a} for t, a in pairs])
    y, z = binary.transform([t for t, _ in pairs]), binary.transform([a for _, a in pairs])
    expected = {
        "exact_set": metrics.accuracy_score(y, z),
        "jaccard": metrics.jaccard_score(y, z, average="samples", zero_division=1),
        "micro_f1": metrics.f1_score(y, z, average="micro", zero_division=1),
        "macro_f1": metrics.f1_score(y, z, average="macro", zero_division=0),
    }
    by_label = metrics.precision_recall_fscore_support(y, z, zero_division=0)
    for name, values in zip(("precision", "recall", "f1", "support"), by_label, strict=True):
        expected |= {f"{name}[{label}]": v for label, v in zip(binary.classes_, values, strict=True)}
    assert pytest.approx(expected) == dict(SCORER.whole(pairs))


def test_every_metric_is_among_the_figures_of_a_set() -> None:
    assert set(SCORER.figures) <= SCORER.whole(drawn(10, seed=0)).keys()


@pytest.mark.parametrize(
    ("targets", "answers", "exact", "jaccard", "f1"),
    [
        (("a", "b"), ("b", "a"), 1.0, 1.0, 1.0),
        (("a", "b"), ("b",), 0.0, 1 / 2, 2 / 3),
        (("a", "b"), ("b", "c", "d"), 0.0, 1 / 4, 2 / 5),
        (("a",), ("a", "a"), 1.0, 1.0, 1.0),
        (("a",), (), 0.0, 0.0, 0.0),
        ((), ("a",), 0.0, 0.0, 0.0),
        ((), (), 1.0, 1.0, 1.0),
        ((), NO_ANSWER, 0.0, 0.0, 0.0),
    ],
)
def test_a_rows_own_score(
    targets: tuple[str, ...], answers: tuple[str, ...], exact: float, jaccard: float, f1: float
) -> None:
    scores = [SCORER.one(figure, targets, answers) for figure in ("exact_set", "jaccard", "micro_f1", "macro_f1")]
    assert pytest.approx([exact, jaccard, f1, f1]) == scores


def test_rows_without_any_label_are_perfect_if_none_was_given() -> None:
    expected = {"exact_set": 1.0, "jaccard": 1.0, "micro_f1": 1.0, "macro_f1": 1.0}
    assert expected == SCORER.whole([((), ())] * 3)


def test_a_failure_is_no_label() -> None:
    found = SCORER.whole([(("a",), ("a",)), (("a",), NO_ANSWER)])
    assert pytest.approx(2 / 3) == found["macro_f1"]
    assert {"precision[a]", "recall[a]", "f1[a]", "support[a]"} == {name for name in found if "[" in name}


def test_no_rows_have_no_figures() -> None:
    assert {} == SCORER.whole([])


def test_intervals_fit_the_figure() -> None:
    pairs = drawn(200, seed=1)
    figures = SCORER.whole(pairs)
    assert wilson(round(200 * figures["exact_set"]), 200) == SCORER.interval("exact_set", pairs)
    assert mean_interval([SCORER.one("jaccard", *pair) for pair in pairs]) == SCORER.interval("jaccard", pairs)
    for figure in ("micro_f1", "macro_f1"):
        found = SCORER.interval(figure, pairs)
        assert found.low < figures[figure] < found.high
        assert 0.05 < found.high - found.low < 0.15


def test_a_perfect_set_is_not_certain() -> None:
    assert wilson(20, 20) == SCORER.interval("macro_f1", [(("a", "b"), ("b", "a"))] * 20)
