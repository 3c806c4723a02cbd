from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harness.data.times import moments, pinned
from harness.errors import DataError


def _read(*cells: str) -> list[datetime]:
    return moments(cells, [f"t.csv line {i}" for i in range(2, len(cells) + 2)], "sent")


@pytest.mark.parametrize(
    "cell",
    [
        "2026-08-31",
        "20260831",
        "2026-08-31T00:00:00Z",
        "2026-08-31 02:00+02:00",
        "1788134400",
        "1788134400000",
        "46265",
    ],
)
def test_one_day_is_read_in_every_way_that_it_is_written(cell: str) -> None:
    assert [datetime(2026, 8, 31, tzinfo=UTC)] == _read(cell)


def test_another_row_tells_whether_the_day_comes_first() -> None:
    assert [datetime(2026, 4, 3, tzinfo=UTC)] == _read("03.04.2026", "31.08.2026")[:1]
    assert [datetime(2026, 3, 4, 9, 5, tzinfo=UTC)] == _read("3/4/2026 09:05", "8/31/2026")[:1]


def test_a_day_that_may_be_a_month_is_refused() -> None:
    with pytest.raises(DataError, match=r"line 2: whether the day or the month comes first in '03\.04\.2026'"):
        _read("03.04.2026", "05.06.2026")


def test_both_orders_in_one_column_are_refused() -> None:
    with pytest.raises(DataError, match=r"day first .*line 2.* month first .*line 3"):
        _read("31.08.2026", "08.31.2026")


def test_what_is_no_date_is_refused_with_its_place_and_value() -> None:
    with pytest.raises(
        DataError, match=r"2 of 3 rows have no date in the column 'sent' \(t.csv line 3: 'soon'"
    ) as e:
        _read("2026-08-31", "soon", "2026-13-01")
    assert "time" == e.value.where


def test_a_path_is_no_moment() -> None:
    assert None is pinned("test.csv")
    assert datetime(2026, 9, 1, tzinfo=UTC) == pinned("2026-09-01")
