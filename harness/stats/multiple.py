"""Several tests at once.

    holm([0.01, 0.04, 0.03])    -> (0.03, 0.06, 0.06)

Of 21 pairs that are all ties, one in 20 would look like a difference by luck; after this, all together do so in at
most one of 20 comparisons.
"""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """p-values that may each be held against the same level, in the order given.

    Source: Holm, 1979, "A simple sequentially rejective multiple test procedure". Holds for tests that depend on
    one another in any way, as pairs of the same strategies do.

    Args:
        p_values: Of all the tests that were looked at together, each 0 to 1.
    """
    for p in p_values:
        if not 0 <= p <= 1:
            raise ValueError(f"a p-value is between 0 and 1, not {p!r}")
    # Not statsmodels' own, whose numbers these are: it collects all garbage at every call, a tenth of a second.
    corrected, so_far = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        so_far = max(so_far, min(1.0, (len(p_values) - rank) * float(p_values[i])))
        corrected[i] = so_far
    return tuple(corrected)
