from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.data.tables import load_table
from harness.errors import DataError
from harness.records import Row
from harness.suite import TableSpec

Write = Callable[[str, str | bytes], Path]


def test_a_table_keeps_every_column_and_the_file_s_order(write: Write, tmp_path: Path) -> None:
    write("handbook.jsonl", '{"section": "2", "text": "Bags"}\n{"section": "1", "text": "Seats"}\n')
    assert (
        Row(id="2", fields={"section": "2", "text": "Bags"}),
        Row(id="1", fields={"section": "1", "text": "Seats"}),
    ) == load_table(TableSpec(path="handbook.jsonl", id="section"), tmp_path, {})


def test_without_an_id_column_rows_are_named_by_their_content(write: Write, tmp_path: Path) -> None:
    write("a.csv", "text,page\nBags,1\nSeats,2\nBags,1\n")
    write("b.csv", "text,page\nSeats,2\nBags,1\nBags,1\n")
    a, b = (load_table(TableSpec(path=name), tmp_path, {}) for name in ("a.csv", "b.csv"))
    assert [f"{a[0].id}-2", a[0].id, a[1].id] == [a[2].id, b[1].id, b[0].id]
    assert {row.id for row in a} == {row.id for row in b}


@pytest.mark.parametrize(
    ("spec", "where", "said"),
    [
        (TableSpec(path="handbok.csv"), "path", "Did you mean 'handbook.csv'"),
        (TableSpec(path="handbook.csv", id="sectoin"), "id", "Did you mean 'section'"),
        (TableSpec(path="handbook.csv", id="section"), "id", "the id '1' stands twice"),
        (TableSpec(path="handbook.csv", encoding="utf-9"), "encoding", "utf-9"),
        (TableSpec(path="empty.csv"), "path", "has no rows"),
    ],
)
def test_what_is_wrong_names_the_field(
    spec: TableSpec, where: str, said: str, write: Write, tmp_path: Path
) -> None:
    write("handbook.csv", "section,text\n1,Bags\n1,Seats\n")
    write("empty.csv", "section,text\n")
    with pytest.raises(DataError, match=said) as caught:
        load_table(spec, tmp_path, {})
    assert caught.value.where == where
