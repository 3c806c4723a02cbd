from __future__ import annotations

import pytest

from harness.data.scales import by_number
from harness.errors import DataError


def test_numbers_stand_in_their_own_order_and_not_in_that_of_their_letters() -> None:
    assert ["-1", "2.5", "9", "10"] == by_number({"10", "9", "-1", "2.5"})


def test_words_are_no_scale_unless_their_order_is_listed() -> None:
    with pytest.raises(
        DataError, match=r"needs numbers, and these are none: 'good', 'poor'; list the labels"
    ) as caught:
        by_number({"1", "good", "poor"})
    assert "ordered" == caught.value.where


def test_two_labels_of_one_number_are_refused_with_the_way_out() -> None:
    with pytest.raises(DataError, match=r"'1' and '1.0' are one number .* `data.map: \{'1.0': '1'\}`"):
        by_number({"1", "1.0", "2"})
