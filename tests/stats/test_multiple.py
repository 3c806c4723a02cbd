"""Holm's correction against statsmodels'."""

from __future__ import annotations

import numpy as np
import pytest

from harness.stats import holm


@pytest.mark.parametrize("n", [1, 2, 21, 200])
def test_holm_gives_the_numbers_of_statsmodels(n: int) -> None:
    from statsmodels.stats.multitest import multipletests

    p_values = np.random.default_rng(n).beta(0.3, 1, size=n).round(3).tolist()
    assert multipletests(p_values, method="holm")[1].tolist() == pytest.approx(holm(p_values))
