"""What an endpoint says of itself in headers: how much it still takes, and how long to wait.

x-ratelimit-remaining-requests: 59          x-ratelimit-reset-requests: 6m0s        OpenAI, Azure, Groq
x-ratelimit-remaining-tokens: 149984        x-ratelimit-reset-tokens: 20ms
anthropic-ratelimit-requests-reset: 2026-11-21T09:16:00Z                            gateways of Anthropic's form
retry-after: 2    retry-after-ms: 300    retry-after: Wed, 21 Oct 2026 07:28:00 GMT
"""

from __future__ import annotations

import email.utils
import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from harness.models import Limits

_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|us|µs|ns|d|h|m|s))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|us|µs|ns|d|h|m|s)")
_EPOCH = 1e9  # a number of seconds beyond 30 years is a moment, not a wait
_EPOCH_MS = 1e12


def limits(headers: Mapping[str, str]) -> Limits | None:
    """What is left of requests and tokens; None where the endpoint says nothing of it."""
    if not any("ratelimit" in name.casefold() for name in headers):
        return None
    found = Limits(
        requests=_count(headers, "requests"),
        requests_reset=_reset(headers, "requests"),
        tokens=_count(headers, "tokens"),
        tokens_reset=_reset(headers, "tokens"),
    )
    return None if found == Limits() else found


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of `retry-after-ms`, else of `Retry-After`, which gives seconds or a date; None for neither."""
    try:
        milliseconds = float(headers.get("retry-after-ms", ""))
    except ValueError:
        milliseconds = math.nan
    if 0 <= milliseconds < math.inf:
        return milliseconds / 1000
    return seconds_until(headers.get("retry-after", ""))


def seconds_until(told: str, now: datetime | None = None) -> float | None:
    """Seconds until a moment, told as seconds, as a duration, or as a date; None for anything else.

    >>> [seconds_until(told) for told in ("6m0s", "20ms", "1.5s", "2", "soon", "-3", "nan")]
    [360.0, 0.02, 1.5, 2.0, None, None, None]
    """
    told = told.strip()
    now = now or datetime.now(UTC)
    try:
        number = float(told)
    except ValueError:
        number = math.nan
    if 0 <= number < math.inf:
        moment = number / 1000 if number >= _EPOCH_MS else number
        return max(0.0, moment - now.timestamp()) if number >= _EPOCH else number
    if _DURATION.fullmatch(told):
        return math.fsum(float(count) * _UNITS[unit] for count, unit in _PART.findall(told))
    when = _date(told)
    return None if when is None else max(0.0, (when - now).total_seconds())


def _date(told: str) -> datetime | None:
    if not re.search(r"\d{4}", told):  # "-3" is a date to nobody but a parser
        return None
    for parse in (datetime.fromisoformat, email.utils.parsedate_to_datetime):
        try:
            when = parse(told)
        except (ValueError, OverflowError):
            continue
        return when if when.tzinfo else when.replace(tzinfo=UTC)
    return None


def _names(what: str, of: str) -> Iterator[str]:
    yield f"x-ratelimit-{of}-{what}"
    yield f"anthropic-ratelimit-{what}-{of}"
    if what == "requests":  # of those who count requests alone
        yield f"x-ratelimit-{of}"
        yield f"ratelimit-{of}"


def _count(headers: Mapping[str, str], what: str) -> int | None:
    for name in _names(what, "remaining"):
        told = headers.get(name, "").strip()
        # Not more digits than any limit has: Python refuses to read some thousands of them.
        if re.fullmatch(r"\d{1,18}(\.0+)?", told, re.ASCII):
            return int(told.partition(".")[0])
    return None


def _reset(headers: Mapping[str, str], what: str) -> float | None:
    found = (seconds_until(headers.get(name, "")) for name in _names(what, "reset"))
    return next((seconds for seconds in found if seconds is not None), None)
