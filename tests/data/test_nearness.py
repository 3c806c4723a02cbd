from __future__ import annotations

from itertools import combinations
from random import Random

import pytest

from harness.data.nearness import near_duplicates, similarity

PARCEL = "Your parcel {} from Bern has not arrived yet, and we are sorry for the delay of it."
WORDS = [
    "the",
    "refund",
    "card",
    "order",
    "parcel",
    "was",
    "never",
    "late",
    "broken",
    "paid",
    "address",
    "account",
    "please",
    "help",
    "again",
    "today",
]


def test_templates_with_another_number_are_one_group() -> None:
    texts = ["How do I change my password?", PARCEL.format(4711), "Where is my refund?", PARCEL.format(4712)]

    assert [[1, 3]] == near_duplicates(texts)


def test_copies_are_near_whatever_their_case_and_blanks() -> None:
    assert [[0, 2], [1, 3]] == near_duplicates(["Hi", "no", " hi ", "No"])


def test_blank_texts_are_near_to_none() -> None:
    assert [] == near_duplicates(["", " ", "\n"])
    assert [] == near_duplicates([])


def test_a_chain_of_near_texts_is_one_group() -> None:
    whole = " ".join(WORDS)
    texts = [whole, whole[9:], whole[18:], whole[27:]]

    assert similarity(texts[0], texts[3]) < 0.8 <= similarity(texts[0], texts[1])
    assert [[0, 1, 2, 3]] == near_duplicates(texts)


def test_groups_are_those_of_comparing_every_pair() -> None:
    random = Random(0)
    texts = [" ".join(random.choices(WORDS, k=12)) for _ in range(80)]
    texts += [text.replace(random.choice(text.split()), "x") for text in texts[:60]]
    near = [pair for pair in combinations(range(len(texts)), 2) if similarity(*(texts[i] for i in pair)) >= 0.6]
    parents = list(range(len(texts)))
    for a, b in near:
        old, new = parents[b], parents[a]
        parents = [new if each == old else each for each in parents]
    expected = {tuple(i for i, p in enumerate(parents) if p == root) for root in parents}

    assert near
    assert {g for g in expected if len(g) > 1} == {tuple(g) for g in near_duplicates(texts, 0.6)}


def test_a_threshold_of_one_joins_copies_only() -> None:
    assert [[0, 2]] == near_duplicates([PARCEL.format(1), PARCEL.format(2), PARCEL.format(1)], 1.0)


@pytest.mark.parametrize("threshold", [0, -0.5, 1.5])
def test_a_threshold_that_is_none_is_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        near_duplicates(["a"], threshold)
