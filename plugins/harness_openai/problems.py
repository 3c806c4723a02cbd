"""What an endpoint's errors mean: whether another attempt may help, and what the user is to do.

429 insufficient_quota             quota        every further call fails too
429, Retry-After: 2                rate-limit   again in 2 s
400 context_length_exceeded        too-long     never for this request
401 Incorrect API key …            auth         every further call fails too
"""

from __future__ import annotations

import email.utils
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote

from harness import CallFailed

_LONGEST_MESSAGE = 300  # characters
_FRESH_SECONDS = 600.0
TOO_LONG = re.compile(
    r"context_length_exceeded|(maximum|max) context|context (length|window|size)|prompt is too long"
    r"|too many (input )?tokens|request too large|input is too long|reduce the length",
    re.IGNORECASE,
)
_NO_QUOTA = re.compile(r"insufficient_quota|billing_|insufficient[ _](balance|funds|credits?)", re.IGNORECASE)
_REFUSES = re.compile(r"content_filter|content_policy|invalid_prompt|moderation|flagged", re.IGNORECASE)


class Refusal(NamedTuple):
    """What an endpoint said in place of an answer, without the key.

    Attributes:
        status: HTTP's.
        message: In its own words, cut to a readable length.
        code: Its code and type for it, or empty.
        param: The request's field that it names, or empty.
        after: Seconds that it asks to wait.
    """

    status: int
    message: str
    code: str = ""
    param: str = ""
    after: float | None = None


class Secret:
    """A key that must not be shown; text goes through `hide` before anybody sees it."""

    def __init__(self, key: str) -> None:
        escaped = json.dumps(key)[1:-1]
        self._forms = sorted({key, escaped, quote(key, safe="")} - {""}, key=len, reverse=True)

    def hide(self, text: str) -> str:
        for form in self._forms:
            text = text.replace(form, "[key]")
        return text

    def short(self, text: str) -> str:
        """Hidden first and cut then, so that no piece of a key is left at the end."""
        line = " ".join(self.hide(text).split())
        return line if len(line) <= _LONGEST_MESSAGE else line[:_LONGEST_MESSAGE] + "…"

    def __repr__(self) -> str:
        return "Secret()"


def refusal(status: int, headers: Mapping[str, str], content: bytes, secret: Secret) -> Refusal:
    """Reads an error's response, whatever its form."""
    text = content.decode("utf-8", errors="replace")
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    error = body.get("error", body) if isinstance(body, dict) else None
    if isinstance(error, str):
        error = {"message": error}
    elif not isinstance(error, dict):
        error = {}
    message = error.get("message") or error.get("detail") or text
    if status in range(300, 400):
        message = f"it redirects to {headers.get('location', 'nowhere')!r}"
    code = " ".join(str(error[name]) for name in ("code", "type") if error.get(name) is not None)
    return Refusal(
        status,
        secret.short(message if isinstance(message, str) else json.dumps(message)) or "no reason given",
        secret.short(code),
        secret.short(str(error.get("param") or "")),
        retry_after(headers),
    )


def failed(said: Refusal, model: str, key_env: str) -> CallFailed:
    """What core is told about a refusal.

    Args:
        said: What the endpoint said.
        model: The model that was asked.
        key_env: The variable that holds the key, for the advice.
    """
    status = said.status
    words = f"{said.code} {said.message}"
    quoted = f"HTTP {status}: {said.message}"
    if status == 402 or (status in (400, 403, 429) and _NO_QUOTA.search(words)):
        return CallFailed(
            "quota", f"{quoted}. The account has no credit left; add some, then --resume", fatal=True
        )
    if status == 413 or too_long(said):
        return CallFailed("too-long", quoted)
    if status == 429:
        return CallFailed("rate-limit", quoted, retry=True, after=said.after)
    if status in (400, 403, 422) and _REFUSES.search(words):
        return CallFailed("refused", quoted)
    if status in (401, 403):
        return CallFailed("auth", f"{quoted}. Check the key in {key_env} and what it may do", fatal=True)
    if status == 404:
        advice = f"Check the model's name {model!r} and base_url"
        return CallFailed("not-found", f"{quoted}. {advice}", fatal=True)
    if status in range(300, 400):
        return CallFailed("redirect", f"{quoted}. Write that as base_url if it is right", fatal=True)
    if status >= 500 or status in (408, 409, 425):
        kind = "timeout" if status in (408, 504) else "server"
        return CallFailed(kind, quoted, retry=True, after=said.after)
    return CallFailed("bad-request", quoted)


def not_yet(missing: CallFailed, seconds: float) -> CallFailed:
    """A tuned model that is not found: a fresh one takes minutes until it answers everywhere.

    Args:
        missing: What was told.
        seconds: Since it was first not found.
    """
    if seconds > _FRESH_SECONDS:
        return missing
    # Each wait is five times what has passed: soon at first, and minutes in few attempts.
    return CallFailed("model-not-found", str(missing), retry=True, after=min(max(0.2, 5 * seconds), 180.0))


def too_long(said: Refusal) -> bool:
    """Whether the request does not fit: the model's window, or all that a minute allows."""
    return said.status in (400, 422, 429) and TOO_LONG.search(f"{said.code} {said.message}") is not None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of `Retry-After`, which gives seconds or a date, or of `retry-after-ms`; None for neither."""
    for name, per_second in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) / per_second
        except ValueError:
            continue
        if 0 <= seconds < float("inf"):
            return seconds
    try:
        when = email.utils.parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
