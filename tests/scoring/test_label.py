"""One-label scores against scikit-learn's, whose averages, absent classes and all must agree."""

from __future__ import annotations

import random
import time
import warnings
from collections.abc import Sequence

import numpy as np
import pytest
from sklearn import metrics

from harness.scoring.label import LabelScorer, confusion
from harness.scoring.tally import NO_ANSWER, Pair
from harness.stats import bootstrap_confusion, wilson

SCORER = LabelScorer()


def drawn(n: int, seed: int, targets: str = "abcde", answers: str = "abcde", right: float = 0.6) -> list[Pair]:
    rng = random.Random(seed)
    wanted = rng.choices(targets, k=n)
    return [((t,), (t if rng.random() < right and t in answers else rng.choice(answers),)) for t in wanted]


@pytest.mark.parametrize(
    ("targets", "answers"),
    [
        ("abcde", "abcde"),
        ("ab", "abcde"),  # answers that are never a target
        ("abcde", "ab"),  # targets that are never answered
        ("aab", "a"),  # one answer for everything
        ("a", "abc"),  # one target only
        ("ab", "cd"),  # nothing in common
    ],
)
@pytest.mark.parametrize("n", [1, 7, 300])
def test_figures_are_scikit_learns(targets: str, answers: str, n: int) -> None:
    pairs = drawn(n, seed=n, targets=targets, answers=answers)
    y, z = [t for (t,), _ in pairs], [a for _, (a,) in pairs]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns of absent classes; the harness must not
        expected = {
            "accuracy": metrics.accuracy_score(y, z),
            "balanced_accuracy": metrics.balanced_accuracy_score(y, z),
            "macro_f1": metrics.f1_score(y, z, average="macro", zero_division=0),
            "mcc": metrics.matthews_corrcoef(y, z),
        }
        labels = sorted({*y, *z})
        by_label = metrics.precision_recall_fscore_support(y, z, labels=labels, zero_division=0)
    for name, values in zip(("precision", "recall", "f1", "support"), by_label, strict=True):
        expected |= {f"{name}[{label}]": value for label, value in zip(labels, values, strict=True)}
    assert pytest.approx(expected) == dict(SCORER.whole(pairs))


def test_every_metric_is_among_the_figures_of_a_set() -> None:
    assert set(SCORER.figures) <= SCORER.whole(drawn(10, seed=0)).keys()


def test_a_row_is_right_or_wrong_for_every_figure() -> None:
    for figure in SCORER.figures:
        assert 1.0 == SCORER.one(figure, ("a",), ("a",))
        assert 0.0 == SCORER.one(figure, ("a",), ("b",))
        assert 0.0 == SCORER.one(figure, ("a",), ())


@pytest.mark.parametrize("nothing", [(), NO_ANSWER])
def test_no_answer_is_wrong_and_is_no_label(nothing: tuple[str, ...]) -> None:
    pairs: list[Pair] = [(("a",), ("a",)), (("a",), nothing), (("b",), ("b",)), (("b",), ("a",))]
    found = SCORER.whole(pairs)
    assert 0.5 == found["accuracy"]
    f1_a, f1_b = 2 * 1 / (2 + 2), 2 * 1 / (2 + 1)
    assert pytest.approx((f1_a + f1_b) / 2) == found["macro_f1"]
    as_category = metrics.matthews_corrcoef(["a", "a", "b", "b"], ["a", "-", "b", "a"])
    assert pytest.approx(as_category) == found["mcc"]
    assert not [name for name in found if "no answer" in name]


def test_no_rows_have_no_figures() -> None:
    assert {} == SCORER.whole([])


def test_confusion_counts_answers_by_target() -> None:
    pairs: list[Pair] = [(("yes",), ("no",)), (("yes",), ("yes",)), (("no",), ()), (("yes",), ("no",))]
    found = confusion(pairs, labels=["yes", "no"])
    assert ("yes", "no") == found.labels
    assert [[1, 2, 0], [0, 0, 1]] == found.counts.tolist()


def test_confusion_keeps_labels_that_were_not_named_and_those_that_never_occur() -> None:
    found = confusion([(("b",), ("z",)), (("c",), ("b",))], labels=["b", "a"])
    assert ("b", "a", "c", "z") == found.labels
    assert 2 == found.counts.sum()


def test_confusion_is_scikit_learns() -> None:
    pairs = drawn(200, seed=4)
    expected = metrics.confusion_matrix([t for (t,), _ in pairs], [a for _, (a,) in pairs], labels=list("abcde"))
    np.testing.assert_array_equal(expected, confusion(pairs).counts[:, :-1])


def test_accuracy_has_wilsons_interval() -> None:
    pairs = drawn(200, seed=4)
    assert wilson(sum(t == a for t, a in pairs), 200) == SCORER.interval("accuracy", pairs)


@pytest.mark.parametrize("figure", ["balanced_accuracy", "macro_f1", "mcc"])
def test_other_figures_have_an_interval_around_them_from_the_confusion(figure: str) -> None:
    pairs = drawn(200, seed=4)
    found = SCORER.interval(figure, pairs)
    assert found.low < SCORER.whole(pairs)[figure] < found.high
    assert 0.1 < found.high - found.low < 0.2


def test_intervals_of_balanced_labels_differ_from_those_of_rare_ones() -> None:
    """Macro-F1 hangs on the rare label's few rows."""
    common = bootstrap_confusion([[80, 20], [20, 80]], lambda s: s[..., 0, :].sum(-1) / 200)
    pairs: Sequence[Pair] = (
        [(("a",), ("a",))] * 152 + [(("a",), ("b",))] * 38 + [(("b",), ("b",))] * 8 + [(("b",), ("a",))] * 2
    )
    rare = SCORER.interval("balanced_accuracy", pairs)
    assert 2 * (common.high - common.low) < rare.high - rare.low


def test_a_hundred_thousand_rows_take_no_time() -> None:
    pairs = drawn(100_000, seed=0)
    started = time.perf_counter()
    SCORER.whole(pairs)
    SCORER.interval("macro_f1", pairs)
    assert time.perf_counter() - started < 3.0
