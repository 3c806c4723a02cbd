from __future__ import annotations

from harness.preparation.dividing import divide
from harness.trainingfiles import Line

LINES = [
    Line(({"role": "user", "content": text},), ({"role": "assistant", "content": "x"},), number=i)
    for i, text in enumerate([f"text {i}" for i in range(100)] + [f" TEXT  {i}" for i in range(20)])
]


def test_about_the_share_is_taken_out_and_each_line_is_on_one_side() -> None:
    parts = divide(LINES, 0.1, 0)
    assert 12 == len(parts.validation)
    assert list(range(120)) == sorted(line.number for line in (*parts.train, *parts.validation))
    assert sorted(line.number for line in parts.train) == [line.number for line in parts.train]


def test_prompts_that_differ_in_case_and_blanks_stay_together() -> None:
    for seed in range(5):
        out = {line.number for line in divide(LINES, 0.3, seed).validation}
        assert all((i in out) == (i + 100 in out) for i in range(20))


def test_a_seed_takes_the_same_lines_whatever_their_order_and_another_one_takes_others() -> None:
    first, turned, other = (
        {line.number for line in divide(lines, 0.1, seed).validation}
        for lines, seed in ((LINES, 0), (LINES[::-1], 0), (LINES, 1))
    )
    assert (True, False) == (first == turned, first == other)


def test_no_share_takes_nothing() -> None:
    assert (120, 0) == tuple(map(len, divide(LINES, 0.0, 0)))
