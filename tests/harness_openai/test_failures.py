"""What goes wrong at an endpoint, and what core is told; no message holds the key."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from harness import CallFailed, Request
from harness.records import Message

if TYPE_CHECKING:
    from tests.harness_openai.conftest import FakeServer


OPEN = Request(messages=(Message(role="user", content="Tell me a story."),), max_tokens=9, query_id="q1")
CLOSED = OPEN.model_copy(update={"choices": ("positive", "negative")})


def reply(content: object, finish: str = "stop", **message: object) -> dict[str, Any]:
    choice = {"finish_reason": finish, "message": {"content": content, **message}}
    return {"choices": [choice], "usage": {"prompt_tokens": 41, "completion_tokens": 6}}


def error(message: str, **more: object) -> dict[str, Any]:
    return {"error": {"message": message, **more}}


def test_a_schema_that_the_suite_insists_on_is_not_given_up(server: FakeServer) -> None:
    server.says(error("response_format is not supported"), 400)
    failed = server.failure(CLOSED, structured="schema")
    assert failed.fatal
    assert "structured: auto" in str(failed)
    assert len(server.received) == 1


def test_a_field_that_is_refused_under_both_names_ends_in_a_failure(server: FakeServer) -> None:
    def neither(body: dict[str, Any]) -> tuple[object, int]:
        name = "max_tokens" if "max_tokens" in body else "max_completion_tokens"
        return error(f"Unrecognized request argument: {name}", param=name), 400

    server.does(neither)
    assert server.failure(OPEN).kind == "bad-request"
    assert len(server.received) == 3


def test_a_value_out_of_range_is_not_taken_for_a_field_that_is_refused(server: FakeServer) -> None:
    server.says(error("temperature must be at most 2", param="temperature"), 400)
    failed = server.failure(OPEN.model_copy(update={"temperature": 3.0}))
    assert ("bad-request", False, False) == (failed.kind, failed.retry, failed.fatal)
    assert len(server.received) == 1


NEVER, AGAIN, STOP = (False, False), (True, False), (False, True)  # retry, fatal


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind", "then"),
    [
        (429, error("Rate limit reached", code="rate_limit_exceeded"), {}, "rate-limit", AGAIN),
        (429, error("Request too large for m on tokens per min"), {}, "too-long", NEVER),
        (429, error("You exceeded it", type="insufficient_quota"), {"retry-after": "2"}, "quota", STOP),
        (402, error("Insufficient Balance"), {}, "quota", STOP),
        (401, error("Incorrect API key provided"), {}, "auth", STOP),
        (429, error("You have exceeded your quota of tokens a minute: billing_x"), {}, "rate-limit", AGAIN),
        (429, error("Hard limit", code="billing_hard_limit_reached"), {}, "quota", STOP),
        (429, error("Not active", type="billing_not_active", code=None), {}, "quota", STOP),
        (402, {"message": "credits exhausted"}, {}, "quota", STOP),
        (401, error("Gone", code="account_deactivated"), {}, "auth", STOP),
        (403, error("Not you", code="unsupported_country_region_territory"), {}, "permission", STOP),
        (403, error("You may not use this model"), {}, "permission", STOP),
        (403, error("your input was flagged: moderation"), {}, "content-filter", NEVER),
        (403, error("Project does not have access to model", code="model_not_found"), {}, "not-found", STOP),
        (404, error("It is not there", code="DeploymentNotFound"), {}, "not-found", STOP),
        (400, {"object": "error", "message": "Invalid model: m", "type": "invalid_model"}, {}, "not-found", STOP),
        (404, b"<html>nginx</html>", {"content-type": "text/html"}, "wrong-address", STOP),
        (404, {"detail": "Not Found"}, {}, "wrong-address", STOP),
        (404, error("Invalid URL (POST /chat/completions)"), {}, "wrong-address", STOP),
        (405, {"detail": "Method Not Allowed"}, {}, "wrong-address", STOP),
        (404, error("The model `m` does not exist", code="model_not_found"), {}, "not-found", STOP),
        (400, error("You sent too much", code="context_length_exceeded"), {}, "too-long", NEVER),
        (400, error("This model's maximum context length is 8192 tokens"), {}, "too-long", NEVER),
        (413, b"<html>too large</html>", {"content-type": "text/html"}, "too-long", NEVER),
        (400, error("filtered", code="content_filter"), {}, "content-filter", NEVER),
        (400, error("no", innererror={"code": "ResponsibleAIPolicyViolation"}), {}, "content-filter", NEVER),
        (400, error("bad seed"), {}, "bad-request", NEVER),
        (422, {"detail": [{"loc": ["body"], "msg": "bad"}]}, {}, "bad-request", NEVER),
        (408, b"", {}, "timeout", AGAIN),
        (504, b"", {}, "timeout", AGAIN),
        (500, error("oops"), {}, "server", AGAIN),
        (503, b"<html>busy</html>", {"content-type": "text/html"}, "server", AGAIN),
        (307, b"", {"location": "http://203.0.113.9/v1"}, "redirect", STOP),
    ],
)
def test_each_error_says_whether_to_try_again(
    server: FakeServer, status: int, body: object, headers: dict[str, str], kind: str, then: tuple[bool, bool]
) -> None:
    server.says(body, status, headers=headers)
    failed = server.failure(OPEN)
    assert (kind, *then) == (failed.kind, failed.retry, failed.fatal)
    assert f"HTTP {status}" in str(failed)
    assert len(server.received) == 1  # the client's own retries are off


def test_a_redirect_names_the_base_url_that_would_do(server: FakeServer) -> None:
    server.says(b"", 307, headers={"location": "http://203.0.113.9/v1/chat/completions"})
    assert "redirects to 'http://203.0.113.9/v1'. Write that as base_url" in str(server.failure(OPEN))


@pytest.mark.parametrize(
    ("status", "headers", "after"),
    [
        (429, {"retry-after": "2.5"}, 2.5),
        (429, {"retry-after-ms": "300", "retry-after": "1"}, 0.3),
        (503, {"retry-after": "7"}, 7.0),
        (429, {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        (429, {"retry-after": "soon"}, None),
        (429, {"retry-after": "-3"}, None),
        (429, {"retry-after": "nan"}, None),
        (429, {}, None),
    ],
)
def test_how_long_the_endpoint_asks_to_wait_is_told(
    server: FakeServer, status: int, headers: dict[str, str], after: float | None
) -> None:
    server.says(error("slow down"), status, headers=headers)
    assert server.failure(OPEN).after == after


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("not-json", b"<html><body>Welcome to the portal</body></html>"),
        ("not-json", b"{not json, and never was}"),
        ("not-json", b"\xff\xfe\x00"),
        ("not-json", b""),
        ("not-json", b"[" * 100_000),
        ("not-json", [1, 2]),
        ("truncated-reply", b'{"choices": [{"message": {"content": "half an ans'),
        ("truncated-reply", b'{"choices": [{"message": {"content": "na\\u00'),
        ("truncated-reply", b'{"choices": [{"finish_reason": nul'),
        ("truncated-reply", b'{"choices": ['),
        ("truncated-reply", '{"choices": [{"message": {"content": "na\u00efve'.encode()[:-3]),
        ("no-choices", {"choices": None}),
        ("no-choices", {"choices": []}),
        ("no-choices", {"choices": [None]}),
        ("no-choices", {"choices": [{"finish_reason": "stop"}]}),
        ("no-text", reply(None)),
        ("no-text", reply([{"type": "thinking"}])),
        ("server", reply("half", "insufficient_system_resource")),
    ],
)
def test_each_reply_without_an_answer_has_its_own_name_and_may_have_been_billed(
    server: FakeServer, kind: str, body: object
) -> None:
    server.says(body, headers={"content-type": "text/html" if isinstance(body, bytes) else "application/json"})
    failed = server.failure(OPEN)
    assert (kind, True, False, True) == (failed.kind, failed.retry, failed.fatal, failed.billed)


def test_a_tool_call_without_a_tool_is_paid_and_not_asked_again(server: FakeServer) -> None:
    server.says(reply(None, "tool_calls", tool_calls=[]))
    failed = server.failure(OPEN)
    assert ("tool-call", False) == (failed.kind, failed.retry)
    assert failed.usage is not None


def test_an_answer_that_the_filter_took_away_is_paid(server: FakeServer) -> None:
    server.says(reply(None, "content_filter"))
    failed = server.failure(CLOSED)
    assert ("content-filter", False, False) == (failed.kind, failed.retry, failed.fatal)
    assert failed.usage is not None


def test_a_prompt_that_azures_filter_took_away_has_no_choices_and_says_so(server: FakeServer) -> None:
    found = [{"prompt_index": 0, "content_filter_results": {"violence": {"filtered": True, "severity": "high"}}}]
    server.says({"choices": [], "prompt_filter_results": found})
    assert server.failure(CLOSED).kind == "content-filter"


def test_thoughts_that_use_all_tokens_up_are_told_with_what_to_do(server: FakeServer) -> None:
    body = reply("", "length")
    body["usage"] |= {"completion_tokens": 64, "completion_tokens_details": {"reasoning_tokens": 60}}
    server.says(body)
    failed = server.failure(OPEN.model_copy(update={"max_tokens": 64}))
    assert ("empty-at-length", False, False) == (failed.kind, failed.retry, failed.fatal)
    assert "64 tokens were used up before the answer began, 60 of them on reasoning" in str(failed)
    assert "max_output_tokens (64 were allowed)" in str(failed)
    assert failed.usage is not None
    assert failed.usage.output_tokens == 64


def test_a_gateways_error_with_status_200_is_an_error(server: FakeServer) -> None:
    server.says({"error": {"message": "upstream is busy", "code": 429}, "choices": None})
    assert server.failure(OPEN).kind == "rate-limit"


def test_a_reply_that_ends_early_is_cut_off_and_may_have_been_billed(server: FakeServer) -> None:
    server.says(reply("never seen whole"), cut_off=True)
    failed = server.failure(OPEN)
    assert ("cut-off", True, True) == (failed.kind, failed.retry, failed.billed)


def test_nobody_listening_is_a_lost_connection(server: FakeServer) -> None:
    server.says(reply("unused"))
    with server.chat(base_url="http://127.0.0.1:9/v1").open() as opened:
        assert opened.endpoint is not None
        endpoint = opened.endpoint
        with pytest.raises(CallFailed, match=r"127\.0\.0\.1:9 cannot be reached") as caught:
            asyncio.run(endpoint.send(OPEN))
    assert ("connection", True, False) == (caught.value.kind, caught.value.retry, caught.value.billed)


def test_an_attempt_ends_at_its_time_limit(server: FakeServer) -> None:
    server.says(reply("late"), slow_seconds=1.0)
    began = time.perf_counter()
    failed = server.failure(OPEN, timeout_seconds=0.2)
    assert ("timeout", True, True) == (failed.kind, failed.retry, failed.billed)
    assert time.perf_counter() - began < 0.9
    assert "0.2 s" in str(failed)


def test_a_refusal_is_a_failure_that_is_paid(server: FakeServer) -> None:
    server.says(reply(None, refusal="I cannot help with that."))
    failed = server.failure(OPEN)
    assert ("refused", False, False) == (failed.kind, failed.retry, failed.fatal)
    assert "I cannot help" in str(failed)
    assert failed.usage is not None
    assert failed.usage.output_tokens == 6


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 429, 500])
@pytest.mark.parametrize(
    "template",
    [
        '{{"error": {{"message": "who is {0}?", "code": "{0}", "param": "{0}"}}}}',
        "Bearer {0}",
        "x" * 290 + "{0}",  # cut in the middle of it
    ],
)
def test_a_key_that_the_endpoint_sends_back_is_never_shown(
    server: FakeServer, key: str, status: int, template: str
) -> None:
    planted = {"x-request-id": key, "location": f"http://elsewhere/?k={key}", "retry-after": "1"}
    server.says(template.format(key).encode(), status, headers=planted)
    failed = server.failure(OPEN)
    assert key[:8] not in str(failed)
    assert key[:8] not in repr(failed)


def test_a_key_in_the_request_id_is_hidden(server: FakeServer, key: str) -> None:
    server.says(reply("Once"), headers={"x-request-id": f"for {key}"})
    assert server.ask(OPEN)[0].request_id == "for [key]"
