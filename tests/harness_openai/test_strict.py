from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from harness import Request
from harness.records import Message
from harness_openai.strict import is_strict, strictly, without_nulls

if TYPE_CHECKING:
    from tests.harness_openai.conftest import FakeServer

BILL: dict[str, Any] = {
    "type": "object",
    "properties": {
        "total": {"type": "number"},
        "paid": {"type": "string", "format": "date"},
        "via": {"type": "string", "enum": ["card", "cash"]},
        "lines": {
            "type": "array",
            "items": {"type": "object", "properties": {"what": {"type": "string"}, "tax": {"type": "number"}},
                      "required": ["what"]},
        },
    },
    "required": ["total", "lines"],
}  # fmt: skip
ASKED = Request(messages=(Message(role="user", content="Read this bill."),), answer_schema=BILL, max_tokens=99)


def test_what_may_be_missing_is_asked_for_as_null() -> None:
    said = strictly(BILL)
    assert said is not None
    assert ["total", "paid", "via", "lines"] == said["required"]
    assert {"type": ["string", "null"], "format": "date"} == said["properties"]["paid"]
    assert {"type": ["string", "null"], "enum": ["card", "cash", None]} == said["properties"]["via"]
    assert {"type": "number"} == said["properties"]["total"]
    items = said["properties"]["lines"]["items"]
    assert (False, ["what", "tax"]) == (items["additionalProperties"], items["required"])


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {}, "additionalProperties": {"type": "string"}},
        {"type": "object", "properties": {"a": {"oneOf": [{"type": "string"}]}}},
        {"type": "object", "properties": {"a": {"type": "array", "uniqueItems": True}}},
    ],
)
def test_what_strict_mode_cannot_say_is_left_as_it_is(schema: dict[str, Any]) -> None:
    assert strictly(schema) is None
    assert not is_strict(schema)


def test_a_property_may_have_the_name_of_a_refused_keyword() -> None:
    schema = {"type": "object", "properties": {"not": {"type": "string"}}, "required": ["not"]}
    assert is_strict({**schema, "additionalProperties": False})


def test_nulls_that_were_only_asked_for_are_taken_out_again() -> None:
    said = {"total": 3, "paid": None, "via": "card", "lines": [{"what": "tea", "tax": None}]}
    assert {"total": 3, "via": "card", "lines": [{"what": "tea"}]} == without_nulls(said, BILL)
    nullable = {"properties": {"a": {"type": ["string", "null"]}, "b": {"anyOf": [{"type": "null"}]}}}
    assert {"a": None, "b": None} == without_nulls({"a": None, "b": None}, nullable)


def test_openai_and_azure_get_the_strict_form_and_the_answer_the_users_own(server: FakeServer) -> None:
    answer: dict[str, Any] = {"total": 3, "paid": None, "via": None, "lines": []}
    body = {"choices": [{"finish_reason": "stop", "message": {"content": json.dumps(answer)}}]}
    server.says(body)
    for provider, strict in (("azure", True), ("openai", True), ("together", False)):
        [completion] = server.ask(ASKED, provider=provider)
        sent = server.bodies[-1]["response_format"]["json_schema"]
        assert (strict, strict) == (sent["strict"], sent["schema"] != BILL)
        expected = {"total": 3, "lines": []} if strict else answer
        assert (expected, "schema") == (json.loads(completion.text), completion.asked)


def test_a_strict_schema_that_is_complained_of_goes_in_its_loose_form_before_it_is_given_up(
    server: FakeServer,
) -> None:
    def picky(body: dict[str, Any]) -> tuple[object, int]:
        if body["response_format"]["json_schema"]["strict"]:
            message = "Invalid schema for response_format 'answer': 'format' is not permitted."
            return {"error": {"message": message, "param": "response_format"}}, 400
        return {"choices": [{"finish_reason": "stop", "message": {"content": '{"total": 3, "lines": []}'}}]}, 200

    server.does(picky)
    completions = server.ask(ASKED, ASKED, provider="openai")
    assert ["schema"] * 2 == [completion.asked for completion in completions]
    assert [True, False, False] == [body["response_format"]["json_schema"]["strict"] for body in server.bodies]
    assert BILL == server.bodies[-1]["response_format"]["json_schema"]["schema"]


def test_an_endpoint_that_takes_fewer_logprobs_is_asked_for_fewer(server: FakeServer) -> None:
    def picky(body: dict[str, Any]) -> tuple[object, int]:
        if body.get("top_logprobs", 0) > 5:
            return {"error": {"message": "top_logprobs must be at most 5"}}, 400
        return {"choices": [{"finish_reason": "stop", "message": {"content": '{"answer": "a"}'}}]}, 200

    server.does(picky)
    server.ask(ASKED.model_copy(update={"choices": ("a", "b"), "answer_schema": None}))
    assert [20, 5] == [body["top_logprobs"] for body in server.bodies]
