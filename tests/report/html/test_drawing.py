from __future__ import annotations

import doctest

import pytest

from harness.comparing.records import Estimate
from harness.deciding.records import CostLine
from harness.report.html import scale, wording
from harness.report.html.frame import Box, label_places
from harness.report.html.scale import Scale, decades, linear, spread
from harness.report.html.svg import picture, tag
from harness.report.html.volume import monthly


def test_examples_in_docstrings_hold() -> None:
    assert 0 == doctest.testmod(scale).failed


@pytest.mark.parametrize(
    ("expected", "value"), [(360.0, 0.7), (60.0, 0.4), (660.0, 1.0), (60.0, -5.0), (660.0, 7.0)]
)
def test_a_number_stands_in_proportion_and_never_beyond_its_axis(expected: float, value: float) -> None:
    assert expected == pytest.approx(Scale(0.4, 1.0, 60, 660).at(value))


def test_equal_ratios_are_equal_lengths_on_a_logarithmic_axis() -> None:
    axis = Scale(1, 1000, 0, 300, log=True)
    assert [0, 100, 200, 300] == pytest.approx([axis.at(v) for v in (1, 10, 100, 1000)])
    assert (1, 10, 100, 1000) == pytest.approx(axis.ticks())
    assert 0 == axis.at(0)


def test_ticks_are_round_and_within_the_axis() -> None:
    assert (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0) == pytest.approx(Scale(0.4, 1.0, 0, 1).ticks(6))
    assert (0.1, 0.2, 0.5, 1, 2) == pytest.approx(Scale(0.08, 3, 0, 1, log=True).ticks())


@pytest.mark.parametrize("values", [[0.5], [0.0, 0.0], [], [1.0, 1.0]])
def test_an_axis_of_one_value_still_has_a_length(values: list[float]) -> None:
    axis = linear(values, 0, 100, least=0.0, most=1.0)
    assert axis.low < axis.high
    assert len(axis.ticks()) > 1


def test_an_axis_of_decades_leaves_out_what_costs_nothing() -> None:
    axis = decades([0.0, 0.01, 10], 0, 100)
    assert 0 < axis.low < 0.01
    assert 10 < axis.high


def test_labels_are_spread_without_leaving_their_room() -> None:
    placed = spread([50, 50, 50, 99], gap=10, low=0, high=100)
    assert all(b - a >= 10 - 1e-9 for a, b in zip(sorted(placed), sorted(placed)[1:], strict=False))
    assert max(placed) <= 100


def test_labels_cover_neither_each_other_nor_a_mark() -> None:
    points = [(100.0, 100.0, "features"), (112.0, 102.0, "lora"), (105.0, 110.0, "retrieval")]
    starts = label_places(points, Box(0, 0, 400, 300))
    boxes = [Box(x, y - 11, x + 7.1 * len(t), y + 4) for (x, y), (_, _, t) in zip(starts, points, strict=True)]
    assert not any(a.meets(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_a_line_of_costs_steps_where_a_machine_more_is_needed() -> None:
    line = CostLine(strategy="a", basis="deployed", prepare_per_month=1.0, serving_per_month=20.0,
                    per_answer=0.001, capacity_per_month=1000)  # fmt: skip
    assert [21.5, 22.0, 42.001] == pytest.approx([monthly(line, v) for v in (500, 1000, 1001)])


def test_words_and_attributes_of_a_picture_are_escaped() -> None:
    drawn = picture("x", "<b>", '"', (10.0, 5.0), [tag("text", "<script>", x=1.25, class_='a"b')])
    assert "<b>" not in drawn
    assert "<script>" not in drawn
    assert 'x="1.2"' in drawn
    assert 'class="a&#34;b"' in drawn


@pytest.mark.parametrize(
    ("expected", "share"),
    [("83\u00a0%", 0.83), ("100\u00a0%", 1.0), ("> 99\u00a0%", 0.999), ("< 1\u00a0%", 0.001), ("0\u00a0%", 0.0)],
)
def test_a_share_is_0_or_100_per_cent_only_where_it_is(expected: str, share: float) -> None:
    assert expected == wording.percent(share)


@pytest.mark.parametrize(
    ("expected", "value"),
    [("1.2 k", 1200), ("100 k", 99_999), ("1.8 M", 1_760_000), ("250 k", 250_000), ("12", 12), ("1 M", 999_999)],
)
def test_counts_are_short(expected: str, value: float) -> None:
    assert expected == wording.short(value)


def test_a_difference_always_has_its_sign_and_interval() -> None:
    assert "+0.024 (\u22120.009 to +0.057)" == wording.difference(
        Estimate(value=0.024, low=-0.009, high=0.057, n=9)
    )
    assert "< 0.001" == wording.p_value(1e-9)
