"""Who may ask, and how it is answered.

    http://127.0.0.1:8765/Jx…u4/run/2026-11-21-0915-sentiment     the page
    http://127.0.0.1:8765/run/2026-11-21-0915-sentiment           403: no key
    Host: evil.example                                            403: another name for this machine

Only this machine reaches the port. The key in the path keeps its other users out, and the Host header pages of
other sites whose name was pointed here.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import NamedTuple
from urllib.parse import urlsplit

from harness.errors import SuiteError

HOST = "127.0.0.1"
PORT = 8765
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Reply(NamedTuple):
    """What a page answers.

    Attributes:
        body: Its bytes.
        status: HTTP's.
        type: The content's.
    """

    body: bytes
    status: HTTPStatus = HTTPStatus.OK
    type: str = "text/html; charset=utf-8"


Respond = Callable[[str, str], Reply]


class Server(ThreadingHTTPServer):
    """Serves pages to whoever has the key, on this machine alone.

    Args:
        respond: From the path below the key and the query to the page.
        key: What the path must begin with; hard to guess.
        port: 0 for any that is free; None for the usual one, or any where that is taken.

    Raises:
        SuiteError: The port is taken.
    """

    daemon_threads = True
    # Another process must not be able to take the port over; on Linux this only skips the wait after a stop.
    allow_reuse_address = True

    def __init__(self, respond: Respond, key: str, port: int | None = None) -> None:
        self.respond = respond
        self.key = key
        self._tickets: set[str] = set()
        self._lock = Lock()
        try:
            super().__init__((HOST, PORT if port is None else port), _Handler)
        except OSError as error:
            if port is not None:
                said = f"port {port} cannot be used: {error.strerror or error}. Give another, or --port 0 for any"
                raise SuiteError(said) from None
            super().__init__((HOST, 0), _Handler)

    @property
    def origin(self) -> str:
        return f"http://{HOST}:{self.server_port}"

    @property
    def url(self) -> str:
        """Where the pages begin; whoever knows it may read them."""
        return f"{self.origin}/{self.key}/"

    def ticket(self) -> str:
        """A URL that leads there once.

        A browser's command line is seen by every user of the machine, so the key must not stand on it.
        """
        name = secrets.token_urlsafe(18)
        with self._lock:
            self._tickets.add(name)
        return f"{self.origin}/open/{name}"

    def redeem(self, name: str) -> bool:
        """Whether it was a ticket that nobody has used."""
        with self._lock:
            if name in self._tickets:
                self._tickets.remove(name)
                return True
            return False


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "harness"
    sys_version = ""
    timeout = 60  # seconds that an idle connection is held

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base's name)
        """Paths hold the key: nothing is logged."""

    def _answer(self, *, body: bool) -> None:
        port = self.server.server_port
        if self.headers.get("Host", "").lower() not in (f"{HOST}:{port}", f"localhost:{port}"):
            return self._send(_refused("This address is not the one that `harness view` printed."), body=body)
        asked = urlsplit(self.path)
        first, _, rest = asked.path.lstrip("/").partition("/")
        if first == "open" and body and self.server.redeem(rest):
            return self._redirect(f"/{self.server.key}/")
        if not secrets.compare_digest(first.encode(), self.server.key.encode()):
            return self._send(_refused("Open the address that `harness view` printed: it holds a key."), body=body)
        if "/" not in asked.path.lstrip("/"):
            return self._redirect(f"/{self.server.key}/")
        return self._send(self.server.respond(rest, asked.query), body=body)

    def _redirect(self, to: str) -> None:
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self._end()

    def _send(self, reply: Reply, *, body: bool) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.type)
        self.send_header("Content-Length", str(len(reply.body)))
        self._end()
        if body:
            self.wfile.write(reply.body)

    def _end(self) -> None:
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):  # the browser went on to another page
            self.close_connection = True


def _refused(message: str) -> Reply:
    return Reply(f"{message}\n".encode(), HTTPStatus.FORBIDDEN, "text/plain; charset=utf-8")
