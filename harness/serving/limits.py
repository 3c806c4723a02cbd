"""What a server takes on. Whatever is beyond is refused, with the limit in the message."""

from __future__ import annotations

from harness.records import Record


class Limits(Record):
    """How much one caller, and all together, may ask for.

    Attributes:
        body_bytes: Of a request's body.
        body_seconds: Until it must have come; then 408.
        texts: In one call of /predict.
        characters: Of one text, or of all messages of a conversation together.
        queue: Calls that may wait while one is answered; more are told to come back (429).
        timeout_seconds: How long a call may wait and be answered; then 503.
    """

    body_bytes: int = 1 << 20
    body_seconds: float = 30.0
    texts: int = 64
    characters: int = 100_000
    queue: int = 16
    timeout_seconds: float = 120.0
