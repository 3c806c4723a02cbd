from __future__ import annotations

import pytest

from harness.answers import find_label, find_labels, find_object, normalised

INTENTS = ["refund", "refund status", "billing"]


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("refund", "refund"),
        ("refund", "  **Refund.** "),
        ("refund status", "It is a refund status question."),
        ("billing", "I would say: billing"),
        (None, "billing or refund"),
        (None, "prefunding"),
        (None, ""),
    ],
)
def test_a_text_names_one_label_or_none(label: str | None, text: str) -> None:
    assert label == find_label(text, INTENTS)


def test_a_letter_is_an_answer_only_in_its_own_case() -> None:
    assert "B" == find_label("It is a B.", ["A", "B"])
    assert "A" == find_label("a", ["A", "B"])


def test_labels_that_differ_only_in_case_are_told_apart_where_the_text_is_exact() -> None:
    assert "US" == find_label("US", ["us", "US"])
    assert find_label("Us", ["us", "US"]) is None


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        (["billing", "refund"], 'Sure: ["billing", "Refund", "cats"]'),
        ([], "[]"),
        ([], "None."),
        (["refund status", "billing"], "billing, then refund status"),
        (None, '["cats"]'),
        (None, "I cannot say"),
    ],
)
def test_a_text_names_several_labels_none_or_nothing_known(labels: list[str] | None, text: str) -> None:
    found = find_labels(text, INTENTS)
    assert labels == found if labels is None or found is None else sorted(labels) == sorted(found)


def test_a_json_object_is_found_inside_talk_and_fences() -> None:
    assert '{"a": {"b": "ü"}}' == find_object('Here {you} are:\n```json\n{"a":\n {"b": "ü"}}\n```')
    assert find_object("no {object} here") is None


def test_texts_compare_without_case_spaces_and_unicode_form() -> None:
    assert normalised("Great  Flight!\n") == normalised("great flight!")
    assert normalised("great flight!") == normalised("\uff47reat\u00a0flight!")
    assert normalised("great flight") != normalised("great flights")


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (None, '{"a": {"b": 1}, "c": "cut he'),
        (None, '{"a": {"b": 1}, "c": tr'),
        (None, '{"a": {"b": 1},'),
        (None, '{"a": ' * 100_000),
        ('{"b": 2}', 'not {this}, not {"a": NaN}, but {"b": 2}'),
        ('{"a": "\\ud800"}', '{"a": "\\ud800"}'),
        ('{"a": 2}', '{"a": 1, "a": 2}'),
    ],
)
def test_of_strange_json_only_a_whole_object_is_taken(found: str | None, text: str) -> None:
    assert found == find_object(text)
