from __future__ import annotations

from typing import Any

import pytest

from harness.calls.pace import LONGEST_WAIT
from harness.calls.retries import Retries, told
from harness.models import CallFailed
from harness.records import Usage


def failed(kind: str = "server", *, retry: bool = True, **more: Any) -> CallFailed:
    return CallFailed(kind, "no", retry=retry, **more)


def pauses(error: CallFailed, *, seconds_between: float = 1.0, most: int = 10_000) -> list[float]:
    retries, found = Retries(), list[float]()
    while len(found) < most and (pause := retries.pause(error, 5000 + len(found) * seconds_between)) is not None:
        found.append(pause)
    return found


def test_a_servers_error_is_tried_six_times_in_all_with_growing_pauses() -> None:
    found = pauses(failed())
    assert 5 == len(found)
    for longest, pause in zip((0.5, 1, 2, 4, 8), found, strict=True):
        assert longest / 2 <= pause <= longest


@pytest.mark.parametrize(
    "error",
    [
        failed("refused", retry=False),
        failed("quota", fatal=True),
        failed("rate-limit", after=LONGEST_WAIT + 1),
        failed("server", after=LONGEST_WAIT + 1),
    ],
)
def test_what_cannot_help_or_would_take_too_long_is_not_tried_again(error: CallFailed) -> None:
    assert [] == pauses(error)


@pytest.mark.parametrize(
    "error",
    [
        failed("timeout", billed=True),
        failed("anything", billed=True),
        failed("malformed"),
        failed("length", usage=Usage(model="m", output_tokens=9)),
    ],
)
def test_what_may_have_been_billed_is_tried_once_more(error: CallFailed) -> None:
    assert 1 == len(pauses(error))


def test_a_rate_limit_is_waited_for_by_the_account_and_given_up_after_ten_minutes() -> None:
    found = pauses(failed("rate-limit"), seconds_between=30)
    assert {0.0} == set(found)
    assert 21 == len(found)


def test_what_the_endpoint_asks_to_wait_is_the_accounts_wait_and_counts_as_an_attempt() -> None:
    assert [0.0] * 5 == pauses(failed("server", after=3.0))


def test_who_is_given_up_for_a_long_wait_says_when_it_would_be_free() -> None:
    assert "it asks to wait 2 h, until 20" in told(failed("rate-limit", after=7200))
    assert "no" == told(failed("rate-limit", after=5))
    assert "no" == told(failed("refused", retry=False, after=7200))
