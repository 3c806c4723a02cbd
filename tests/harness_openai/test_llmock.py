"""An independent judge: `llmock` injects faults, sees every attempt, and says what the client got wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness import Brief, Failed, Query
from harness.testing import Tried, try_strategy
from harness_openai.model import OpenAIChat
from tests.asking import AskIt

if TYPE_CHECKING:
    from llmock.pytest_plugin import LLMock

pytest.importorskip("llmock")

QUERIES = [Query(id=f"q{i}", text=f"row {i}") for i in range(12)]
BRIEF = Brief(name="echo", instructions="Say it again.", kind="text")


def ask(llmock: LLMock, folder: Path, queries: Sequence[Query] = QUERIES) -> Tried:
    models = {"endpoint": OpenAIChat(model="gpt-4o-mini-2024-07-18", base_url=llmock.base_url())}
    return try_strategy(AskIt(), brief=BRIEF, folder=folder, queries=queries, models=models, metric="exact_match")


def test_rate_limits_are_waited_out_and_nobody_asks_too_soon(llmock: LLMock, tmp_path: Path) -> None:
    llmock.rate_limit(times=3, retry_after=0.4)
    tried = ask(llmock, tmp_path)
    assert [] == [outcome for outcome in tried.outcomes.values() if isinstance(outcome, Failed)]
    llmock.assert_resilient(strict=True)


def test_a_server_that_fails_is_asked_again_with_growing_pauses(llmock: LLMock, tmp_path: Path) -> None:
    llmock.fail(503, times=2)
    tried = ask(llmock, tmp_path)
    assert [] == [outcome for outcome in tried.outcomes.values() if isinstance(outcome, Failed)]
    llmock.assert_resilient(strict=True)


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [(429, "insufficient_quota", "no credit"), (401, "invalid_api_key", "Check the key")],
)
def test_what_no_retry_helps_stops_at_once(
    llmock: LLMock, tmp_path: Path, status: int, code: str, said: str
) -> None:
    llmock.fail(status, code=code, times=None, message="no")
    with pytest.raises(AssertionError, match=re.escape(said)):
        ask(llmock, tmp_path)
    assert 1 == len(llmock.requests)


def test_a_prompt_that_is_too_long_is_an_outcome_and_is_not_sent_again(llmock: LLMock, tmp_path: Path) -> None:
    llmock.context_overflow(times=2)  # the warm-up, and the row that is asked first
    tried = ask(llmock, tmp_path, QUERIES[:3])
    assert ["too-long"] == [o.kind for o in tried.outcomes.values() if isinstance(o, Failed)]
    assert 1 + len(QUERIES[:3]) == len(llmock.requests)
    llmock.assert_resilient()
