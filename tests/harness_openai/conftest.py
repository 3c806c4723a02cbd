"""A small real endpoint on this machine that answers as it is told, one response for each request."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from harness import CallFailed, Completion, Request
from harness.models import Endpoint
from harness_openai.model import OpenAIChat

KEY = "sk-planted/0123456789+secret"


class Response(NamedTuple):
    """What the server sends: a status, headers, and a body that is JSON unless it is bytes."""

    body: Any
    status: int = 200
    headers: dict[str, str] = {}  # noqa: RUF012  (never changed)
    slow_seconds: float = 0.0
    cut_off: bool = False


class Received(NamedTuple):
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


Answer = Response | Callable[[Received], Response]


class FakeServer:
    """Answers the nth request with the nth of its script, and every later one with the last."""

    def __init__(self) -> None:
        self.script: list[Answer] = []
        self.received: list[Received] = []
        self.connections: set[socket.socket] = set()  # that clients hold open
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                outer.connections.add(self.connection)

            def finish(self) -> None:
                super().finish()
                outer.connections.discard(self.connection)

            def do_POST(self) -> None:
                length = int(self.headers.get("content-length", 0))
                body = json.loads(self.rfile.read(length))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self._send(outer._next(Received(self.path, headers, body)))

            def _send(self, response: Response) -> None:
                is_bytes = isinstance(response.body, bytes)
                content = response.body if is_bytes else json.dumps(response.body).encode()
                time.sleep(response.slow_seconds)
                try:
                    self.send_response(response.status)
                    if "content-type" not in response.headers:
                        self.send_header("content-type", "application/json")
                    for name, value in response.headers.items():
                        self.send_header(name, value)
                    self.send_header("content-length", str(len(content) + (100 if response.cut_off else 0)))
                    self.end_headers()
                    self.wfile.write(content)
                    self.close_connection = response.cut_off
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True  # the client gave up waiting

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class's name)
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = False
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def says(self, body: object, status: int = 200, **more: Any) -> None:
        """Adds a response to the script; `more` are fields of Response."""
        self.script.append(Response(body, status, **more))

    def does(self, answer: Callable[[dict[str, Any]], tuple[object, int]]) -> None:
        """Adds a function from a request's body to the body and status of its response."""
        self.script.append(lambda received: Response(*answer(received.body)))

    def chat(self, **params: Any) -> OpenAIChat:
        return OpenAIChat.model_validate({"model": "m", "base_url": self.url, **params})

    def ask(self, *requests: Request, **params: Any) -> list[Completion]:
        """Sends requests one after the other through one endpoint."""

        async def all_of_them(endpoint: Endpoint) -> list[Completion]:
            try:
                return [await endpoint.send(request) for request in requests]
            finally:
                await endpoint.close()

        with self.chat(**params).open() as opened:
            assert opened.endpoint is not None
            return asyncio.run(all_of_them(opened.endpoint))

    def failure(self, request: Request, **params: Any) -> CallFailed:
        """The error that a request ends in."""
        with pytest.raises(CallFailed) as caught:
            self.ask(request, **params)
        assert caught.value.__context__ is None  # a traceback would print the client's own error
        return caught.value

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [received.body for received in self.received]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        for held in list(self.connections):
            with suppress(OSError):  # it closed by itself just now
                held.shutdown(socket.SHUT_RDWR)
        self._server.server_close()

    def _next(self, received: Received) -> Response:
        with self._lock:
            answer = self.script[min(len(self.received), len(self.script) - 1)]
            self.received.append(received)
        return answer if isinstance(answer, Response) else answer(received)


@pytest.fixture
def server() -> Iterator[FakeServer]:
    running = FakeServer()
    try:
        yield running
    finally:
        running.close()


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    """The key that the environment holds."""
    for name in ("OPENAI_CUSTOM_HEADERS", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    return KEY


@pytest.fixture
def train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A training file; the token of Azure Resource Manager is in the environment."""
    monkeypatch.setenv("ARM", "arm-token")
    path = tmp_path / "train.jsonl"
    path.write_text('{"messages": []}\n')
    return path
