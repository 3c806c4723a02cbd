"""A request that is not answered, as OpenAI's clients read it.

{"error": {"message": "…", "type": "invalid_request_error", "param": "messages", "code": null}}
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

_LONGEST_FIELD = 80  # characters of a field's name: it is the caller's
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


def misread(error: ValidationError, of: str = "") -> Refused:
    """A body that is not what it should be: the first of what is wrong with it.

    Args:
        error: What pydantic says.
        of: What stands before it, such as ``text 3: ``.
    """
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))[:_LONGEST_FIELD] or "body"
    return Refused(400, f"{of}{where}: {first['msg']}", param=where)
