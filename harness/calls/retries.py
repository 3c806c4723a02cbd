"""Whether a request is sent again, and when.

rate-limit      as often as it takes in ten minutes; the account's pace waits
server          six times in all, after 0.5, 1, 2 … 30 s
billed          (a time-out, half a reply) once more, because each may cost
after: 3600     not at all: longer than is waited

Where request after request is given up for what may pass, and none is answered between them, the endpoint is down:
the rows that are left would wait for nothing, one after the other.
"""

from __future__ import annotations

from harness.calls.backoff import backoff
from harness.calls.pace import LONGEST_WAIT, asks_to_wait
from harness.models import CallFailed, Request
from harness.records import Failed

ATTEMPTS = 6
SILENT = 5  # requests in a row that were given up, each after all its attempts
_PAID_ATTEMPTS = 2


class Retries:
    """The attempts at one request.

    Args:
        paid: Those before that were paid for, or may have been.
    """

    def __init__(self, paid: int = 0) -> None:
        self._refused: float | None = None  # when it first was, for its rate
        self._attempts = 0
        self._paid = paid

    def pause(self, error: CallFailed, now: float) -> float | None:
        """Seconds until the next attempt, or None where there is none.

        What an endpoint asks to wait holds its whole account, so its pace waits for that and not the request.

        Args:
            error: What the last one ended in.
            now: By the loop's clock.
        """
        if not error.retry or error.fatal or (error.after or 0.0) > LONGEST_WAIT:
            return None
        self._paid += is_paid(error)
        if self._paid >= _PAID_ATTEMPTS:
            return None
        if error.kind == "rate-limit":
            self._refused = now if self._refused is None else self._refused
            return 0.0 if now - self._refused <= LONGEST_WAIT else None
        self._attempts += 1
        if self._attempts >= ATTEMPTS:
            return None
        if error.after is not None:
            return 0.0
        return backoff(self._attempts - 1)


class Silence:
    """How many requests in a row were given up without any answer."""

    def __init__(self) -> None:
        self._requests = 0

    def lasts(self, error: CallFailed) -> bool:
        """Counts a request that is given up; whether there is no use in sending the next."""
        self._requests = self._requests + 1 if error.retry else 0  # what cannot pass is an answer, to that request
        return self._requests >= SILENT

    def ends(self) -> None:
        """An answer came."""
        self._requests = 0


def is_paid(error: CallFailed) -> bool:
    """Whether a failed attempt was billed, or may have been."""
    return error.billed or error.usage is not None or error.kind == "malformed"


def given_up(error: CallFailed, request: Request) -> Failed:
    """The outcome of a request that is not sent again."""
    return Failed(query_id=request.query_id or "", kind=error.kind, error=told(error), passing=error.retry)


def told(error: CallFailed) -> str:
    """What a request that is given up says."""
    if error.retry and error.after is not None and error.after > LONGEST_WAIT:
        return asks_to_wait(error.after, str(error))
    return str(error)
