"""What an endpoint said it still takes, less what was sent since.

x-ratelimit-remaining-requests: 12     x-ratelimit-reset-requests: 4s
x-ratelimit-remaining-tokens: 900      x-ratelimit-reset-tokens: 31s

Once the reset is over nothing is known any more, and nothing is waited for.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from harness.models import Limits


@dataclass
class Left:
    """What is left of one sort.

    Attributes:
        amount: How much; infinite where nothing was said.
        until: When all of it is there again, by the loop's clock.
    """

    amount: float = math.inf
    until: float = -math.inf

    def told(self, amount: float | None, reset: float | None, now: float) -> None:
        """Takes in what was said; without a time nothing could be waited for."""
        if amount is not None and reset is not None:
            self.amount, self.until = amount, now + reset

    def scarce(self, now: float) -> bool:
        return self.until > now


@dataclass
class Quota:
    """Requests and tokens of one model."""

    requests: Left = field(default_factory=Left)
    tokens: Left = field(default_factory=Left)

    def told(self, limits: Limits, now: float, *, longest: float) -> None:
        """Takes in what a reply said.

        A reset that is further away than `longest` is not waited for: a day's quota comes back bit by bit, and who
        asks too early is told when.
        """
        for left, amount, reset in (
            (self.requests, limits.requests, limits.requests_reset),
            (self.tokens, limits.tokens, limits.tokens_reset),
        ):
            left.told(amount, reset if reset is None or reset <= longest else None, now)

    def free_at(self, tokens: Callable[[], int], now: float) -> float:
        """When the next call may go, if nothing else is said until then."""
        at = now
        if self.requests.scarce(now) and self.requests.amount < 1:
            at = self.requests.until
        if self.tokens.scarce(now) and self.tokens.amount < tokens():
            at = max(at, self.tokens.until)
        return at

    def take(self, tokens: Callable[[], int], now: float) -> None:
        """Counts a call that is under way; what it leaves is known once it comes back."""
        if self.requests.scarce(now):
            self.requests.amount -= 1
        if self.tokens.scarce(now):
            self.tokens.amount -= tokens()
