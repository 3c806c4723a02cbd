"""What a request uses at most: what is reserved for it before it is sent, and what a dry run counts."""

from __future__ import annotations

import json

from harness.models import Endpoint, Request
from harness.records import Usage

_JSON_TOKENS = 16


def upper(endpoint: Endpoint, request: Request) -> Usage:
    """The prompt as the endpoint counts it, and the longest answer that it may give."""
    # A label in a schema may be longer than the answer that was asked for, and stands in JSON.
    longest = max((len(json.dumps(choice)) + _JSON_TOKENS for choice in request.choices), default=0)
    return Usage(
        model=endpoint.name,
        input_tokens=endpoint.tokens(request),
        output_tokens=max(request.max_tokens, longest),
    )
