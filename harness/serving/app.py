"""The routes, and who may use them.

    GET  /health                 {"status": "ok", "strategy": …, "task": …, "run": …, "waiting": 0}
    POST /predict                the strategy's answers
    GET  /v1/models              the local chat model behind the strategy
    POST /v1/chat/completions    that model, with the caller's own messages

A body must be JSON and say so: a page of another site cannot send that here unasked. The Host header keeps pages
out whose name was pointed to this machine.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.models import ChatModel
from harness.records import TrialKey
from harness.serving import chatting, predicting
from harness.serving.limits import Limits
from harness.serving.refusing import Refused
from harness.serving.worker import Worker
from harness.strategy import Fitted

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


@dataclass
class Service:
    """What is served.

    Attributes:
        fitted: What answers.
        key: Which trial it is.
        run: Its run's id.
        chat: The local chat model behind it; None where there is none.
        metadata: The task's columns that a query may have.
        limits: What is too much.
        hosts: Names that callers may know this server by, with the port; empty for any.
        secret: What callers must bring as a bearer token; empty for nothing.
        say: Is told of every request, without its texts.
    """

    fitted: Fitted
    key: TrialKey
    run: str
    chat: ChatModel | None = None
    metadata: Collection[str] = ()
    limits: Limits = field(default_factory=Limits)
    hosts: Collection[str] = ()
    secret: str = ""
    say: Callable[[str], object] = print

    @property
    def name(self) -> str:
        """What the chat model is called."""
        return self.key.strategy


def app(service: Service, worker: Worker) -> Starlette:
    """The application."""
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def health(request: Request) -> object:
        key = service.key
        said = {"strategy": key.strategy, "task": key.task, "run": service.run, "waiting": worker.held}
        return {"status": "ok", **said}

    async def predict(request: Request) -> object:
        body = await _json(request, service.limits)
        asked = predicting.queries(body, service.limits, list(service.metadata))
        request.state.texts = len(asked)
        found = await worker.do(lambda: predicting.answers(service.fitted, asked))
        return found if isinstance(body, list) else found[0]

    async def chat(request: Request) -> object:
        body = await _json(request, service.limits)
        model = service.chat
        if model is None:
            said = f"strategy {service.name!r} asks no local chat model: POST /predict answers with it"
            raise Refused(404, said, code="model_not_found")
        asked = chatting.request(body, service.name, service.limits)
        request.state.texts = 1
        return await worker.do(lambda: chatting.complete(model, asked, service.name))

    async def models(request: Request) -> object:
        return chatting.models(service.name if service.chat is not None else None)

    def guarded(do: Callable[[Request], Awaitable[object]]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            began = time.perf_counter()
            request.state.texts = 0
            try:
                _admit(request, service)
                status, body, headers = 200, await do(request), {}
            except Refused as refused:
                status, body, headers = refused.status, refused.body(), refused.headers
            except Exception as error:  # a strategy's code may raise anything; the server goes on
                broken = Refused(500, f"the strategy raised {type(error).__name__}; the server's log has it")
                service.say(f"error: {error!r}")
                status, body, headers = 500, broken.body(), {}
            seconds = time.perf_counter() - began
            service.say(_line(request, status, seconds))
            return JSONResponse(body, status, headers={**_HEADERS, **headers})

        return answer

    return Starlette(
        routes=[
            Route("/health", guarded(health), methods=["GET"]),
            Route("/predict", guarded(predict), methods=["POST"]),
            Route("/v1/models", guarded(models), methods=["GET"]),
            Route("/v1/chat/completions", guarded(chat), methods=["POST"]),
        ]
    )


def _line(request: Request, status: int, seconds: float) -> str:
    """A line for the log: nothing in it is the caller's but the route."""
    texts = request.state.texts
    counted = f" {texts} text{'' if texts == 1 else 's'}" if texts else ""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{stamp} {request.method} {request.url.path} {status}{counted} {seconds * 1000:.0f} ms"


def _admit(request: Request, service: Service) -> None:
    if service.hosts and request.headers.get("host", "").lower() not in service.hosts:
        raise Refused(403, "this server is not known by that name: use the address that `harness serve` printed")
    if service.secret and request.url.path != "/health":
        given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if not secrets.compare_digest(given.encode(), service.secret.encode()):
            raise Refused(401, "bring the key as `Authorization: Bearer …`", code="invalid_api_key")


async def _json(request: Request, limits: Limits) -> object:
    """The body.

    Raises:
        Refused: It is no JSON, does not say so, is too large, or does not come.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(415, "send JSON, with the header Content-Type: application/json")
    try:
        async with asyncio.timeout(limits.body_seconds):
            content = await _body(request, limits)
    except TimeoutError:
        said = f"the body did not come within {limits.body_seconds:g} seconds"
        raise Refused(408, said, code="timeout", headers={"Connection": "close"}) from None
    try:
        found = json.loads(content)
        if b"\\u" in content:  # half of a surrogate pair is JSON and no text that a model could take
            json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Refused(400, "the body holds half of a surrogate pair, which is no text") from None
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not JSON") from None
    return found


async def _body(request: Request, limits: Limits) -> bytes:
    from starlette.requests import ClientDisconnect

    content = bytearray()
    try:
        async for part in request.stream():
            content += part
            if len(content) > limits.body_bytes:
                raise Refused(413, f"the body is larger than {limits.body_bytes:,} bytes", code="too_large")
    except ClientDisconnect:
        raise Refused(400, "the caller went away before the body was whole") from None
    return bytes(content)
