from __future__ import annotations

import pytest

from harness.data.labelling import choose

SIXTY = tuple(f"{area} {what}" for area in ("card", "cash", "top up") for what in map(str, range(20)))
LABELS = ("refund", "refund status", "billing", "Bank card")


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("b i", None),
        ("bi", "billing"),
        ("refund", "refund"),
        ("refund s", "refund status"),
        ("status", "refund status"),
        ("bank", "Bank card"),
        ("2", "refund status"),
        ("5", None),
        ("ref", None),
        ("x", None),
    ],
)
def test_a_label_goes_by_its_name_beginning_or_number(typed: str, label: str | None) -> None:
    assert (None if label is None else (label,)) == choose(typed, LABELS, "label").targets


def test_what_is_not_clear_says_between_which() -> None:
    assert "'refund', 'refund status'" in choose("ref", LABELS, "label").problem
    assert ("top up 19",) == choose("top up 19", SIXTY, "label").targets
    assert None is choose("top up 1", ("top up 10", "top up 11"), "label").targets


def test_several_labels_are_separated_by_commas() -> None:
    assert ("billing", "refund") == choose("bi, refund", LABELS, "labels").targets
    assert () == choose("-", LABELS, "labels").targets
    assert None is choose("bi, zz", LABELS, "labels").targets
