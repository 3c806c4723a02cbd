"""A small real server on this machine whose routes are methods, and that goes wrong where it is told to.

GET  /v1/files/file-1     -> routed to the function that is registered for `/v1/files/([^/]+)`
fault("create", lose=True)   the next call of the route `create` takes effect, and its answer is lost
fault("create", 429)         the next one is refused before it takes effect
"""

from __future__ import annotations

import email.parser
import email.policy
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qs, unquote, urlsplit


class Reply(NamedTuple):
    """What the server sends: JSON unless the body is bytes."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = {}


class Upload(NamedTuple):
    name: str
    content: bytes


@dataclass(frozen=True)
class Asked:
    """A request, as the server got it.

    Attributes:
        route: The name of what served it, such as ``create``; empty where nothing does.
        body: The JSON object; for a form its fields.
        file: What a form uploads.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: dict[str, Any]
    file: Upload | None = None
    route: str = ""


@dataclass
class Fault:
    """What goes wrong at a route.

    Attributes:
        status: Answered in place of the effect; None with `lose`.
        lose: The effect takes place, and the connection breaks off without an answer.
        seconds: It waits so long before it does anything.
        skip: Calls that go well before.
        times: Calls that go wrong.
    """

    route: str
    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    lose: bool = False
    seconds: float = 0.0
    skip: int = 0
    times: int = 1


Handle = Callable[..., Reply]


class Server:
    """Routes requests; a subclass registers its own with `route`.

    Attributes:
        asked: Every request, in the order of arrival.
        faults: What is still to go wrong.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.faults: list[Fault] = []
        self._routes: list[tuple[str, str, re.Pattern[str], Handle]] = []
        self._lock = threading.RLock()
        self._connections: set[socket.socket] = set()
        self._http: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    def route(self, name: str, method: str, pattern: str, handle: Handle) -> None:
        """Registers what serves a path; groups of the pattern are handed on after the request."""
        self._routes.append((name, method, re.compile(pattern), handle))

    def fault(self, route: str, status: int | None = None, message: str = "planted", **more: Any) -> None:
        """Makes something go wrong; `more` are fields of `Fault`, and `code` of the error."""
        code = more.pop("code", None)
        error = {"error": {"message": message, "type": "planted", "param": None, "code": code}}
        self.faults.append(Fault(route, status, more.pop("body", error), **more))

    def made(self, route: str) -> list[Asked]:
        """Requests that this route served, faulty ones included."""
        return [asked for asked in self.asked if asked.route == route]

    @property
    def posts(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.method == "POST"]

    @property
    def root(self) -> str:
        assert self._http is not None, "the server is not open"
        return f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Self:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = False
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._http is not None
        assert self._thread is not None
        self._http.shutdown()
        self._thread.join()
        for held in list(self._connections):
            with suppress(OSError):  # it closed by itself just now
                held.shutdown(socket.SHUT_RDWR)
        self._http.server_close()

    def serve(self, asked: Asked) -> Reply | None:
        """The answer; None where it is lost."""
        for name, method, pattern, handle in self._routes:
            found = pattern.fullmatch(asked.path) if method == asked.method else None
            if found is None:
                continue
            asked = Asked(**{**vars(asked), "route": name})
            with self._lock:
                self.asked.append(asked)
                fault = self._due(name)
            time.sleep(fault.seconds if fault else 0.0)
            if fault is not None and fault.status is not None:
                return Reply(fault.body, fault.status, fault.headers)
            with self._lock:
                reply = handle(asked, *(unquote(part) for part in found.groups()))
            return None if fault is not None and fault.lose else reply
        with self._lock:
            self.asked.append(asked)
        return Reply({"error": {"message": f"no route {asked.method} {asked.path}", "code": "unknown_url"}}, 404)

    def _due(self, route: str) -> Fault | None:
        for fault in self.faults:
            if fault.route == route and fault.skip > 0:
                fault.skip -= 1
                return None
            if fault.route == route and fault.times > 0:
                fault.times -= 1
                return fault
        return None


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: else each answer waits 40 ms for the head to be acknowledged
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            server._connections.add(self.connection)

        def finish(self) -> None:
            super().finish()
            server._connections.discard(self.connection)

        def _answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length") or 0))
            reply = server.serve(_asked(self, content))
            if reply is None:
                self.close_connection = True
                with suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)
                return
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            with suppress(BrokenPipeError, ConnectionResetError):  # the client gave up waiting
                self.send_response(reply.status)
                self.send_header("content-length", str(len(body)))
                for name, value in {"content-type": "application/json", **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815  (the base class's names)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class's name)
            pass

    return Handler


def _asked(handler: BaseHTTPRequestHandler, content: bytes) -> Asked:
    parts = urlsplit(handler.path)
    query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    headers = {name.lower(): value for name, value in handler.headers.items()}
    kind = headers.get("content-type", "")
    body: dict[str, Any] = {}
    file = None
    if kind.startswith("multipart/form-data"):
        head = f"content-type: {kind}\r\n\r\n".encode()
        form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + content)
        for part in form.iter_parts():
            value = part.get_payload(decode=True)
            assert isinstance(value, bytes)
            if part.get_filename() is not None:
                file = Upload(str(part.get_filename()), value)
            else:
                body[str(part.get_param("name", header="content-disposition"))] = value.decode()
    elif content:
        found = json.loads(content)
        body = found if isinstance(found, dict) else {"": found}
    return Asked(handler.command, parts.path, query, headers, body, file)
