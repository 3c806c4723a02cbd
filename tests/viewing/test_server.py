"""Who may read, and what every answer carries."""

from __future__ import annotations

import socket
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from harness.errors import SuiteError
from harness.running.store import RunFolder
from harness.viewing.keys import key
from harness.viewing.server import Reply, Server

from .conftest import Serving

Serve = Callable[[Path], Serving]


def ask(server: Server, path: str, host: str = "", method: str = "GET") -> HTTPResponse:
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.request(method, path, headers={"Host": host or f"127.0.0.1:{server.server_port}"})
    reply = connection.getresponse()
    reply.read()
    connection.close()
    return reply


@pytest.fixture
def server(made: RunFolder, serve: Serve) -> Server:
    return serve(made.path.parent).server


def test_only_this_machine_reaches_it(server: Server) -> None:
    assert "127.0.0.1" == server.socket.getsockname()[0]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil"]
)
def test_another_name_for_this_machine_is_refused(server: Server, host: str) -> None:
    assert 403 == ask(server, f"/{server.key}/", host.format(port=server.server_port)).status


def test_localhost_is_this_machine(server: Server) -> None:
    assert 200 == ask(server, f"/{server.key}/", f"localhost:{server.server_port}").status


@pytest.mark.parametrize(
    "path", ["/", "/run/made", "/static/view.css", "/wrong/run/made", "/favicon.ico", "/open/x"]
)
def test_without_the_key_nothing_is_shown(server: Server, path: str) -> None:
    assert 403 == ask(server, path).status


def test_a_key_that_begins_alike_is_refused(server: Server) -> None:
    assert 403 == ask(server, f"/{server.key[:-1]}/").status
    assert 403 == ask(server, f"/{server.key}x/").status


@pytest.mark.parametrize(
    "path",
    [
        "static/../pages.py",
        "static/%2e%2e%2fpages.py",
        "run/..",
        "run/%2e%2e/task/t",
        "run/made/task/..%2f..%2fx",
        "x",
    ],
)
def test_nothing_beside_the_pages_is_served(server: Server, path: str) -> None:
    assert 404 == ask(server, f"/{server.key}/{path}").status


@pytest.mark.parametrize("path", ["", "run/made/task/t", "static/view.js", "nowhere"])
def test_every_answer_forbids_foreign_scripts_frames_and_copies(server: Server, path: str) -> None:
    reply = ask(server, f"/{server.key}/{path}")
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "nosniff" == reply.headers["X-Content-Type-Options"]
    assert "no-referrer" == reply.headers["Referrer-Policy"]
    assert "no-store" == reply.headers["Cache-Control"]


def test_a_browser_is_let_in_once_by_a_ticket(server: Server) -> None:
    path = server.ticket().removeprefix(server.origin)
    assert server.key not in path
    first = ask(server, path)
    assert (303, f"/{server.key}/") == (first.status, first.headers["Location"])
    assert 403 == ask(server, path).status


def test_head_has_no_body_and_other_methods_are_refused(server: Server) -> None:
    assert 200 == ask(server, f"/{server.key}/", method="HEAD").status
    assert 501 == ask(server, f"/{server.key}/", method="POST").status


def test_a_port_that_is_taken_is_said_and_without_a_wish_another_is_found() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SuiteError, match=r"cannot be used.*--port 0"):
            Server(lambda path, query: Reply(b""), "key", taken.getsockname()[1])


def test_the_key_is_kept_for_its_owner_so_that_bookmarks_last(tmp_path: Path) -> None:
    kept = key(tmp_path)
    assert 43 == len(kept)
    assert kept == key(tmp_path)
    assert 0o600 == (tmp_path / ".view-key").stat().st_mode & 0o777


def test_a_key_that_others_may_read_or_that_is_no_key_is_not_trusted(tmp_path: Path) -> None:
    kept = key(tmp_path)
    (tmp_path / ".view-key").chmod(0o644)
    assert kept != key(tmp_path)
    (tmp_path / ".view-key").chmod(0o600)
    (tmp_path / ".view-key").write_text("short")
    assert 43 == len(key(tmp_path))
    assert key(tmp_path / "nowhere") != key(tmp_path / "nowhere")
