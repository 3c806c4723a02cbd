"""How a figure with its uncertainty is said.

told(share(270, 300))   0.900 (0.861 to 0.929, n = 300)
"""

from __future__ import annotations

from harness.comparing.records import Estimate
from harness.numbers import count, proportion
from harness.stats import wilson


def share(part: int, of: int) -> Estimate:
    """A share of rows, with Wilson's interval."""
    low, high = wilson(part, of)
    return Estimate(value=part / of, low=low, high=high, n=of)


def told(figure: Estimate) -> str:
    """A figure with its interval and n.

    >>> told(Estimate(value=0.9, low=0.86, high=0.93, n=300))
    '0.900 (0.860 to 0.930, n = 300)'
    """
    low, high = proportion(figure.low), proportion(figure.high)
    return f"{proportion(figure.value)} ({low} to {high}, n = {count(figure.n)})"


def signed(value: float) -> str:
    """A difference.

    >>> [signed(v) for v in (0.02, -0.01, 0.0, 0.0001)]
    ['+0.020', '-0.010', '0.000', '+<0.001']
    """
    return f"+{proportion(value)}" if value > 0 else proportion(value)
