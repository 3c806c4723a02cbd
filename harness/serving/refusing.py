"""A request that is not answered, as OpenAI's clients read it.

{"error": {"message": "…", "type": "invalid_request_error", "param": "messages", "code": null}}
"""

from __future__ import annotations

from collections.abc import Mapping

_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
    500: "server_error",
    503: "server_error",
}


class Refused(Exception):
    """Answered with a status and a message.

    Args:
        status: HTTP's.
        message: What is wrong, and what to do; no text of the caller's stands in it unquoted.
        param: The field of the body that is wrong.
        code: A short word to count by.
        headers: To go along, such as Retry-After.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.param = param
        self.code = code
        self.headers = dict(headers or {})

    def body(self) -> dict[str, object]:
        kind = _TYPES.get(self.status, "invalid_request_error")
        return {"error": {"message": self.message, "type": kind, "param": self.param, "code": self.code}}
