from __future__ import annotations

import pytest

from harness_lora.schedule import Schedule, factor


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("linear", [1 / 3, 2 / 3, 1.0, 0.75, 0.5, 0.25]),
        ("constant", [1 / 3, 2 / 3, 1.0, 1.0, 1.0, 1.0]),
        ("cosine", [1 / 3, 2 / 3, 1.0, 0.853553, 0.5, 0.146447]),
    ],
)
def test_the_rate_rises_over_the_warm_up_and_then_falls(schedule: Schedule, expected: list[float]) -> None:
    assert expected == pytest.approx([factor(step, 6, 1 / 3, schedule) for step in range(6)], abs=1e-6)


def test_without_a_warm_up_the_first_step_has_the_full_rate() -> None:
    assert 1.0 == factor(0, 10, 0.0, "linear")


def test_no_step_is_idle() -> None:
    for schedule in ("linear", "cosine", "constant"):
        assert 0 < min(factor(step, 7, 0.1, schedule) for step in range(7))
