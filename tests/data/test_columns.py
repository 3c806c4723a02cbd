from __future__ import annotations

import pytest

from harness.data.columns import require, text_of
from harness.errors import DataError, SuiteError
from harness.suite import Columns

FIELDS = {"subject": "Hello", "body": "a {subject} b", "label": "x", "odd name": "!"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("subject", "Hello"),
        ("{subject}\n\n{body}", "Hello\n\na {subject} b"),
        ("{{{subject}}}", "{Hello}"),
        ("{odd name}", "!"),
        ("Subject: {nothing}", ""),
    ],
)
def test_a_text_is_a_column_or_a_template_filled_in_once(text: str, expected: str) -> None:
    assert expected == text_of(Columns(text=text, target="label")).render(FIELDS)


def test_a_template_of_blank_columns_is_no_text() -> None:
    assert "" == text_of(Columns(text="Subject: {subject}")).render({"subject": " \n"})


def test_a_template_names_its_columns_once() -> None:
    assert ("a", "b") == text_of(Columns(text="{a} {b} {a}")).columns


def test_the_target_does_not_get_into_the_text_by_any_spelling() -> None:
    sneaky = Columns.model_construct(text="{a} {label}", target="label", id=None, metadata=())
    with pytest.raises(SuiteError, match="may not be in the text") as caught:
        text_of(sneaky)
    assert caught.value.where == "columns.text"


def test_a_missing_column_is_named_with_those_there_in_the_file_s_order() -> None:
    with pytest.raises(DataError) as caught:
        require([("columns.target", "labl")], ["id", "text", "label"], "reviews.csv")
    expected = "column 'labl' is not in reviews.csv (it has: id, text, label). Did you mean 'label'?"
    assert expected == caught.value.message
    assert caught.value.where == "columns.target"


def test_one_column_with_a_delimiter_in_its_name_hints_at_the_delimiter() -> None:
    with pytest.raises(DataError, match="Is the delimiter ';'"):
        require([("columns.text", "text")], ["id;text;label"], "reviews.csv")
