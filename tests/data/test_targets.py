from __future__ import annotations

import pytest

from harness.data.targets import meaning, read_targets
from harness.records import Kind


@pytest.mark.parametrize(
    ("kind", "cell", "expected"),
    [
        ("label", "positive", ("positive",)),
        ("label", " Positive", (" Positive",)),
        ("label", " ", None),
        ("labels", "billing; refund", ("billing", "refund")),
        ("labels", "billing|refund|billing", ("billing", "refund")),
        ("labels", '["a;b", "c", 1]', ("a;b", "c", "1")),
        ("labels", "[draft]", ("[draft]",)),
        ("labels", "one", ("one",)),
        ("labels", "", ()),
        ("labels", "[]", ()),
        ("labels", "listed; whole", ("listed; whole",)),
        ("fields", '{"city": "Bern"}', ('{"city": "Bern"}',)),
        ("fields", "", None),
        ("text", "Bern", ("Bern",)),
        ("text", '["Bern", "Berne"]', ("Bern", "Berne")),
        ("text", "[1, 2]", ("[1, 2]",)),
        ("text", "[]", ("[]",)),
        ("text", "[see note]", ("[see note]",)),
        pytest.param("text", "[" * 100_000, ("[" * 100_000,), id="nested too deep"),
        ("text", "", None),
    ],
)
def test_a_cell_is_read_by_the_task_s_kind(kind: Kind, cell: str, expected: tuple[str, ...] | None) -> None:
    assert expected == read_targets(cell, kind, {"listed; whole"})


@pytest.mark.parametrize(("cell", "said"), [("{city: Bern}", "is not JSON"), ('["Bern"]', "not a JSON object")])
def test_fields_that_are_no_json_object_are_refused(cell: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_targets(cell, "fields")


def test_targets_mean_the_same_whatever_their_order_or_spacing() -> None:
    assert meaning(("a", "b"), "labels") == meaning(("b", "a"), "labels")
    assert meaning(('{"a": 1, "b": 2}',), "fields") == meaning(('{"b":2,"a":1}',), "fields")
    assert meaning(("a",), "label") != meaning(("b",), "label")
