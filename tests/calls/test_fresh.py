"""A tuned model whose name is not known everywhere yet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import pytest

from harness import CallFailed, Completion, Message, Request, Usage
from harness.calls.fresh import FreshEndpoint
from harness.models import Endpoint, Telling

InNoTime = Callable[[Callable[[], Awaitable[Any]]], Any]
ASKED = Request(messages=(Message(role="user", content="?"),))
ANSWER = Completion(text="yes", usage=Usage(model="m"))


class Late:
    """Knows its model at the calls that it is told to."""

    def __init__(self, *known: bool) -> None:
        self.known = list(known)

    async def send(self, request: Request) -> Completion:
        if not self.known.pop(0):
            raise CallFailed("not-found", "no such model", fatal=True)
        return ANSWER

    def warnings(self, completion: Completion) -> Sequence[str]:
        return ["an alias"]


def test_it_is_waited_for_until_it_is_known_and_never_after_that(in_no_time: InNoTime) -> None:
    late = Late(False, False, True, False, True)
    fresh = FreshEndpoint(cast(Endpoint, late), 1800.0)

    async def twice() -> Completion:
        assert ANSWER == await fresh.send(ASKED)
        return await fresh.send(ASKED)

    with pytest.raises(CallFailed, match="no such model"):
        in_no_time(twice)
    assert [True] == late.known


def test_it_tells_what_the_endpoint_tells() -> None:
    fresh = FreshEndpoint(cast(Endpoint, Late()), 1.0)
    assert isinstance(fresh, Telling)
    assert ["an alias"] == fresh.warnings(ANSWER)
