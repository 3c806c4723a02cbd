"""Rows that are alike in every trial, counted once: a million rows cost what their distinct patterns cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Grouped(NamedTuple):
    """Parts of trials by groups of like rows.

    Attributes:
        parts: For each trial, (groups, ...).
        times: How many rows each group has, (groups,).
    """

    parts: tuple[Floats, ...]
    times: NDArray[np.int64]


def grouped(parts: Sequence[Floats]) -> Grouped:
    """Groups rows that add the same to the sums of every trial.

    Args:
        parts: For each trial what each row adds, (rows, ...), the rows in the same order.
    """
    import numpy as np

    rows = len(parts[0])
    flat = [part.reshape(rows, -1) for part in parts]
    together = np.concatenate(flat, axis=1)
    _, first, times = np.unique(together, axis=0, return_index=True, return_counts=True)
    return Grouped(tuple(part[first] for part in parts), times.astype(np.int64))
