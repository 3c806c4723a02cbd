from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from harness.models import Scorer
from harness.records import Kind
from harness.scoring import builtin_scorers
from harness.scoring.rowsums import row_sums
from harness.scoring.tally import NO_ANSWER, Pair


def trials(kind: str, rows: int = 40) -> list[list[Pair]]:
    draw = random.Random(3)
    known = ["a", "b", "c"]
    targets = [(draw.choice(known),) for _ in range(rows)]
    if kind == "text":
        words = ["x y z w v", "x y z", "q r s t u", "x q z w v"]
        return [[((draw.choice(words),), (draw.choice(words),)) for _ in range(rows)] for _ in range(2)]
    answers = [
        [(draw.choice(known),) if draw.random() > 0.1 else NO_ANSWER for _ in range(rows)] for _ in range(2)
    ]
    return [list(zip(targets, given, strict=True)) for given in answers]


@pytest.mark.parametrize(
    ("kind", "figure"),
    [
        ("label", "accuracy"),
        ("label", "macro_f1"),
        ("label", "mcc"),
        ("label", "recall[b]"),
        ("labels", "exact_set"),
        ("labels", "micro_f1"),
        ("labels", "f1[a]"),
        ("text", "token_f1"),
        ("text", "bleu"),
        ("text", "chrf"),
    ],
)
def test_a_figure_of_sums_is_the_figure_of_the_rows(kind: str, figure: str) -> None:
    scorer = builtin_scorers()[kind]
    of = trials(kind)
    found = row_sums(scorer, figure, of)
    totals = np.stack([part.sum(axis=0) for part in found.parts])
    assert [scorer.whole(pairs)[figure] for pairs in of] == pytest.approx(found.figure(totals).tolist())


class Longest:
    """A figure that is no mean of its rows: how many rows are right in one go."""

    kinds: frozenset[Kind] = frozenset({"label"})
    figures: Sequence[str] = ("share_of_wrong_squared",)

    def one(self, figure: str, targets: tuple[str, ...], answers: tuple[str, ...]) -> float:
        return float(targets == answers)

    def whole(self, pairs: Sequence[Pair]) -> Mapping[str, float]:
        wrong = sum(targets != answers for targets, answers in pairs) / len(pairs)
        return {"share_of_wrong_squared": 1 - wrong**2}


def test_a_plugins_own_figure_is_computed_from_the_rows_drawn() -> None:
    scorer: Scorer = Longest()
    of = trials("label")
    found = row_sums(scorer, "share_of_wrong_squared", of)
    drawn = [*range(10), *range(10), *range(20)]
    totals = found.parts[1][drawn].sum(axis=0)[None]
    assert [scorer.whole([of[1][i] for i in drawn])["share_of_wrong_squared"]] == found.figure(totals).tolist()


def test_an_unknown_figure_of_a_label_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"f1\[nobody\]"):
        row_sums(builtin_scorers()["label"], "f1[nobody]", trials("label"))
