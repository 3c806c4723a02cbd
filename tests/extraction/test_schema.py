from __future__ import annotations

from typing import Any

import pytest

from harness.extraction.canonical import canonical, parse
from harness.extraction.inferring import inferred
from harness.extraction.schema import every_field, fields_of, types_of, validity, what_is_wrong

CITY = {"type": "object", "properties": {"city": {"type": "string"}, "zip": {"type": "string"}}}


def of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def test_fields_are_named_by_dotted_path_and_references_are_followed() -> None:
    schema = of(home={"$ref": "#/$defs/City"}, work={"anyOf": [{"$ref": "#/$defs/City"}, {"type": "null"}]})
    schema["$defs"] = {"City": CITY}
    assert ["home.city", "home.zip", "work.city", "work.zip"] == list(fields_of(schema))
    assert ["home", "work.city", "work.zip"] == list(fields_of(schema, whole=["home"]))
    assert what_is_wrong(schema) is None


def test_a_list_is_one_field() -> None:
    assert ["items"] == list(fields_of(of(items={"type": "array", "items": CITY})))


def test_null_is_no_type_of_its_own() -> None:
    assert {"number"} == types_of({"type": ["number", "null"]})
    assert {"string", "integer"} == types_of({"anyOf": [{"type": "string"}, {"type": ["integer", "null"]}]})


@pytest.mark.parametrize(
    ("told", "schema"),
    [
        ("no valid JSON schema at 'properties.a.type'", of(a={"type": "text"})),
        ("names no `properties`", {"type": "object"}),
        ("names no `properties`", {"type": "array", "items": CITY}),
        ("lies outside of the schema, and nothing is fetched", of(a={"$ref": "https://example.org/a.json"})),
        ("'#/$defs/B' names nothing", of(a={"$ref": "#/$defs/B"})),
        ("leads back to itself", {**of(a={"$ref": "#/$defs/B"}), "$defs": {"B": {"$ref": "#/$defs/B"}}}),
        ("'(' is not a 'regex'", of(a={"type": "string", "pattern": "("})),
        ("no version of JSON schema", {"$schema": "https://example.org/mine", **of(a={})}),
        ("two fields are called 'a.b'", {**of(a=of(b={}), **{"a.b": {}})}),
    ],
)
def test_what_is_no_schema_of_an_object_is_told(told: str, schema: dict[str, Any]) -> None:
    assert told in str(what_is_wrong(schema))


def test_a_schema_that_holds_itself_ends() -> None:
    node = {"type": "object", "properties": {"name": {}, "next": {"$ref": "#/$defs/Node"}}}
    assert what_is_wrong({**of(root={"$ref": "#/$defs/Node"}), "$defs": {"Node": node}}) is None
    assert every_field({**of(root={"$ref": "#/$defs/Node"}), "$defs": {"Node": node}})


def test_what_breaks_a_schema_is_told_with_its_place() -> None:
    check = validity(of(home=CITY))
    assert check({"home": {"city": "Bern"}}) is None
    assert "home.city: 5 is not of type 'string'" == check({"home": {"city": 5}})


def test_keys_stand_in_the_schema_s_order_and_those_beyond_it_last() -> None:
    schema = of(b={}, a=of(y={}, x={}))
    value = parse('{"c": 1,\n "a": {"x": "Zo\\u00eb", "y": 2}, "b": [ ]}')
    assert '{"b": [], "a": {"y": 2, "x": "Zoë"}, "c": 1}' == canonical(value, schema)


@pytest.mark.parametrize("text", ["{", "[" * 100_000, '{"a": NaN}', '{"a": -Infinity}', ""])
def test_what_is_not_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


def test_half_a_surrogate_pair_is_written_so_that_a_file_takes_it() -> None:
    assert canonical(parse('{"a": "\\ud800"}'), of(a={})).encode()


def test_rows_give_a_schema_that_they_satisfy() -> None:
    rows = [{"n": 1, "d": "2026-01-31", "l": ["a"]}, {"n": 2.5, "d": "2026-02-01", "l": [], "o": {"x": None}}]
    found = inferred(rows)
    assert {"type": "number"} == found["properties"]["n"]
    assert {"type": "string", "format": "date"} == found["properties"]["d"]
    assert ["n", "d", "l"] == found["required"]
    assert [None, None] == [validity(found)(row) for row in rows]
    assert validity(found)({**rows[0], "more": 1}) is not None
