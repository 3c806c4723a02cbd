"""What a suite may say of probes, and what it is told where that cannot be."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from harness.suite import Decide, Probes, Suite
from harness.suite.complaints import check


def said(value: Mapping[str, object]) -> str:
    found = check(Probes, value)
    assert isinstance(found, list)
    return "; ".join(f"{complaint.path}: {complaint.message}" for complaint in found)


def test_without_a_word_nothing_is_probed() -> None:
    assert ((), {}, ()) == (Probes().perturb, Probes().counterfactual, Probes().instructions)


def test_groups_are_read_as_sets_of_terms() -> None:
    made = check(Probes, {"counterfactual": {"gender": [["he", "she"], [" his ", "her"]]}})
    assert isinstance(made, Probes)
    assert (("he", "she"), ("his", "her")) == made.counterfactual["gender"]


@pytest.mark.parametrize(
    ("message", "value"),
    [
        ("group 'g': [a, b, c] has 3 terms and [he, she] has 2", {"g": [["he", "she"], ["a", "b", "c"]]}),
        ("group 'g': a term stands twice in [He, he]", {"g": [["He", "he"]]}),
        ("needs at least 2 entries, has 1", {"g": [["he"]]}),
        ("needs at least 1 entry, has 0", {"g": []}),
        ("must not be empty", {"g": [["he", " "]]}),
        ("expected text, got true", {"g": [["no", True]]}),
    ],
)
def test_what_cannot_be_swapped_is_told(message: str, value: object) -> None:
    assert message in said({"counterfactual": value})


@pytest.mark.parametrize(
    ("message", "value"),
    [
        ("Did you mean 'typos'?", {"perturb": ["typo"]}),
        ("must be at least 1, got 0", {"sample": 0}),
        ("must not be empty", {"instructions": [""]}),
        ("Did you mean 'perturb'?", {"perturbs": []}),
    ],
)
def test_what_cannot_be_asked_is_told(message: str, value: Mapping[str, object]) -> None:
    assert message in said(value)


@pytest.mark.parametrize(
    ("wanted", "decide"),
    [(False, Decide()), (True, Decide(maximum_error=0.1)), (True, Decide(review_price=0))],
)
def test_validation_rows_are_wanted_where_people_may_answer_instead(wanted: bool, decide: Decide) -> None:
    task = {"name": "t", "kind": "label", "instructions": "?", "data": {"path": "t.csv"}}
    assert wanted == Suite.model_validate({"name": "s", "tasks": [task], "decide": decide}).wants_validation
