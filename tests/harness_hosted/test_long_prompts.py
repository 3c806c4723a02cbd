"""Conversations that do not fit are cut in training as they are cut when the tuned model is asked."""

from __future__ import annotations

import json
from pathlib import Path

from harness import Brief, Example, Message, Query
from harness.testing import try_strategy
from harness_hosted.strategy import HostedFineTune
from harness_openai.model import OpenAIChat
from tests.servers.tuning import TuningServer

LABELS = {f"label number {i} of many": "" for i in range(20)}
HISTORY = tuple(
    Message(role="assistant" if i % 2 else "user", content=f"turn {i} says something of some length")
    for i in range(60)
)


def test_a_conversation_is_learnt_as_it_is_asked(tmp_path: Path) -> None:
    brief = Brief(name="t", instructions="Which?", kind="label", labels=LABELS)
    rows = [
        Example(query=Query(id=str(i), text=f"bye {i}", history=HISTORY), targets=(next(iter(LABELS)),))
        for i in range(12)
    ]
    with TuningServer() as server:
        server.answer = lambda model, messages: next(iter(LABELS))
        model = OpenAIChat(model="gpt-4.1-mini", base_url=server.url, provider="openai", window=800)
        tried = try_strategy(
            HostedFineTune(model="m", poll_seconds=0.01),
            folder=tmp_path,
            brief=brief,
            train=rows,
            validation=[],
            queries=[rows[0].query.model_copy(update={"id": "q"})],
            models={"m": model},
        )
        file = next(iter(server.files.values()))
    learnt = json.loads(file.content.decode("utf-8-sig").splitlines()[0])["messages"][:-1]
    [exchange] = tried.exchanges["q"]
    assert 5 < len(exchange.messages) < len(HISTORY)
    assert [(m.role, m.content) for m in exchange.messages] == [(m["role"], m["content"]) for m in learnt]
