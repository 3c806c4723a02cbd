"""Pauses between attempts."""

from __future__ import annotations

from harness.calls.backoff import backoff, pause
from harness.models import CallFailed


def test_pauses_double_up_to_half_a_minute_and_are_spread() -> None:
    for attempt, longest in ((0, 0.5), (1, 1.0), (5, 16.0), (6, 30.0), (100_000, 30.0)):
        found = [backoff(attempt) for _ in range(50)]
        assert longest / 2 <= min(found) < max(found) <= longest


def test_what_is_asked_for_is_waited_and_no_pause_at_all_is_never_taken() -> None:
    assert 7.0 == pause(0, CallFailed("server", "down", retry=True, after=7.0))
    assert 0.25 <= pause(0, CallFailed("server", "down", retry=True, after=0.0))
    assert 0.25 <= pause(0, CallFailed("server", "down", retry=True))
