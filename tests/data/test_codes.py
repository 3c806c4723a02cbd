from __future__ import annotations

from collections.abc import Mapping

import pytest

from harness.data.codes import label_words
from harness.suite import Task

Labels = Mapping[str, object]


def words_of(labels: Labels, **more: object) -> dict[str, str]:
    given = {"name": "t", "kind": "label", "instructions": "Which?", "labels": labels, "data": {"path": "x.csv"}}
    return label_words(Task.model_validate(given | more))


def test_a_code_is_said_by_its_description_up_to_the_first_stop() -> None:
    found = words_of({"B12": "Card declined: the bank refused.", "acct_chg_017": "Address changed", "other": "x"})
    assert {"B12": "Card declined", "acct_chg_017": "Address changed"} == found


def test_codes_that_begin_alike_are_said_in_full_and_equal_ones_with_their_name() -> None:
    found = words_of({"B1": "Card: stolen", "B2": "Card: lost", "C1": "Fee", "C2": "fee", "fee 3": "Fee"})
    assert {"B1": "Card: stolen", "B2": "Card: lost", "C1": "Fee (C1)", "C2": "fee (C2)"} == found


def test_a_code_never_takes_the_name_of_a_label() -> None:
    assert {"R2": "refund (R2)"} == words_of({"refund": "money back", "R2": "refund"})


@pytest.mark.parametrize(
    ("labels", "more"),
    [
        ({"B12": "", "B13": ""}, {}),  # nothing to say
        ({"level 2": "second", "billing": "money"}, {}),  # names of words
        ({"1": "terrible", "2": "bad"}, {"ordered": True}),  # a scale's numbers
        ({"B12": "Card", "B13": "Pin"}, {"codes": False}),
    ],
)
def test_labels_that_say_something_stand_for_themselves(labels: Labels, more: dict[str, object]) -> None:
    assert {} == words_of(labels, **more)


def test_own_words_come_before_all_and_codes_true_takes_every_description() -> None:
    labels = {"ACHF": "Transfer failed", "PIN": {"description": "Wrong PIN, three times", "words": "wrong pin"}}
    assert {"PIN": "wrong pin"} == words_of(labels)
    assert {"ACHF": "Transfer failed", "PIN": "wrong pin"} == words_of(labels, codes=True)
