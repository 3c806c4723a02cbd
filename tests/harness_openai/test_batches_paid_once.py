"""What a batch was paid for is not paid again, however old the cache, late the list or odd the reply."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import harness
from harness import Failed, Message, Query, Request
from harness.calls.upper import upper
from harness.running.runner import Options
from harness.suite.load import load_suite
from harness.testing import Tried, try_strategy
from harness_openai.batching import BatchingEndpoint
from harness_openai.model import OpenAIChat
from tests.asking import AskIt
from tests.processes import reserved
from tests.servers.batches import BATCHED, BatchServer, Body, Replied, judge

SUITE = BATCHED.format(test=12, timed=0)


def tried(server: BatchServer, folder: Path) -> Tried:
    queries = [Query(id=text, text=text) for text in ("lovely view", "broken bed", "cold soup", "great food")]
    model = OpenAIChat(model="m", base_url=server.url, provider="openai", batch=True)
    return try_strategy(AskIt(), folder=folder, queries=queries, models={"endpoint": model}, latency_sample=0)


@pytest.fixture
def server() -> Iterator[BatchServer]:
    with BatchServer() as running:
        yield running


def test_what_a_batch_answered_anew_takes_the_place_of_what_was_too_old(server: BatchServer, suite: Path) -> None:
    suite.write_text(SUITE.replace("URL", server.url))
    results = suite.parent / "r"
    asked = []
    for old in (False, True, False):
        if old:
            with closing(sqlite3.connect(results / ".cache.sqlite")) as cache, cache:
                cache.execute("UPDATE completions SET at = '2020-01-01T00:00:00+00:00'")
        harness.run(load_suite(suite), options=Options(results=results))
        asked.append(len(server.asked))
    assert [12, 24, 24] == asked
    assert 2 == len(server.batches)


def test_a_list_that_is_seconds_behind_sends_no_second_batch(server: BatchServer, tmp_path: Path) -> None:
    server.loses, server.unlisted = 1, 2
    tried(server, tmp_path)
    assert 1 == len(server.batches)


def test_a_reply_that_was_billed_and_holds_no_answer_is_asked_once_more(
    server: BatchServer, tmp_path: Path
) -> None:
    bed = Counter[str]()

    def empty(body: Body) -> Replied:
        if "bed" not in body["messages"][-1]["content"]:
            return judge(body)
        bed["asked"] += 1
        return Replied(200, {"choices": [], "usage": {"prompt_tokens": 30, "completion_tokens": 5}})

    server.answer = empty
    found = tried(server, tmp_path)
    outcome = found.outcomes["broken bed"]
    assert isinstance(outcome, Failed)
    assert ("no-choices", 2) == (outcome.kind, bed["asked"])
    assert 2 == sum(entry.usage.input_tokens == 30 and "failed/" in entry.name for entry in found.paid)


@pytest.mark.parametrize("label", ["positive", "très positif", "とても良い"])
def test_what_is_reserved_for_an_answer_is_no_less_than_what_is_allowed(label: str) -> None:
    params = OpenAIChat(model="m", base_url="http://127.0.0.1:9/v1", provider="openai", batch=True)
    endpoint = BatchingEndpoint(params, params.key)
    request = Request(messages=(Message(role="user", content="?"),), choices=(label, "x"), max_tokens=8)
    allowed = endpoint._body(request)["max_completion_tokens"]
    assert allowed <= upper(endpoint, request).output_tokens


def test_what_a_batch_never_asked_is_reserved_no_more(server: BatchServer, tmp_path: Path) -> None:
    server.expires_after = [1, 0]
    tried(server, tmp_path)
    assert [] == reserved(tmp_path / "budget.jsonl")


def test_an_answer_that_is_no_answer_is_booked_once_though_its_batch_is_read_again(
    server: BatchServer, tmp_path: Path
) -> None:
    def unsure(body: Body) -> Replied:
        status, told = judge(body)
        if "bed" in body["messages"][-1]["content"]:
            told["choices"][0]["finish_reason"] = "content_filter"  # with a text, which is kept by no cache
        return Replied(status, told)

    server.answer = unsure
    tried(server, tmp_path)
    notes = [json.loads(line) for line in (tmp_path / "batches.jsonl").read_text().splitlines()]
    assert 1 == sum("booked" in note for note in notes)
    (tmp_path / "batches.jsonl").write_text("".join(json.dumps(n) + "\n" for n in notes if "ended" not in n))
    for path in tmp_path.glob("trials/*/*/*/outcomes.jsonl"):
        path.unlink()
    again = tried(server, tmp_path)
    # One is live: the first of an endpoint that this process has not spoken with.
    assert 4 == sum(entry.usage.input_tokens > 0 for entry in again.paid)
