"""What an endpoint's errors mean: whether another attempt may help, and what the user is to do.

429 insufficient_quota             quota           every further call fails too
429, Retry-After: 2                rate-limit      again in 2 s
400 context_length_exceeded        too-long        never for this request
400 content_filter                 content-filter  never for this request
401 Incorrect API key …            auth            every further call fails too
403 …                              permission      likewise: the key is known and may not do this
404 model_not_found                not-found       likewise
404 <html>…                        wrong-address   likewise: nothing of an API is there
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from harness import CallFailed
from harness.models import Limits
from harness.privacy.secrets import Secret
from harness_openai.limits import limits, retry_after

if TYPE_CHECKING:
    from openai import APIStatusError

_FRESH_SECONDS = 600.0
TOO_LONG = re.compile(
    r"context_length_exceeded|(maximum|max) context|context (length|window|size)|prompt is too long"
    r"|too many (input )?tokens|request too large|input is too long|reduce the length",
    re.IGNORECASE,
)
# By the code alone: a rate limit's message may speak of quotas too, and that is worth another attempt.
_NO_QUOTA = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "insufficient_balance"}
    | {"insufficient_funds", "insufficient_credits", "exceeded_current_quota_error", "arrearage"}
)
_CLOSED = frozenset({"account_deactivated", "access_terminated", "organization_restricted"})
_FILTERED = frozenset(
    {"content_filter", "content_policy_violation", "responsibleaipolicyviolation", "moderation_blocked"}
    | {"invalid_prompt", "content_policy", "data_inspection_failed"}
)
_NO_MODEL = frozenset(
    {"model_not_found", "deploymentnotfound", "invalid_model", "model_not_available", "model_decommissioned"}
)
_NO_REGION = "unsupported_country_region_territory"
_FLAGGED = re.compile(r"\bflagged\b.*\bmoderation\b|\bmoderation\b.*\bflagged\b", re.IGNORECASE | re.DOTALL)
_NOTHING_THERE = ("not found", "resource not found", "file not found", "no reason given")
_NO_PATH = re.compile(r"invalid url|unknown (request )?url|no route|unrecognized request url", re.IGNORECASE)


class Refusal(NamedTuple):
    """What an endpoint said in place of an answer, without the key.

    Attributes:
        status: HTTP's.
        message: In its own words, cut to a readable length.
        code: Its code and type for it, or empty.
        param: The request's field that it names, or empty.
        after: Seconds that it asks to wait.
        limits: What it says it still takes.
        is_json: Whether it came as JSON, as an API's errors do.
    """

    status: int
    message: str
    code: str = ""
    param: str = ""
    after: float | None = None
    limits: Limits | None = None
    is_json: bool = True

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(self.code.casefold().split())


def refused(error: APIStatusError, secret: Secret) -> Refusal:
    """What the client's error holds, of which nothing else may go on: it has the request and the key."""
    response = error.response
    return refusal(response.status_code, response.headers, response.content, secret)


def refusal(status: int, headers: Mapping[str, str], content: bytes, secret: Secret) -> Refusal:
    """Reads an error's response, whatever its form."""
    text = content.decode("utf-8", errors="replace")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = None
    error = body.get("error", body) if isinstance(body, dict) else None
    if isinstance(error, str):
        error = {"message": error}
    elif not isinstance(error, dict):
        error = {}
    message = error.get("message") or error.get("detail") or text
    if status in range(300, 400):
        message = f"it redirects to {headers.get('location', 'nowhere').removesuffix('/chat/completions')!r}"
    return Refusal(
        status,
        secret.short(message if isinstance(message, str) else json.dumps(message)) or "no reason given",
        secret.short(" ".join(_codes(error))),
        secret.short(str(error.get("param") or "")),
        retry_after(headers),
        limits(headers),
        body is not None,
    )


def _codes(error: Mapping[str, Any]) -> list[str]:
    """Code and type of an error, and of the one inside it (Azure's says which policy)."""
    inner = error.get("innererror")
    found = [error, inner] if isinstance(inner, dict) else [error]
    return [str(each[name]) for each in found for name in ("code", "type") if each.get(name) is not None]


def failed(said: Refusal, model: str, key_env: str) -> CallFailed:
    """What core is told about a refusal.

    Args:
        said: What the endpoint said.
        model: The model that was asked.
        key_env: Where the key comes from, for the advice.
    """
    found = _failed(said, model, key_env)
    found.limits = said.limits
    return found


def _failed(said: Refusal, model: str, key: str) -> CallFailed:
    status = said.status
    quoted = f"HTTP {status}: {said.message}"
    if status == 402 or (status in (400, 403, 429) and said.codes & _NO_QUOTA):
        return CallFailed(
            "quota", f"{quoted}. The account has no credit left; add some, then --resume", fatal=True
        )
    if said.codes & _CLOSED:
        return CallFailed("auth", f"{quoted}. The provider has closed this account; ask it why", fatal=True)
    if status == 413 or too_long(said):
        return CallFailed("too-long", quoted)
    if status == 429:
        return CallFailed("rate-limit", quoted, retry=True, after=said.after)
    if _is_filtered(said):
        return CallFailed("content-filter", f"{quoted}. The provider's filter refused the prompt")
    if status == 401:
        return CallFailed(
            "auth", f"{quoted}. Check the key in {key} and that base_url is its provider's", fatal=True
        )
    if said.codes & _NO_MODEL or (status == 404 and not _is_wrong_path(said)):
        return CallFailed("not-found", f"{quoted}. {_no_model(said, model)}", fatal=True)
    if status == 403:
        return CallFailed("permission", f"{quoted}. {_not_allowed(said, model, key)}", fatal=True)
    if status in (404, 405):
        advice = "Nothing of an API is at that address: check base_url, which mostly ends in /v1"
        return CallFailed("wrong-address", f"{quoted}. {advice}", fatal=True)
    if status in range(300, 400):
        return CallFailed("redirect", f"{quoted}. Write that as base_url if it is right", fatal=True)
    if status >= 500 or status in (408, 409, 425):
        gave_up = status in (504, 524)  # a gateway did; what is behind it may have answered and billed
        kind = "timeout" if gave_up or status == 408 else "server"
        return CallFailed(kind, quoted, retry=True, after=said.after, billed=gave_up)
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


def _is_filtered(said: Refusal) -> bool:
    if said.status not in (400, 403, 422):
        return False
    return bool(said.codes & _FILTERED) or (said.status == 403 and _FLAGGED.search(said.message) is not None)


def _is_wrong_path(said: Refusal) -> bool:
    """Whether no API is there at all: a page, no words, or the words of one for an unknown path."""
    bare = said.message.casefold() in _NOTHING_THERE
    return not said.is_json or bare or _NO_PATH.search(said.message) is not None


def _no_model(said: Refusal, model: str) -> str:
    if "deploymentnotfound" in said.codes:
        return (
            f"Azure is asked by a deployment's name, as {model!r} is to be; a new one answers after some minutes"
        )
    return f"Check the model's name {model!r} and base_url, and that the key's project may use it"


def _not_allowed(said: Refusal, model: str, key: str) -> str:
    if _NO_REGION in said.codes:
        return "The provider does not serve the country that this machine's address stands for"
    return (
        f"The key in {key} is known but may not use {model!r}: check its rights, its project's and the network's"
    )
