"""What goes wrong on purpose: `--fault KIND=AMOUNT`, each counted or timed.

Answers, the next AMOUNT of them:
    rate-limit   429 with Retry-After             html         200 with a page
    quota        429 insufficient_quota           null-choices 200 with `choices: null`
    server       500                              no-choices   200 with `choices: []`
    cut-off      a body that ends early           truncated    200 with half of a JSON object
    odd-finish   an unknown finish reason         filter       a finish by content filter
    empty-length nothing, cut for length          slow         answered, but AMOUNT_OF_SECONDS late
Jobs:
    lost-create  the next AMOUNT are made, and the reply is cut off
    slow-create  the next one is made, and the reply comes after AMOUNT seconds
    closed       the next AMOUNT are refused: no new jobs of this account
    fail, odd-state, pause, stuck                 what becomes of the next AMOUNT jobs
    late-file, late-model                         seconds until a file, a tuned model, can be used
Batches:
    expire       the next AMOUNT end half answered
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any

from harness.errors import SuiteError, suggest
from harness.serving.refusing import Refused

REFUSALS = {
    "rate-limit": (429, "Rate limit reached", "rate_limit_exceeded"),
    "quota": (429, "You exceeded your current quota", "insufficient_quota"),
    "server": (500, "The server had an error", "server_error"),
}
BROKEN = ("html", "null-choices", "no-choices", "truncated", "cut-off", "odd-finish", "filter", "empty-length")
TIMED = ("late-file", "late-model", "slow-create", "slow")
COUNTED = (*REFUSALS, *BROKEN, "lost-create", "closed", "fail", "odd-state", "pause", "stuck", "expire")
RETRY_AFTER = 0.2  # seconds


class Faults:
    """What is left of what was asked for; safe for threads."""

    def __init__(self, amounts: dict[str, float] | None = None) -> None:
        self._left = dict(amounts or {})
        self._lock = Lock()

    def take(self, kind: str) -> bool:
        """Whether it happens now; once less from then on."""
        with self._lock:
            left = self._left.get(kind, 0)
            self._left[kind] = left - 1
            return left > 0

    def seconds(self, kind: str) -> float:
        """How long something takes."""
        with self._lock:
            return self._left.get(kind, 0.0)

    def once(self, kind: str) -> float:
        """How long, this time only."""
        with self._lock:
            return self._left.pop(kind, 0.0)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._left.clear()

    def refuse(self) -> None:
        """Refuses an answer, where that is asked for.

        Raises:
            Refused: It is.
        """
        for kind, (status, message, code) in REFUSALS.items():
            if self.take(kind):
                headers = {"Retry-After": f"{RETRY_AFTER}"} if kind == "rate-limit" else {}
                raise Refused(status, message, code=code, headers=headers)

    def broken(self, reply: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """The fault of a reply, empty for none, and the reply with it."""
        kind = next((kind for kind in BROKEN if self.take(kind)), "")
        if kind in ("null-choices", "no-choices"):
            return kind, reply | {"choices": None if kind == "null-choices" else []}
        finish = {"odd-finish": "tired", "filter": "content_filter", "empty-length": "length"}.get(kind)
        if finish is not None:
            (choice,) = reply["choices"]
            message = choice["message"] | ({} if kind == "odd-finish" else {"content": ""})
            return kind, reply | {"choices": [choice | {"finish_reason": finish, "message": message}]}
        return kind, reply


def read(said: Sequence[str]) -> Faults:
    """From the command line: ``late-model=30``, or ``lost-create`` for one.

    Raises:
        SuiteError: No such fault, or no such amount.
    """
    amounts: dict[str, float] = {}
    for one in said:
        kind, _, amount = one.partition("=")
        if kind not in (*COUNTED, *TIMED):
            raise SuiteError(f"--fault: no fault {kind!r}; {suggest(kind, (*COUNTED, *TIMED))}")
        try:
            amounts[kind] = float(amount or 1)
        except ValueError:
            raise SuiteError(f"--fault: {amount!r} is no number, as {kind!r} wants one") from None
    return Faults(amounts)
