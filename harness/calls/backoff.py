"""How long to wait before asking again: longer each time, and not all at once.

>>> backoff(0) <= 0.5 and 15 <= backoff(9) <= 30
True
"""

from __future__ import annotations

import random

from harness.models import CallFailed

_FIRST_SECONDS, _LONGEST_SECONDS = 0.5, 30.0
_MOST_DOUBLED = 10  # attempts; a place among an account's jobs takes thousands, and floats have an end


def backoff(attempt: int) -> float:
    """Seconds to wait after an attempt that failed, the first being 0."""
    longest: float = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2 ** min(attempt, _MOST_DOUBLED))
    return longest * random.uniform(0.5, 1.0)  # many that failed at once should not come back at once


def pause(attempt: int, error: CallFailed) -> float:
    """What was asked for, else `backoff`; an endpoint that asks for 0 seconds is not asked without end."""
    return error.after or backoff(attempt)
