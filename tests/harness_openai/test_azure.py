from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from harness import Request
from harness.privacy.secrets import hide
from harness.records import Message
from harness_openai.model import OpenAIChat

if TYPE_CHECKING:
    from tests.harness_openai.conftest import FakeServer

OPEN = Request(messages=(Message(role="user", content="Tell me a story."),), max_tokens=9)
ONCE = {"choices": [{"finish_reason": "stop", "message": {"content": "Once"}}]}


def test_azure_gets_its_key_in_its_own_header(server: FakeServer, key: str) -> None:
    server.says(ONCE)
    server.ask(OPEN, provider="azure")
    sent = server.received[0]
    assert (key, None) == (sent.headers.get("api-key"), sent.headers.get("authorization"))
    assert "/v1/chat/completions" == sent.path
    assert 9 == sent.body["max_completion_tokens"]


def test_a_token_of_azures_login_goes_as_a_bearer(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "eyJ0eXAi.eyJhdWQi.c2ln")
    server.says(ONCE)
    server.ask(OPEN, provider="azure")
    assert "Bearer eyJ0eXAi.eyJhdWQi.c2ln" == server.received[0].headers["authorization"]
    assert "api-key" not in server.received[0].headers


def test_azures_dated_api_is_asked_below_the_deployment(server: FakeServer) -> None:
    server.says(ONCE)
    root = server.url.removesuffix("/v1")
    for base_url in (root, f"{root}/openai/"):
        server.ask(OPEN, provider="azure", base_url=base_url, api_version="2024-10-21", model="my mini")
    path = "/openai/deployments/my%20mini/chat/completions?api-version=2024-10-21"
    assert [path] * 2 == [received.path for received in server.received]


def test_a_deployment_is_priced_as_the_model_behind_it() -> None:
    model = OpenAIChat(
        model="my-mini", priced_as="gpt-4.1-mini", base_url="https://mine.openai.azure.com/openai/v1/"
    )
    with model.open() as opened:
        assert opened.endpoint is not None
        assert "azure/gpt-4.1-mini" == opened.endpoint.name
        assert ":my-mini:" in opened.endpoint.identity


def test_two_dates_of_an_api_do_not_share_answers() -> None:
    def identity(**params: Any) -> str:
        with OpenAIChat(model="m", base_url="https://mine.openai.azure.com", **params).open() as opened:
            assert opened.endpoint is not None
            return opened.endpoint.identity

    assert identity(api_version="2024-10-21") != identity(api_version="2025-01-01")


@pytest.mark.parametrize("url", ["https://mine.openai.azure.com", "https://mine.openai.azure.com/openai"])
def test_an_azure_address_without_its_api_is_told_with_what_to_write(url: str) -> None:
    with pytest.raises(ValidationError, match=r"https://mine\.openai\.azure\.com/openai/v1/"):
        OpenAIChat(model="m", base_url=url)


def test_another_provider_gets_no_headers_that_are_meant_for_openai(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Gateway-Token: of-mine")
    server.says(ONCE)
    server.ask(OPEN)
    assert "x-gateway-token" not in server.received[0].headers


def test_a_token_that_ran_out_is_replaced_under_way(server: FakeServer, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("token-0123456789-old")

    def picky(received: Any) -> Any:
        from tests.harness_openai.conftest import Response

        if "old" in received.headers["authorization"]:
            token.write_text("token-0123456789-new")
            return Response({"error": {"message": "expired: token-0123456789-old"}}, 401)
        return Response(ONCE)

    server.script.append(picky)
    completions = server.ask(OPEN, OPEN, key_command=["cat", str(token)])
    assert ["Once"] * 2 == [completion.text for completion in completions]
    assert 3 == len(server.received)
    assert "[key]" == hide("token-0123456789-old")


def test_a_key_that_is_refused_and_stays_the_same_is_not_sent_twice(server: FakeServer) -> None:
    server.says({"error": {"message": "no"}}, 401)
    failed = server.failure(OPEN, key_command=["echo", "token-0123456789-same"])
    assert ("auth", True, 1) == (failed.kind, failed.fatal, len(server.received))
    assert "Check the key in what `key_command` prints" in str(failed)


@pytest.mark.parametrize(
    ("params", "wrong"),
    [
        ({"key_env": "A_KEY", "key_command": "echo x"}, "key_command and key_env name several places"),
        ({"key_keyring": "a/b", "key_command": "echo x"}, "key_command and key_keyring name several places"),
        ({"key_keyring": "alone"}, "service/user"),
        ({"key_command": []}, "key_command is empty"),
        ({"key_command": " "}, "key_command is empty"),
    ],
)
def test_a_key_has_one_place(params: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ValidationError, match=wrong):
        OpenAIChat.model_validate({"model": "m", **params})


def test_what_an_endpoint_says_of_itself_is_kept(server: FakeServer) -> None:
    server.says(ONCE | {"model": "m-2026-01-02", "system_fingerprint": "fp_1"})
    server.says(ONCE | {"model": None, "system_fingerprint": 7})
    completions = server.ask(OPEN, OPEN)
    assert [("m-2026-01-02", "fp_1"), (None, None)] == [(c.served, c.fingerprint) for c in completions]


@pytest.mark.parametrize(
    ("output", "cached", "usage"),
    [
        (6, 3, {"prompt_tokens": 9, "completion_tokens": 6, "prompt_tokens_details": {"cached_tokens": 3}}),
        (6, 3, {"prompt_tokens": 9, "completion_tokens": 6, "prompt_cache_hit_tokens": 3}),
        (6, 3, {"prompt_tokens": 9, "completion_tokens": 6, "cached_tokens": 3, "prompt_tokens_details": None}),
        (6, 9, {"prompt_tokens": 9, "completion_tokens": 6, "cached_tokens": 30}),
        # Thoughts that are billed and stand in the total alone.
        (26, 0, {"prompt_tokens": 9, "completion_tokens": 6, "total_tokens": 35}),
        (6, 0, {"prompt_tokens": 9, "completion_tokens": 6, "total_tokens": 2}),
    ],
)
def test_tokens_are_read_as_several_providers_tell_them(
    server: FakeServer, output: int, cached: int, usage: dict[str, Any]
) -> None:
    server.says(json.loads(json.dumps(ONCE | {"usage": usage})))
    [completion] = server.ask(OPEN)
    assert (output, cached) == (completion.usage.output_tokens, completion.usage.cached_tokens)
