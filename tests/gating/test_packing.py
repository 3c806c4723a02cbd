"""Rows and answers as a baseline keeps them."""

from __future__ import annotations

import pytest

from harness.gating.packing import (
    hash_of,
    label_token,
    labels_of,
    pack,
    score_of,
    score_token,
    unpack,
)
from harness.records import Example, Message, Query


@pytest.mark.parametrize(
    ("tokens", "packed"),
    [
        (["1", "0", "x"], "10x"),
        ([".6667", "1", "0"], ".6667 1 0"),
        (["10", "2"], "10 2"),
        (["12"], "12"),
        (["1"], "1"),
    ],
)
def test_what_is_packed_comes_back(tokens: list[str], packed: str) -> None:
    assert packed == pack(tokens)
    assert tokens == unpack(packed, len(tokens))


def test_another_number_of_answers_than_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="1 answers for 3 rows"):
        unpack("10", 3)


def test_labels_come_back_by_their_place_and_a_failure_is_no_answer() -> None:
    labels = ["late", "rude", "lost"]
    places = {label: place for place, label in enumerate(labels)}
    for answer in (("rude",), (), ("late", "lost"), None):
        assert answer == labels_of(label_token(answer, places), labels)
    with pytest.raises(ValueError, match="'7' is no answer of 3 labels"):
        labels_of("7", labels)


@pytest.mark.parametrize(("score", "token"), [(1.0, "1"), (0.0, "0"), (2 / 3, ".6667"), (0.5, ".5"), (None, "x")])
def test_scores_have_four_decimals_and_no_more_signs_than_they_need(score: float | None, token: str) -> None:
    assert token == score_token(score)
    assert score_of(token) == (None if score is None else pytest.approx(score, abs=1e-4))


def test_a_row_is_another_row_when_anything_that_was_asked_or_wanted_changes() -> None:
    row = Example(query=Query(id="a", text="great"), targets=("good",))
    others = [
        row.model_copy(update={"targets": ("bad",)}),
        row.model_copy(update={"query": Query(id="b", text="great")}),
        row.model_copy(update={"query": Query(id="a", text="Great")}),
        row.model_copy(
            update={"query": Query(id="a", text="great", history=(Message(role="user", content="hi"),))}
        ),
    ]
    assert 5 == len({hash_of(each) for each in (row, *others)})
    assert 12 == len(hash_of(row))
    assert hash_of(row) == hash_of(row.model_copy())
