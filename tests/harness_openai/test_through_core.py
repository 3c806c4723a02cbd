"""An endpoint behind the harness's own cache, meter and retries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness import Prediction, Query
from harness.testing import try_strategy
from tests.asking import AskIt

if TYPE_CHECKING:
    from tests.harness_openai.conftest import FakeServer

QUERIES = [Query(id=f"q{i}", text=text) for i, text in enumerate(["lovely view", "rude staff", "broken bed"])]


def judge(body: dict[str, Any]) -> tuple[object, int]:
    label = "positive" if "lovely" in body["messages"][-1]["content"] else "negative"
    choice = {"finish_reason": "stop", "message": {"content": f'{{"answer": "{label}"}}'}}
    return {"choices": [choice], "usage": {"prompt_tokens": 30, "completion_tokens": 5}}, 200


def test_a_trial_outlives_a_rate_limit_and_a_resume_sends_nothing(server: FakeServer, tmp_path: Path) -> None:
    server.says({"error": {"message": "slow down"}}, 429, headers={"retry-after": "0.05"})
    server.does(judge)
    models = {"endpoint": server.chat()}
    tried = try_strategy(AskIt(), folder=tmp_path, queries=QUERIES, models=models)
    assert [("positive",), ("negative",), ("negative",)] == [
        outcome.answers for q in QUERIES if isinstance(outcome := tried.outcomes[q.id], Prediction)
    ]
    assert ["schema"] * 3 == [tried.exchanges[q.id][0].asked for q in QUERIES]
    booked = [entry for entry in tried.ledger if entry.query_id in tried.outcomes]
    assert [35] * 3 == [entry.usage.input_tokens + entry.usage.output_tokens for entry in booked]
    sent = len(server.received)
    assert sent == 1 + 1 + 3  # refused, warm-up, queries
    try_strategy(AskIt(), folder=tmp_path, queries=QUERIES, models=models)
    assert len(server.received) == sent


def test_a_wrong_key_stops_the_trial_and_is_written_nowhere(server: FakeServer, tmp_path: Path, key: str) -> None:
    server.says({"error": {"message": f"Incorrect API key provided: {key}"}}, 401)
    with pytest.raises(AssertionError, match=r"Check the key in OPENAI_API_KEY") as caught:
        try_strategy(AskIt(), folder=tmp_path, queries=QUERIES, models={"endpoint": server.chat()})
    assert key not in str(caught.value)
    written = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert any("trial.json" in file.name for file in written)
    assert not [file for file in written if key.encode() in file.read_bytes()]
    assert len(server.received) == 1  # nothing keeps on asking


def test_an_alias_is_told_in_the_trial_with_what_answered_and_again_where_it_is_replayed(
    server: FakeServer, tmp_path: Path
) -> None:
    def dated(body: dict[str, Any]) -> tuple[object, int]:
        said, status = judge(body)
        return {**said, "model": "gpt-4.1-mini-2025-04-14", "system_fingerprint": "fp_1"}, status  # type: ignore[dict-item]

    server.does(dated)
    models = {"endpoint": server.chat(model="gpt-4.1-mini", provider="openai")}
    told = "gpt-4.1-mini is an alias: the provider may change what answers; it said gpt-4.1-mini-2025-04-14"
    for sent in (4, 4):
        tried = try_strategy(AskIt(), folder=tmp_path, queries=QUERIES, models=models)
        assert (told,) == tried.warnings
        assert sent == len(server.received)
        for kept in tmp_path.rglob("outcomes.jsonl"):  # the cache has them still
            kept.unlink()
    exchange = tried.exchanges["q0"][0]
    assert ("gpt-4.1-mini-2025-04-14", "fp_1") == (exchange.served, exchange.fingerprint)


def test_a_word_for_an_ending_that_nobody_knows_is_kept(server: FakeServer, tmp_path: Path) -> None:
    def odd(body: dict[str, Any]) -> tuple[object, int]:
        said, status = judge(body)
        said["choices"][0]["finish_reason"] = "ran_dry"  # type: ignore[index]
        return said, status

    server.does(odd)
    tried = try_strategy(AskIt(), folder=tmp_path, queries=QUERIES, models={"endpoint": server.chat()})
    assert ["ended answers with 'ran_dry', which the harness does not know"] == [
        warning.partition("/m ")[2] for warning in tried.warnings
    ]


def test_what_may_have_been_billed_is_asked_once_more_and_no_more(server: FakeServer, tmp_path: Path) -> None:
    server.says(b"<html>a portal</html>")
    with pytest.raises(AssertionError, match="not-json"):
        try_strategy(AskIt(), folder=tmp_path, queries=QUERIES[:1], models={"endpoint": server.chat()})
    assert 2 * 2 == len(server.received)  # warm-up, query
