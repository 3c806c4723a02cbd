from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from openai import BadRequestError, NotFoundError, OpenAI

from harness.api import Run
from harness.errors import SuiteError
from harness.records import Prediction, Query, TrialKey
from harness.serving.app import Service, app
from harness.serving.limits import Limits
from harness.serving.refusing import Refused
from harness.serving.server import Place, check_place
from harness.serving.worker import Worker


class TellsNothing:
    """Stands where a fitted strategy does and is never asked."""

    def answer(self, queries: Sequence[Query]) -> Iterator[Prediction]:
        yield from ()


def _format(schema: dict[str, object]) -> dict[str, object]:
    """What OpenAI's clients send for a schema."""
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": schema}}}


def test_it_is_healthy_and_says_what_it_serves(server: str) -> None:
    reply = httpx.get(f"{server}/health")
    assert 200 == reply.status_code
    told = reply.json()
    assert ("ok", "asks", "reviews", 0) == (told["status"], told["strategy"], told["task"], told["waiting"])


def test_a_text_and_a_list_of_texts_are_answered(server: str) -> None:
    one = httpx.post(
        f"{server}/predict", json={"text": "the room was great", "metadata": {"place": "there"}}
    ).json()
    assert ("positive", ["positive"], None) == (one["answer"], one["answers"], one["failure"])
    assert one["probability"] == one["probabilities"]["positive"] > 0.9
    many = httpx.post(f"{server}/predict", json=[{"text": "a rude room"}, {"text": "a great room"}]).json()
    assert ["negative", "positive"] == [each["answer"] for each in many]


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, {}, "text 1: text: Field required"),
        (400, [], "the list is empty"),
        (400, {"text": "  "}, "text 1: it is blank"),
        (400, {"text": "a", "target": "b"}, "Extra inputs are not permitted"),
        (400, {"text": "a", "metadata": {"customer": "b"}}, "no metadata 'customer'; the task has: place"),
        (400, {"text": "a", "history": [{"role": "tool", "content": "b"}]}, "history.0.role"),
        (413, [{"text": "a"}] * 4, "4 texts in one call: at most 3"),
        (413, {"text": "a" * 201}, "text 1 has 201 characters: at most 200"),
        (413, {"text": "a" * (1 << 20)}, "larger than 1,048,576 bytes"),
    ],
)
def test_what_is_wrong_or_too_much_is_refused(server: str, status: int, body: object, said: str) -> None:
    reply = httpx.post(f"{server}/predict", json=body)
    assert status == reply.status_code
    assert said in reply.json()["error"]["message"]


def test_a_page_of_another_site_gets_no_answer(server: str) -> None:
    plain = httpx.post(f"{server}/predict", content='{"text": "a"}', headers={"Content-Type": "text/plain"})
    assert 415 == plain.status_code
    rebound = httpx.get(f"{server}/health", headers={"Host": "evil.example"})
    assert 403 == rebound.status_code
    assert (
        400
        == httpx.post(f"{server}/predict", content="{", headers={"Content-Type": "application/json"}).status_code
    )


def test_openais_client_talks_to_the_model_behind_it(server: str) -> None:
    client = OpenAI(base_url=f"{server}/v1", api_key="none", max_retries=0)
    assert ["asks"] == [model.id for model in client.models.list()]
    said = client.chat.completions.create(model="asks", messages=[{"role": "user", "content": "Bonjour"}])
    assert "Salut" == said.choices[0].message.content  # the caller's own words, without the task's prompt
    assert said.usage is not None
    assert (2, 1, 3) == (said.usage.prompt_tokens, said.usage.completion_tokens, said.usage.total_tokens)
    with pytest.raises(NotFoundError, match="no model 'gpt'; there is: asks"):
        client.chat.completions.create(model="gpt", messages=[{"role": "user", "content": "a"}])
    with pytest.raises(BadRequestError, match="stream: True is not served here"):
        client.chat.completions.create(model="asks", messages=[{"role": "user", "content": "a"}], stream=True)
    with pytest.raises(BadRequestError, match="it must be the user's"):
        client.chat.completions.create(model="asks", messages=[{"role": "assistant", "content": "a"}])


def test_with_a_key_in_the_environment_callers_must_bring_it(
    serve: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_SERVE_KEY", "s3cret")
    with serve("majority") as url:  # type: ignore[operator]
        assert 401 == httpx.post(f"{url}/predict", json={"text": "a"}).status_code
        headers = {"Authorization": "Bearer s3cret"}
        assert 200 == httpx.post(f"{url}/predict", json={"text": "a"}, headers=headers).status_code
        body = {"model": "majority", "messages": [{"role": "user", "content": "a"}]}
        reply = httpx.post(f"{url}/v1/chat/completions", json=body, headers=headers)
        assert 404 == reply.status_code
        assert "asks no local chat model" in reply.json()["error"]["message"]


def test_a_private_run_is_served_to_this_machine_alone(folder: Path) -> None:
    loaded = Run(folder).loaded
    assert check_place(loaded, Place("127.0.0.1")) is None
    with pytest.raises(SuiteError, match="privacy: local"):
        check_place(loaded, Place("0.0.0.0"))


def test_too_many_callers_are_told_to_come_back_and_slow_calls_end() -> None:
    go, began = threading.Event(), threading.Event()

    def slow() -> str:
        began.set()
        go.wait(20)
        return "done"

    async def scene() -> list[object]:
        worker = Worker(Limits(queue=1, timeout_seconds=20))
        first = asyncio.create_task(worker.do(slow))
        second = asyncio.create_task(worker.do(lambda: "next"))
        await asyncio.sleep(0)
        await asyncio.to_thread(began.wait, 20)
        with pytest.raises(Refused) as third:
            await worker.do(lambda: "too many")
        go.set()
        answers = [third.value.status, await first, await second]
        worker.close()
        return answers

    assert [429, "done", "next"] == asyncio.run(scene())

    async def late() -> int:
        worker = Worker(Limits(timeout_seconds=0.05))
        go.clear()
        with pytest.raises(Refused) as refused:
            await worker.do(slow)
        go.set()
        worker.close()
        return refused.value.status

    assert 503 == asyncio.run(late())


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, r'{"text": "a \ud800 b"}', "half of a surrogate pair"),
        (400, "null", "text 1: it is no object such as"),
        (400, '{"text": "a", "%s": 1}' % ("x" * 9999), "text 1: " + "x" * 80 + ": Extra"),
    ],
)
def test_what_no_model_could_take_is_refused(server: str, status: int, body: str, said: str) -> None:
    reply = httpx.post(f"{server}/predict", content=body, headers={"Content-Type": "application/json"})
    assert status == reply.status_code
    assert said in reply.json()["error"]["message"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"seed": 1 << 63}, "seed: "),
        ({"max_tokens": 1 << 31}, "max_tokens: "),
        (_format({"properties": 5}), "response_format: no valid JSON schema"),
        # The scripted model says a word and no object, and cannot be held to one.
        (_format({"properties": {"a": {"type": "string"}}}), "response_format: the model cannot be held"),
    ],
)
def test_a_chat_that_cannot_be_answered_as_asked_is_refused(
    server: str, more: dict[str, object], said: str
) -> None:
    messages = [{"role": "user", "content": "a"}]
    reply = httpx.post(f"{server}/v1/chat/completions", json={"model": "asks", "messages": messages, **more})
    assert 400 == reply.status_code
    assert reply.json()["error"]["message"].startswith(said)


async def _status_of_half_a_body(ends: str) -> int:
    """What a caller gets who sends half of a body and then goes away, or says nothing more."""
    limits = Limits(body_seconds=0.05)
    service = Service(TellsNothing(), TrialKey(task="t", strategy="s", seed=0), "run", limits=limits)
    sent = iter([{"type": "http.request", "body": b"{", "more_body": True}])
    statuses = []

    async def receive() -> MutableMapping[str, Any]:
        message = next(sent, None)
        if message is not None:
            return message
        await asyncio.sleep(0 if ends == "leaves" else 5)
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        statuses.append(message.get("status"))

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/predict", "headers": headers, "query_string": b""}
    await app(service, Worker(limits))(scope, receive, send)
    return int(statuses[0] or 0)


@pytest.mark.parametrize(("status", "ends"), [(400, "leaves"), (408, "waits")])
def test_a_body_that_does_not_come_is_no_fault_of_the_strategys(status: int, ends: str) -> None:
    assert status == asyncio.run(_status_of_half_a_body(ends))
