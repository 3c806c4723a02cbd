from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.optimize import curve_fit

from harness.diagnosing.crossovers import crossovers
from harness.diagnosing.curves import curves
from harness.diagnosing.powerlaw import fit, gain
from harness.suite import Decide

if TYPE_CHECKING:
    from tests.diagnosing.conftest import EvidenceMaker

Make = Callable[..., "EvidenceMaker"]
SIZES = np.array([16.0, 32, 64, 128, 256, 512])


def test_a_curve_without_noise_gives_its_own_numbers_back() -> None:
    found = fit(SIZES, [0.92 - 1.1 * SIZES**-0.5, 0.8 - 2.0 * SIZES**-0.8], np.ones(6))
    assert pytest.approx([0.92, 0.8], abs=0.003) == found.limit.tolist()
    assert pytest.approx([0.5, 0.8], rel=0.04) == found.rate.tolist()
    true = [1.1 * 512**-0.5 * (1 - 2**-0.5), 2.0 * 512**-0.8 * (1 - 2**-0.8)]
    assert pytest.approx(true, abs=0.0005) == found.gain(2).tolist()


def test_the_fit_is_that_of_scipy() -> None:
    rng = np.random.default_rng(3)
    figures = 0.9 - 0.9 * SIZES**-0.45 + rng.normal(0, 0.004, 6)
    found = fit(SIZES, figures[None], np.ones(6))

    def law(n: np.ndarray, a: float, b: float, c: float) -> np.ndarray:
        return a - b * (n / 512) ** -c

    (a, b, c), _ = curve_fit(law, SIZES, figures, p0=[0.9, 0.1, 0.5], bounds=([0, 0, 0.05], [1, 2, 3]))
    ours = np.sum((law(SIZES, found.limit[0], found.drop[0], found.rate[0]) - figures) ** 2)
    assert ours <= np.sum((law(SIZES, a, b, c) - figures) ** 2) * 1.01  # a grid of rates is as good
    assert pytest.approx(b * (1 - 2**-c), abs=0.001) == found.gain(2)[0]


def test_no_curve_falls_or_rises_above_the_top() -> None:
    found = fit(SIZES, [np.linspace(0.9, 0.8, 6), np.linspace(0.5, 0.99, 6)], np.ones(6))
    assert 0.0 == found.drop[0]
    assert 1.0 >= found.limit[1]


@pytest.mark.parametrize(("a", "b", "c"), [(0.92, 1.0, 0.5), (0.95, 2.0, 0.8), (0.85, 0.0, 0.5)])
def test_the_interval_of_the_gain_covers_it(a: float, b: float, c: float) -> None:
    rng, covered = np.random.default_rng(0), 0
    true = b * 512**-c * (1 - 2**-c)
    for _ in range(60):
        seen = a - b * SIZES**-c + rng.normal(0, 0.015, 6)
        found = gain(SIZES, seen, seen + rng.normal(0, 0.015, (300, 6)))
        covered += found.low <= true <= found.high
    assert covered >= 54  # 57 or more expected


def simulate(
    make_evidence: Make, laws: Mapping[str, Callable[[int], float]], rows: int, seeds: int
) -> EvidenceMaker:
    """Strategies that get as many rows right as their law says; what is hard for one is hard for all."""
    rng = np.random.default_rng(0)
    targets = ["yes", "no"] * (rows // 2)
    hard = rng.permutation(rows) / rows
    make = make_evidence(targets, decide=Decide(margin=0.02, label_price=0.5))
    for name, law in laws.items():
        for size in (16, 32, 64, 128, 256):
            for _ in range(seeds):
                right = hard + rng.normal(0, 0.02, rows) < law(size)
                answers = [t if r else "none" for t, r in zip(targets, right, strict=True)]
                make.trial(name, answers, train_size=size)
    return make


def test_a_rising_curve_is_worth_more_labels_and_a_flat_one_is_not(make_evidence: Make) -> None:
    laws = {"lora": lambda n: 1.0 - 1.2 * n**-0.35, "knn": lambda n: 0.8}
    evidence = simulate(make_evidence, laws, 2000, 3).build()
    lora, knn = curves(evidence)
    assert ("lora", "accuracy") == (lora.strategy, lora.metric)
    assert [16, 32, 64, 128, 256] == [point.size for point in lora.points]
    assert {3} == {point.trials for point in lora.points}
    assert all(p.value.low is not None and p.value.low < p.value.value for p in lora.points)
    assert lora.forecast is not None
    assert lora.forecast.gain is not None
    true = 1.2 * 256**-0.35 * (1 - 2**-0.35)
    assert 512 == lora.forecast.size
    assert pytest.approx(true, abs=0.01) == lora.forecast.gain.value
    assert lora.forecast.gain.low is not None
    assert lora.forecast.gain.high is not None
    assert lora.forecast.gain.low <= true <= lora.forecast.gain.high
    assert "256 more labels (for $128.00) would bring about +" in lora.forecast.words
    assert "still worth labelling" in lora.forecast.words
    assert knn.forecast is not None
    assert knn.forecast.words.startswith("Flat: ")


def test_three_sizes_are_too_few_to_say_more(make_evidence: Make) -> None:
    make = make_evidence(["yes", "no"] * 20)
    for size in (8, 16, 32):
        make.trial("s", ["yes"] * 40, train_size=size)
    (found,) = curves(make.build())
    assert found.forecast is not None
    assert found.forecast.gain is None
    assert "cannot be said from 3 sizes; it takes 4" in found.forecast.words


def test_one_seed_says_that_seeds_are_not_in_the_interval(make_evidence: Make) -> None:
    evidence = simulate(make_evidence, {"lora": lambda n: 1.0 - 1.2 * n**-0.35}, 200, 1).build()
    (found,) = curves(evidence)
    assert found.forecast is not None
    assert "One seed" in found.forecast.words


def test_a_run_with_all_rows_has_no_curve(make_evidence: Make) -> None:
    evidence = make_evidence(["yes", "no"]).trial("s", ["yes", "no"]).build()
    assert ((), ()) == (curves(evidence), crossovers(evidence))


def test_a_crossover_is_where_the_winner_stays_ahead_and_sure_where_tests_say_so(make_evidence: Make) -> None:
    # at 16, 32, 64, 128 and 256: 0.55, 0.65, 0.75, 0.85, 0.95 against 0.735
    laws = {"lora": lambda n: 0.15 + 0.1 * np.log2(n), "knn": lambda n: 0.735}
    (found,) = crossovers(simulate(make_evidence, laws, 600, 3).build())
    assert ("lora", "knn", 64) == (found.winner, found.loser, found.size)
    assert 128 == found.sure_from
    assert "From about 64 labels lora beats knn" in found.words
    assert "sure from 128 on" in found.words


def test_a_crossover_that_no_test_is_sure_of_says_so(make_evidence: Make) -> None:
    laws = {"a": lambda n: 0.70 if n < 256 else 0.76, "b": lambda n: 0.73}
    (found,) = crossovers(simulate(make_evidence, laws, 60, 1).build())
    assert ("a", 256, None) == (found.winner, found.size, found.sure_from)
    assert "may be chance" in found.words


def test_one_that_is_always_ahead_or_ahead_by_less_than_the_margin_is_no_crossover(make_evidence: Make) -> None:
    always = {"a": lambda n: 0.9, "b": lambda n: 0.5}
    little = {"a": lambda n: 0.70 if n < 256 else 0.735, "b": lambda n: 0.725}
    assert () == crossovers(simulate(make_evidence, always, 100, 1).build())
    assert () == crossovers(simulate(make_evidence, little, 1000, 1).build())
