"""The real client against a real server on this machine."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from harness import Request
from harness.records import Message, Usage

if TYPE_CHECKING:
    from tests.harness_openai.conftest import FakeServer


OPEN = Request(messages=(Message(role="user", content="Tell me a story."),), max_tokens=9, query_id="q1")
CLOSED = OPEN.model_copy(update={"choices": ("positive", "negative")})


def reply(content: object, finish: object = "stop", **message: object) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "m",
        "choices": [{"index": 0, "finish_reason": finish, "message": {"content": content, **message}}],
        "usage": {"prompt_tokens": 41, "completion_tokens": 6, "prompt_tokens_details": {"cached_tokens": 32}},
    }


def error(message: str, **more: object) -> dict[str, Any]:
    return {"error": {"message": message, **more}}


def test_an_open_question_is_sent_and_its_usage_kept(server: FakeServer, key: str) -> None:
    server.says(reply("Once upon a time."), headers={"x-request-id": "req_7"})
    [completion] = server.ask(OPEN, extra={"seed": 3})
    assert completion.text == "Once upon a time."
    assert completion.asked == "text"
    assert completion.finish == "stop"
    name = server.url.removeprefix("http://").removesuffix("/v1") + "/m"
    assert Usage(model=name, input_tokens=41, cached_tokens=32, output_tokens=6) == completion.usage
    assert completion.request_id == "req_7"
    assert 0 < completion.seconds < 5
    assert {
        "model": "m",
        "messages": [{"role": "user", "content": "Tell me a story."}],
        "max_tokens": 9,
        "temperature": 0.0,
        "seed": 3,
    } == server.bodies[0]
    assert server.received[0].path == "/v1/chat/completions"
    assert server.received[0].headers["authorization"] == f"Bearer {key}"


def test_seconds_are_those_of_the_attempt_that_answered(server: FakeServer) -> None:
    server.says(error("Unknown field: response_format"), 400, slow_seconds=0.5)
    server.says(reply("positive"))
    [completion] = server.ask(CLOSED)
    assert completion.seconds < 0.45


def test_a_closed_question_is_held_to_its_choices_by_a_schema(server: FakeServer) -> None:
    server.says(reply('{"answer": "negative"}'))
    [completion] = server.ask(CLOSED, structured="schema")
    assert ("negative", "schema") == (completion.text, completion.asked)
    sent = server.bodies[0]["response_format"]["json_schema"]
    assert sent["strict"] is True
    assert sent["schema"]["properties"]["answer"]["enum"] == ["positive", "negative"]
    assert server.bodies[0]["max_tokens"] > 9  # the JSON round the label must fit


def test_an_endpoint_that_ignores_the_schema_is_read_as_text(server: FakeServer) -> None:
    server.says(reply("Positive, I think."))
    [completion] = server.ask(CLOSED)
    assert ("Positive, I think.", "text") == (completion.text, completion.asked)


def test_json_in_a_fence_is_read(server: FakeServer) -> None:
    server.says(reply('```json\n{"answer": "positive"}\n```'))
    assert server.ask(CLOSED)[0].text == "positive"


def test_an_answer_schema_goes_along_and_is_strict_only_where_that_may_be(server: FakeServer) -> None:
    loose = {"type": "object", "properties": {"total": {"type": "number"}}}
    closed = {**loose, "required": ["total"], "additionalProperties": False}
    server.says(reply('{"total": 3}'))
    asked = [OPEN.model_copy(update={"answer_schema": schema}) for schema in (loose, closed)]
    completions = server.ask(*asked)
    assert [('{"total": 3}', "schema")] * 2 == [(c.text, c.asked) for c in completions]
    sent = [body["response_format"]["json_schema"] for body in server.bodies]
    assert [False, True] == [each["strict"] for each in sent]
    assert sent[0]["schema"] == loose


@pytest.mark.parametrize(
    "said",
    [
        error("'response_format' of type 'json_schema' is not supported with this model", param="response_format"),
        {"detail": "structured outputs are unavailable"},
        b"json_schema: extra inputs are not permitted",
    ],
)
def test_an_endpoint_that_refuses_schemas_is_asked_in_text_from_then_on(server: FakeServer, said: object) -> None:
    server.says(said, 400)
    server.says(reply("negative"))
    completions = server.ask(CLOSED, CLOSED)
    assert [("negative", "text")] * 2 == [(c.text, c.asked) for c in completions]
    assert [True, False, False] == ["response_format" in body for body in server.bodies]


def test_text_alone_sends_no_schema(server: FakeServer) -> None:
    server.says(reply('{"answer": "negative"}'))
    [completion] = server.ask(CLOSED, structured="text", logprobs="off")
    assert completion.asked == "text"
    assert {"model", "messages", "max_tokens", "temperature"} == set(server.bodies[0])


def _picky(body: dict[str, Any]) -> tuple[object, int]:
    """A reasoning model's endpoint: complains of one field at a time, as OpenAI does."""
    for field in ("max_tokens", "temperature", "logprobs"):
        if field in body:
            message = f"Unsupported parameter: '{field}' is not supported with this model."
            return error(message, param=field, code="unsupported_parameter"), 400
    return reply('{"answer": "negative"}'), 200


def test_fields_that_a_reasoning_model_refuses_are_learnt_once(
    server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.does(_picky)
    with caplog.at_level(logging.WARNING, logger="harness_openai"):
        completions = server.ask(CLOSED, CLOSED)
    assert ["negative"] * 2 == [c.text for c in completions]
    assert len(server.received) == 3 + 2
    assert {"model", "messages", "max_completion_tokens", "response_format"} == set(server.bodies[-1])
    logged = [record.getMessage() for record in caplog.records]
    assert ["max_tokens", "temperature", "logprobs"] == [
        message.split(" refuses ")[1].split()[0] for message in logged
    ]


@pytest.mark.parametrize(
    ("told", "finish"),
    [
        ("stop", "stop"),
        ("eos", "stop"),
        ("length", "length"),
        ("model_length", "length"),
        ("content_filter", "filter"),
        ("a_word_of_tomorrow", "unknown"),
        ("tool_calls", "unknown"),
        (None, "unknown"),
    ],
)
def test_why_an_answer_ended_is_kept(server: FakeServer, told: object, finish: str) -> None:
    server.says(reply("Once", told))
    assert server.ask(OPEN)[0].finish == finish


def test_an_empty_answer_that_ended_by_itself_is_an_answer(server: FakeServer) -> None:
    server.says(reply("", "stop"))
    [completion] = server.ask(CLOSED)
    assert ("", 6) == (completion.text, completion.usage.output_tokens)


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": "many", "completion_tokens": -1}, [3]])
def test_tokens_that_are_not_told_are_estimated_and_never_free(server: FakeServer, usage: object) -> None:
    server.says(reply("Once upon a time.") | {"usage": usage})
    [completion] = server.ask(OPEN)
    assert completion.usage.input_tokens >= 5
    assert completion.usage.output_tokens >= 5


def test_half_an_emoji_can_be_written_to_disk(server: FakeServer) -> None:
    server.says(json.dumps(reply("nice \ud83d")).encode())
    [completion] = server.ask(OPEN)
    assert completion.text == "nice \ufffd"
    assert b"nice" in completion.model_dump_json().encode()


def test_probabilities_come_from_the_alternatives_of_the_deciding_token(server: FakeServer) -> None:
    body = reply('{"answer":"positive"}')
    alternatives = [{"token": "positive", "logprob": -0.2231}, {"token": "neg", "logprob": -1.8971}]
    body["choices"][0]["logprobs"] = {
        "content": [
            {"token": '{"', "top_logprobs": []},
            {"token": "answer", "top_logprobs": []},
            {"token": '":"', "top_logprobs": []},
            {"token": "positive", "top_logprobs": alternatives},
            {"token": '"}', "top_logprobs": []},
        ]
    }
    server.says(body)
    [completion] = server.ask(CLOSED)
    assert completion.probabilities == pytest.approx({"positive": 0.842, "negative": 0.158}, abs=1e-3)
    assert (True, 20) == (server.bodies[0]["logprobs"], server.bodies[0]["top_logprobs"])


def test_a_server_on_this_machine_needs_no_key(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    server.says(reply("Once"))
    assert server.ask(OPEN)[0].text == "Once"


def test_openais_organization_goes_only_to_openai(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-mine")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-of-mine")
    server.says(reply("Once"))
    server.ask(OPEN)
    server.ask(OPEN, organization="org-named")
    assert "openai-organization" not in server.received[0].headers
    assert "openai-project" not in server.received[0].headers
    assert server.received[1].headers["openai-organization"] == "org-named"


def test_no_proxy_stands_between_this_machine_and_itself(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    server.says(reply("Once"))
    assert server.ask(OPEN)[0].text == "Once"


@pytest.fixture
def background() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_many_calls_share_a_loop_in_the_background_and_leaving_closes_the_client(
    server: FakeServer, background: asyncio.AbstractEventLoop
) -> None:
    server.does(lambda body: (reply(body["messages"][0]["content"].upper()), 200))
    asked = [OPEN.model_copy(update={"messages": (Message(role="user", content=f"a{i}"),)}) for i in range(12)]
    with server.chat().open() as opened:
        assert opened.endpoint is not None
        endpoint = opened.endpoint
        calls = [asyncio.run_coroutine_threadsafe(endpoint.send(request), background) for request in asked]
        assert [f"A{i}" for i in range(12)] == [call.result().text for call in calls]
        assert server.connections
    deadline = time.monotonic() + 2
    while server.connections and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not server.connections


def many(count: int, letters: int = 12) -> Request:
    return OPEN.model_copy(update={"choices": tuple(f"{i:0{letters}d}" for i in range(count))})


def test_sixty_labels_that_begin_each_other_go_as_an_enum(server: FakeServer) -> None:
    labels = [f"card payment {what}{where}" for what in range(20) for where in ("", " abroad", " abroad in cash")]
    server.says(reply(json.dumps({"answer": labels[0]})))
    [completion] = server.ask(OPEN.model_copy(update={"choices": tuple(labels)}))
    assert (labels[0], "schema") == (completion.text, completion.asked)
    assert labels == server.bodies[0]["response_format"]["json_schema"]["schema"]["properties"]["answer"]["enum"]


@pytest.mark.parametrize(("asked", "enum"), [
    (many(1000), True), (many(1001), False), (many(250, 100), True), (many(251, 100), False)
])  # fmt: skip
def test_an_enum_that_strict_mode_would_refuse_is_asked_for_in_text(
    asked: Request, enum: bool, server: FakeServer
) -> None:
    server.says(reply("000000000001"))
    [completion] = server.ask(asked)
    assert enum is ("response_format" in server.bodies[0])
    assert ("000000000001", "text") == (completion.text, completion.asked)
