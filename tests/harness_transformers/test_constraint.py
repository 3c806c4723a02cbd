"""Answers under a JSON schema, on the packaged model and on one without a chat template."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from harness import ChatModel, Completion, Message, Request
from harness_transformers.engine.chat import LocalChat, Served
from harness_transformers.loading import Loaded

pytestmark = pytest.mark.models
Ask = Callable[[ChatModel, Sequence[Request]], list[Completion]]
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 12},
        "amount": {"type": ["number", "null"], "minimum": 0, "maximum": 999},
        "reason": {"enum": ["damaged", "late", "größe"]},
    },
    "required": ["name", "amount", "reason"],
    "additionalProperties": False,
}
CALLS = ("Ann Lee says that the lamp, 12.50 euros, is broken.", "Bo waits for a tent since May; it was 89 euros.")


def question(text: str, **more: Any) -> Request:
    said = f"Note the customer's name, the amount and the reason.\n\n{text}"
    messages = (Message(role="user", content=said),)
    return Request(**{"messages": messages, "answer_schema": SCHEMA, "max_tokens": 40} | more)


def valid(completion: Completion) -> bool:
    from jsonschema import Draft202012Validator

    try:
        return bool(Draft202012Validator(SCHEMA).is_valid(json.loads(completion.text)))
    except ValueError:
        return False


def test_answers_satisfy_their_schema_greedy_and_drawn_and_without_it_they_do_not(
    chat: ChatModel, ask: Ask
) -> None:
    drawn = [question(CALLS[0], temperature=1.5, sample=n) for n in range(2)]
    held = ask(chat, [*map(question, CALLS), *drawn])
    free = ask(chat, [question(text, answer_schema=None) for text in CALLS])

    assert [True] * 4 == [valid(each) for each in held]
    assert {("schema", "stop")} == {(each.asked, each.finish) for each in held}
    assert [False, False] == [valid(each) for each in free]
    assert {"text"} == {each.asked for each in free}
    assert list(SCHEMA["properties"]) == list(json.loads(held[0].text))
    assert '", "amount": ' in held[0].text


def test_a_batch_is_answered_as_each_would_be_alone(chat: ChatModel, ask: Ask) -> None:
    other = {"type": "object", "properties": {"late": {"type": "boolean"}}, "additionalProperties": False}
    requests = [*map(question, CALLS), question(CALLS[1], answer_schema={**other, "required": ["late"]})]
    together = [each.text for each in ask(chat, requests)]
    assert together == [ask(chat, [request])[0].text for request in requests]


def test_an_answer_that_is_cut_says_so(chat: ChatModel, ask: Ask) -> None:
    (cut,) = ask(chat, [question(CALLS[0], max_tokens=7)])
    assert ("length", 7, "schema") == (cut.finish, cut.usage.output_tokens, cut.asked)


def test_a_schema_that_cannot_be_held_is_told_once_and_asked_in_text(
    chat: ChatModel, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    odd = {**SCHEMA, "properties": {"name": {"not": {"const": "x"}}}, "required": []}
    with caplog.at_level(logging.WARNING):
        found = ask(chat, [question(text, answer_schema=odd, max_tokens=3) for text in CALLS])
    assert ["text", "text"] == [each.asked for each in found]
    assert 1 == sum("cannot be held to" in record.message for record in caplog.records)
    assert 'Unimplemented keys: ["not"]' in caplog.text


def test_a_schema_nested_too_deep_to_be_held_is_asked_in_text(chat: ChatModel, ask: Ask) -> None:
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(300):
        deep = {"type": "object", "properties": {"a": deep}}
    [found] = ask(chat, [question("Ann", answer_schema=deep, max_tokens=2)])
    assert "text" == found.asked


def test_a_model_without_a_chat_template_is_held_too(bare: Loaded, ask: Ask) -> None:
    import copy

    tokenizer = copy.deepcopy(bare.tokenizer)
    tokenizer.chat_template = None
    plain = LocalChat(bare.module, tokenizer, Served("plain", "plain", 2048, 1024))
    assert all(map(valid, ask(plain, list(map(question, CALLS)))))
