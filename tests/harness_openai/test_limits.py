from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from harness import Request
from harness.models import Limits
from harness.records import Message
from harness_openai.limits import limits, seconds_until

if TYPE_CHECKING:
    from tests.harness_openai.conftest import FakeServer

NOW = datetime(2026, 11, 21, 9, 15, tzinfo=UTC)
OPEN = Request(messages=(Message(role="user", content="Tell me a story."),), max_tokens=9)
HEADERS = {
    "x-ratelimit-limit-requests": "60",
    "x-ratelimit-remaining-requests": "59",
    "x-ratelimit-reset-requests": "6m0s",
    "x-ratelimit-remaining-tokens": "149984",
    "x-ratelimit-reset-tokens": "20ms",
}
SAID = Limits(requests=59, requests_reset=360.0, tokens=149_984, tokens_reset=0.02)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (360.0, "6m0s"),
        (0.02, "20ms"),
        (1.5, "1.5s"),
        (5_025.25, "1h23m45.25s"),
        (86_400.0, "1d"),
        (0.0, "0"),
        (7.0, " 7 "),
        (60.0, "2026-11-21T09:16:00Z"),
        (60.0, "2026-11-21T10:16:00+01:00"),
        (0.0, "2026-11-21T09:00:00Z"),
        (60.0, "Sat, 21 Nov 2026 09:16:00 GMT"),
        (60.0, str(int(NOW.timestamp()) + 60)),
        (60.0, str((int(NOW.timestamp()) + 60) * 1000)),
        (None, ""),
        (None, "soon"),
        (None, "6m0"),
        (None, "-3"),
        (None, "-3s"),
        (None, "nan"),
        (None, "inf"),
        (None, "99999-01-01"),
    ],
)
def test_a_wait_is_read_in_each_form(seconds: float | None, told: str) -> None:
    assert seconds == seconds_until(told, NOW)


def test_what_is_left_is_read_from_headers() -> None:
    assert SAID == limits(HEADERS)
    told = {"anthropic-ratelimit-tokens-remaining": "80", "anthropic-ratelimit-tokens-reset": "2s"}
    assert Limits(tokens=80, tokens_reset=2.0) == limits(told)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-ratelimit-remaining-requests": "many"},
        {"x-ratelimit-remaining-requests": "-1"},
        {"x-ratelimit-remaining-tokens": "9" * 5000},
        {"x-ratelimit-limit-requests": "60"},
    ],
)
def test_what_is_not_said_is_not_known(headers: dict[str, str]) -> None:
    assert limits(headers) is None


def test_answers_and_failures_carry_what_is_left(server: FakeServer) -> None:
    choice = {"finish_reason": "stop", "message": {"content": "Once"}}
    server.says({"choices": [choice]}, headers=HEADERS)
    server.says({"error": {"message": "slow down"}}, 429, headers=HEADERS)
    [completion] = server.ask(OPEN)
    assert SAID == completion.limits
    assert "limits" not in completion.model_dump()
    assert SAID == server.failure(OPEN).limits
    server.says({"choices": []}, headers=HEADERS)
    assert SAID == server.failure(OPEN).limits
