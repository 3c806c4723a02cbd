from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.starting.seen import Seen
from harness.starting.showing import remarks


@pytest.mark.parametrize(("expected", "kind"), [(True, "xlsx"), (False, "csv")])
def test_a_title_above_the_columns_names_of_a_workbook_is_told(
    expected: bool, kind: str, looked: Callable[..., Seen]
) -> None:
    rows = [[f"parcel {n} is not here", "late" if n % 2 else "lost"] for n in range(20)]
    seen = looked([["All tickets", "B"], *rows])  # a workbook's column without a name is called by its letter
    told = remarks(replace(seen, table=replace(seen.table, kind=kind)))
    assert expected == any("the first row names no column 'B'" in line for line in told)
