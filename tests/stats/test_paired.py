"""McNemar's test and Tango's interval against published and library values, and exactly summed error rates."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from scipy.stats import multinomial
from statsmodels.stats.contingency_tables import mcnemar as theirs

from harness.stats import Difference, mcnemar

decided = functools.cache(functools.partial(mcnemar, margin=0.02))


def rates(n: int, discordant: float, difference: float) -> dict[str, float]:
    """Chances of each decision, summed over the tables that n rows can give; no simulation."""
    a_only, b_only = (discordant + difference) / 2, (discordant - difference) / 2
    most = [int(n * share + 7 * (n * share) ** 0.5 + 7) for share in (a_only, b_only)]
    tables = [(a, b) for a in range(min(n, most[0]) + 1) for b in range(min(n - a, most[1]) + 1)]
    cells = np.array([(a, b, n - a - b) for a, b in tables])
    chance = multinomial.pmf(cells, n, [a_only, b_only, 1 - discordant])
    kept = np.flatnonzero(chance > 1e-6)
    found = [decided(*tables[i], n) for i in kept]
    yes = {
        "different": [f.p_value < 0.05 for f in found],
        "tied": [f.p_tied < 0.05 for f in found],
        "surely tied": [f.p_tied < 0.01 for f in found],
        "covered": [f.low - 1e-9 <= difference <= f.high + 1e-9 for f in found],
    }
    return {name: float(chance[kept] @ np.array(each)) for name, each in yes.items()}


@pytest.mark.parametrize(("a_only", "b_only"), [(17, 10), (0, 1), (5, 0), (30, 30), (121, 59)])
def test_the_test_is_statsmodels_exact_one(a_only: int, b_only: int) -> None:
    table = [[100, a_only], [b_only, 100]]
    expected = theirs(table, exact=True).pvalue
    assert pytest.approx(expected) == mcnemar(a_only, b_only, 400, margin=0.02).p_value


def test_rows_on_which_both_agree_say_nothing() -> None:
    found = mcnemar(0, 0, 300, margin=0.02)
    assert (0.0, 1.0) == (found.value, found.p_value)
    assert pytest.approx(0.98**300) == found.p_tied
    assert pytest.approx(-found.low) == found.high


def test_the_interval_is_tangos_in_the_airway_example() -> None:
    """Fagerland, Lydersen and Laake, 2014: 21 children, 1 and 7 discordant."""
    found = mcnemar(1, 7, 21, margin=0.1)
    assert ("-0.517", "-0.026") == (f"{found.low:.3f}", f"{found.high:.3f}")


def test_the_interval_ends_where_the_score_test_turns() -> None:
    """Tango's z, worked out again from the constrained likelihood's maximum on a grid."""
    a, b, n = 17, 10, 300
    found = mcnemar(a, b, n, margin=0.02)
    for end in (found.low, found.high):
        q = np.linspace(max(0.0, -end) + 1e-9, (1 - end) / 2 - 1e-9, 400_001)  # the share that only b gets right
        q = q[q + end > 0]
        likelihood = a * np.log(q + end) + b * np.log(q) + (n - a - b) * np.log(1 - 2 * q - end)
        best = q[np.argmax(likelihood)]
        z = (a - b - n * end) / np.sqrt(n * (2 * best + end - end**2))
        assert pytest.approx(1.959964, abs=1e-3) == abs(z)


def test_a_and_b_change_places() -> None:
    found, other = mcnemar(17, 10, 300, margin=0.02), mcnemar(10, 17, 300, margin=0.02)
    swapped = Difference(-other.value, -other.high, -other.low, other.p_value, other.p_tied)
    assert pytest.approx(tuple(swapped), abs=1e-9) == tuple(found)


def test_a_million_rows_are_tied_where_a_thousandth_separates_them() -> None:
    found = mcnemar(21_000, 20_000, 1_000_000, margin=0.02)
    assert found.p_value < 1e-5  # significant, and yet
    assert found.p_tied < 1e-9


@pytest.mark.parametrize(("n", "discordant"), [(50, 0.1), (100, 0.05), (100, 0.3), (300, 0.02), (300, 0.1)])
def test_ties_are_called_different_at_most_as_often_as_claimed(n: int, discordant: float) -> None:
    assert rates(n, discordant, 0.0)["different"] <= 0.05


@pytest.mark.parametrize(
    ("n", "discordant"), [(100, 0.02), (300, 0.02), (300, 0.03), (300, 0.1), (1000, 0.02), (1000, 0.03)]
)
def test_a_difference_of_the_margin_is_called_tied_at_most_as_often_as_claimed(n: int, discordant: float) -> None:
    found = rates(n, discordant, 0.02)
    assert found["tied"] <= 0.05
    assert found["surely tied"] <= 0.01


@pytest.mark.parametrize(
    ("n", "discordant", "difference"), [(50, 0.1, 0.0), (100, 0.1, 0.1), (100, 0.3, 0.0), (300, 0.05, 0.02)]
)
def test_the_interval_covers_as_often_as_it_claims(n: int, discordant: float, difference: float) -> None:
    assert 0.935 <= rates(n, discordant, difference)["covered"] <= 0.975


def test_the_interval_stays_between_minus_one_and_one() -> None:
    assert (-1.0, 1.0) == (mcnemar(0, 3, 3, margin=0.02).low, mcnemar(3, 0, 3, margin=0.02).high)


@pytest.mark.parametrize(("a_only", "b_only", "n"), [(-1, 0, 5), (3, 3, 5)])
def test_impossible_counts_are_refused(a_only: int, b_only: int, n: int) -> None:
    with pytest.raises(ValueError, match="no such counts"):
        mcnemar(a_only, b_only, n, margin=0.02)


def test_no_rows_and_no_margin_are_refused() -> None:
    with pytest.raises(ValueError, match="no difference of no rows"):
        mcnemar(0, 0, 0, margin=0.02)
    with pytest.raises(ValueError, match="margin must be above 0"):
        mcnemar(1, 1, 10, margin=0)
