from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harness.calls.ages import Ages


def day(number: int) -> datetime:
    return datetime(2026, 11, number, tzinfo=UTC)


def ages(days: float | None = 7, *, began: int = 20, now: int = 20, old: bool = False) -> Ages:
    return Ages(days, day(began), day(now), old=old)


@pytest.mark.parametrize(
    ("at", "days", "now", "used"),
    [
        (14, 7, 20, True),
        (12, 7, 20, False),
        (13, 7, 20, True),  # seven days are not older than seven days
        (1, None, 20, True),
        (19, 0, 20, False),
        (20, 0, 20, True),
        (21, 7, 30, True),  # asked by the run itself, nine days ago
        (20, 7, 30, True),
        (19, 7, 30, False),  # before the run, and old by now
        (1, 1e9, 20, True),
    ],
)
def test_an_answer_is_used_while_it_is_young_or_of_this_run(
    at: int, days: float | None, now: int, *, used: bool
) -> None:
    assert used == ages(days, now=now).used("k", day(at))


def test_old_answers_are_used_with_consent_and_never_replaced() -> None:
    found = ages(old=True)
    assert found.used("k", day(1))
    assert found.replaced_before is None
    assert found.told() == (
        "1 cached answer older than 7 days (cache_days; the oldest of 2026-11-01) stood for new ones,"
        " as --old-cache says"
    )


def test_what_was_left_aside_is_counted_once_and_says_which_flag_would_use_it() -> None:
    found = ages(1)
    assert found.told() is None
    for key, at in (("a", 3), ("a", 3), ("b", 2), ("c", 20)):
        found.used(key, day(at))
    assert found.told() == (
        "2 cached answers older than 1 day (cache_days; the oldest of 2026-11-02) left aside and asked again;"
        " --old-cache uses such answers"
    )
    assert day(19) == found.replaced_before
