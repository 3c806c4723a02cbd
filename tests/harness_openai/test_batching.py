"""Batches through the harness's own cache, meter and books; the server's log says what was asked how often."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness import Failed, Prediction, Query
from harness.calls.batch_sending import parts
from harness.errors import ModelError
from harness.models import Request
from harness.records import Message
from harness.testing import try_strategy
from harness.testing.trying import Tried
from harness_openai.model import OpenAIChat
from tests.asking import AskIt
from tests.servers.batches import BatchServer, Body, Replied, judge

TEXTS = ["lovely view", "rude staff", "broken bed", "great food", "cold soup", "lovely pool", "loud street"]
QUERIES = [Query(id=f"q{i}", text=text) for i, text in enumerate(TEXTS)]
LABELS = [("positive",) if "lovely" in text or "great" in text else ("negative",) for text in TEXTS]


@pytest.fixture
def server() -> Iterator[BatchServer]:
    with BatchServer() as running:
        yield running


def endpoint(server: BatchServer, **params: Any) -> OpenAIChat:
    given = {"model": "m", "base_url": server.url, "provider": "openai", "batch": True, **params}
    return OpenAIChat.model_validate(given)


def tried(server: BatchServer, folder: Path, **more: Any) -> Tried:
    return try_strategy(AskIt(), folder=folder, queries=QUERIES, models={"endpoint": endpoint(server)}, **more)


def answers(of: Tried) -> list[tuple[str, ...] | str]:
    found = [of.outcomes[query.id] for query in QUERIES]
    return [each.answers if isinstance(each, Prediction) else each.kind for each in found]


def test_what_is_not_timed_goes_as_one_batch_and_is_joined_whatever_its_order(
    server: BatchServer, tmp_path: Path
) -> None:
    found = tried(server, tmp_path)
    assert LABELS == answers(found)
    assert (2, 6) == (server.count("live"), server.count("batch"))  # warm-up and sample; the rest
    assert 1 == len(server.batches)
    batched = [entry for entry in found.ledger if entry.usage.batched]
    assert 6 == len(batched)
    assert {0.0} == {entry.seconds for entry in batched}
    assert all(entry.seconds > 0 for entry in found.ledger if entry.phase == "sample" and entry.query_id)


def test_equal_prompts_are_sent_once(server: BatchServer, tmp_path: Path) -> None:
    twins = [Query(id=f"t{i}", text=TEXTS[i % 3]) for i in range(9)]
    models = {"endpoint": endpoint(server)}
    try_strategy(AskIt(), folder=tmp_path, queries=twins, models=models, latency_sample=0)
    assert [] == server.twice()
    assert 3 == len(server.asked)


def test_a_second_run_sends_nothing(server: BatchServer, tmp_path: Path) -> None:
    tried(server, tmp_path)
    sent = len(server.seen)
    assert LABELS == answers(tried(server, tmp_path))
    assert sent == len(server.seen)


def test_the_same_answers_are_in_the_cache_without_batches(server: BatchServer, tmp_path: Path) -> None:
    tried(server, tmp_path, latency_sample=0)
    asked = len(server.asked)
    for path in tmp_path.glob("trials/*/*/*/outcomes.jsonl"):
        path.unlink()
    models = {"endpoint": endpoint(server, batch=False)}
    try_strategy(AskIt(), folder=tmp_path, queries=QUERIES, models=models, latency_sample=0)
    assert asked == len(server.asked)


def test_latency_is_never_that_of_a_batch(server: BatchServer, tmp_path: Path) -> None:
    tried(server, tmp_path, latency_sample=0)
    for path in tmp_path.glob("trials/*/*/*/outcomes.jsonl"):
        path.unlink()
    before = server.count("live")
    found = tried(server, tmp_path, latency_sample=7)
    timed = [entry for entry in found.ledger if entry.phase == "sample" and entry.query_id and entry.seconds]
    assert 7 == len(timed)  # asked again, live: a batch has no seconds
    assert before + 7 >= server.count("live") >= before + 6
    for path in tmp_path.glob("trials/*/*/*/outcomes.jsonl"):
        path.unlink()
    asked = len(server.asked)
    tried(server, tmp_path, latency_sample=7)
    assert asked == len(server.asked)  # what was timed is what is kept from then on


@pytest.mark.parametrize("ends", ["expired", "cancelled"])
def test_what_a_batch_answered_before_it_ended_is_kept(server: BatchServer, tmp_path: Path, ends: str) -> None:
    server.expires_after, server.ends = [4], ends
    assert LABELS == answers(tried(server, tmp_path, latency_sample=0))
    assert [] == server.twice()
    assert 2 == len(server.batches)
    assert {"completed", ends} == {each["status"] for each in server.batches.values()}


def test_what_batches_never_answer_is_asked_live(server: BatchServer, tmp_path: Path) -> None:
    server.expires_after = [2, 0, 0, 0]
    assert LABELS == answers(tried(server, tmp_path, latency_sample=0))
    assert [] == server.twice()
    assert 2 == len(server.batches)  # one that brings nothing is the last


def test_a_batch_that_fails_as_a_whole_is_asked_live_and_costs_nothing(
    server: BatchServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.fails = ["token_limit_exceeded"]
    assert LABELS == answers(tried(server, tmp_path))
    assert "token_limit_exceeded not today" in caplog.text
    assert 0 == server.count("batch")


@pytest.mark.parametrize("unlisted", [0, 1])
def test_a_batch_whose_answer_was_lost_is_found_and_not_sent_again(
    server: BatchServer, tmp_path: Path, unlisted: int
) -> None:
    server.loses, server.unlisted = 1, unlisted
    assert LABELS == answers(tried(server, tmp_path))
    assert 1 == len(server.batches)
    assert 1 == server.seen.count("POST /v1/batches")


def test_a_state_that_nobody_knows_is_waited_through(server: BatchServer, tmp_path: Path) -> None:
    server.looks, server.states = 2, ["pondering"]
    assert LABELS == answers(tried(server, tmp_path))


def test_a_torn_file_of_answers_is_read_again(server: BatchServer, tmp_path: Path) -> None:
    server.torn = 1
    assert LABELS == answers(tried(server, tmp_path))
    assert [] == server.twice()


def test_failures_of_single_requests_are_outcomes_as_they_are_live(server: BatchServer, tmp_path: Path) -> None:
    def picky(body: Body) -> Replied:
        text = body["messages"][-1]["content"]
        if "soup" in text:
            return Replied(
                400, {"error": {"message": "context_length_exceeded", "code": "context_length_exceeded"}}
            )
        if "bed" in text:
            return Replied(400, {"error": {"message": "flagged", "code": "content_filter"}})
        return judge(body)

    server.answer = picky
    expected = [*LABELS[:2], "content-filter", LABELS[3], "too-long", *LABELS[5:]]
    assert expected == answers(tried(server, tmp_path))
    assert 1 == len(server.batches)


def test_a_request_that_met_a_server_error_is_asked_again_in_the_next_batch(
    server: BatchServer, tmp_path: Path
) -> None:
    failing = {"cold soup", "broken bed"}

    def flaky(body: Body) -> Replied:
        text = body["messages"][-1]["content"]
        hit = next((each for each in failing if each in text), None)
        if hit is not None:
            failing.remove(hit)
            return Replied(500, {"error": {"message": "oops"}})
        return judge(body)

    server.answer = flaky
    assert LABELS == answers(tried(server, tmp_path))
    assert 2 == len(server.batches)
    assert [] == server.twice()[1:]  # the warm-up may be one of them


def test_a_field_that_is_refused_is_learnt_from_one_live_request(server: BatchServer, tmp_path: Path) -> None:
    def strict(body: Body) -> Replied:
        if "temperature" in body:
            said = "Unsupported value: 'temperature' does not support 0 with this model."
            return Replied(400, {"error": {"message": said, "param": "temperature"}})
        return judge(body)

    server.answer = strict
    assert LABELS == answers(tried(server, tmp_path, latency_sample=0))
    assert 1 == len(server.batches)


def test_a_batch_full_of_refused_fields_is_sent_once_more_without_them(
    server: BatchServer, tmp_path: Path
) -> None:
    def strict(body: Body) -> Replied:
        if server.batches and "temperature" in body:  # the live ones did not show it
            said = "Unsupported value: 'temperature' does not support 0 with this model."
            return Replied(400, {"error": {"message": said, "param": "temperature"}})
        return judge(body)

    server.answer = strict
    assert LABELS == answers(tried(server, tmp_path))
    assert 2 == len(server.batches)
    assert 6 == server.count("batch")


def test_the_whole_batch_must_fit_the_cap_before_any_of_it_is_sent(server: BatchServer, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="price of 'openai/m' is not known"):
        tried(server, tmp_path, latency_sample=0, cost_limit=1.0)
    assert {} == server.batches
    assert [] == server.asked


def test_another_providers_batches_are_refused_with_what_to_do(
    server: BatchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    given = OpenAIChat(model="m", batch=True)
    with pytest.raises(ModelError, match=r"set `batch: false`, or `provider: openai`"), given.open():
        pass


def test_on_azure_files_are_waited_for_and_batches_have_a_deployment_of_their_own(
    server: BatchServer, tmp_path: Path
) -> None:
    server.reads = 2
    models = {"endpoint": endpoint(server, provider="azure", batch_model="m-global-batch")}
    found = try_strategy(AskIt(), folder=tmp_path, queries=QUERIES, models=models)
    assert LABELS == answers(found)
    [batch] = server.batches.values()
    assert "/chat/completions" == batch["endpoint"]
    assert {"m-global-batch"} == {line["body"]["model"] for line in batch["lines"]}


def test_requests_beyond_a_providers_limits_go_as_several_batches() -> None:
    message = Message(role="user", content="x" * 100)
    requests = {f"r{i}": Request(messages=(message,)) for i in range(5)}
    assert [2, 2, 1] == [len(part) for part in parts(requests, most=2)]
    size = len(requests["r0"].model_dump_json()) + 500
    assert [3, 2] == [len(part) for part in parts(requests, size=3 * size)]
    assert [1] * 5 == [len(part) for part in parts(requests, size=1)]


def test_no_key_is_in_what_is_written(server: BatchServer, tmp_path: Path, key: str) -> None:
    tried(server, tmp_path)
    notes = [json.loads(line) for line in (tmp_path / "batches.jsonl").read_text().splitlines()]
    assert ["reserved", "batch", "ended"] == [next(k for k in n if k not in ("key", "endpoint")) for n in notes]
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and key.encode() in file.read_bytes()]


def test_failed_is_what_a_refused_line_gives(server: BatchServer, tmp_path: Path) -> None:
    server.answer = lambda body: (
        Replied(422, {"error": {"message": "bad"}}) if "bed" in str(body["messages"]) else judge(body)
    )
    outcome = tried(server, tmp_path).outcomes["q2"]
    assert isinstance(outcome, Failed)
    assert ("bad-request", "HTTP 422: bad") == (outcome.kind, outcome.error)
