"""How requests are sent: both ways say the same, and each goes where it must."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from harness import CallFailed, Message, Request
from harness.privacy.secrets import Secret
from harness_openai.client import client
from harness_openai.model import OpenAIChat
from harness_openai.posting import ByClient, Came, Posting, Straight, posting

if TYPE_CHECKING:
    from tests.harness_openai.conftest import FakeServer

REPLY = {"choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
BODY = {"model": "m", "messages": [{"role": "user", "content": "Wéll? \U0001f600"}], "top_p": 0.5}
KEY = "sk-1234567890ab"
# Of the client's own retries and time-outs, of what is unpacked, and of how JSON is written.
APART = {"x-stainless-retry-count", "x-stainless-read-timeout", "x-stainless-raw-response", "accept-encoding"}
APART |= {"connection", "content-length"}


def posted(params: OpenAIChat, way: type[Straight] | type[ByClient]) -> Came | CallFailed:
    async def post() -> Came | CallFailed:
        made = client(params, Secret(KEY))
        chosen = way(made, params, Secret(KEY))
        try:
            return await chosen.post(BODY)
        finally:
            await chosen.close()
            await made.close()

    return asyncio.run(post())


def way_of(params: OpenAIChat) -> type[Posting]:
    async def choose() -> type[Posting]:
        made = client(params, Secret(KEY))
        chosen = posting(made, params, Secret(KEY))
        await chosen.close()
        await made.close()
        return type(chosen)

    return asyncio.run(choose())


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"provider": "openai"},
        {"provider": "azure", "api_version": "2024-10-21"},
        {"organization": "org-1", "project": "p-1"},
    ],
)
def test_both_ways_send_the_same(server: FakeServer, more: dict[str, str]) -> None:
    server.says(REPLY)
    came = [posted(server.chat(**more), way) for way in (ByClient, Straight)]
    assert all(isinstance(each, Came) and each.status == 200 for each in came)
    by_client, straight = server.received
    assert by_client.path == straight.path
    assert by_client.body == straight.body == BODY
    wanted = {name: value for name, value in by_client.headers.items() if name not in APART}
    assert wanted == {name: value for name, value in straight.headers.items() if name not in APART}


def test_a_long_prompt_goes_whole(server: FakeServer) -> None:
    server.says(REPLY)
    long = "word " * 300_000
    server.ask(Request(messages=(Message(role="user", content=long),), max_tokens=16))
    assert long == server.bodies[0]["messages"][0]["content"]


def test_a_proxy_of_the_environment_carries_the_request(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.says(REPLY)
    monkeypatch.setenv("HTTP_PROXY", server.url.removesuffix("/v1"))
    params = server.chat(base_url="http://models.invalid/v1")
    assert ByClient is way_of(params)
    assert isinstance(posted(params, ByClient), Came)
    assert server.received[0].path == "http://models.invalid/v1/chat/completions"


def test_no_proxy_stands_between_this_machine_and_itself(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert Straight is way_of(server.chat())


@pytest.mark.parametrize("way", [ByClient, Straight])
def test_a_connection_that_ends_without_a_word_may_have_been_billed(way: type[Straight] | type[ByClient]) -> None:
    async def asked() -> Came | CallFailed:
        async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"}]")  # the request's body
            writer.close()
            await writer.wait_closed()

        listening = await asyncio.start_server(close, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        params = OpenAIChat.model_validate({"model": "m", "base_url": f"http://127.0.0.1:{port}/v1"})
        made = client(params, Secret(""))
        chosen = way(made, params, Secret(""))
        async with listening:
            found = await chosen.post(BODY)
            await chosen.close()
            await made.close()
        return found

    failed = asyncio.run(asked())
    assert isinstance(failed, CallFailed)
    assert ("cut-off", True, True) == (failed.kind, failed.retry, failed.billed)
