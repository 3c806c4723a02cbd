"""The switches, the closed sockets, and that all is as before afterwards."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from harness.privacy.addresses import is_loopback
from harness.privacy.owner import close_off, owner_only
from harness.privacy.staying import refused, staying
from harness.privacy.switches import OFFLINE, SILENT


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
def test_the_loopback_device_is_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "localhost.example.com", "127.0.0.1.nip.io", "localhost.", "0.0.0.0", "::", "::ffff:8.8.8.8", "127.1",
        "2130706433", "0x7f000001", "", "10.0.0.1", "192.168.0.2", "169.254.169.254", "example.com", "fe80::1",
    ],
)  # fmt: skip
def test_a_name_or_number_that_may_be_another_machine_is_not(host: str) -> None:
    assert not is_loopback(host)


def test_in_a_private_run_libraries_are_offline_and_use_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    before = dict(os.environ)
    with staying("local"):
        assert {**SILENT, **OFFLINE} == {name: os.environ.get(name) for name in {**SILENT, **OFFLINE}}
    assert before == dict(os.environ)


def test_in_an_open_run_usage_statistics_are_off_unless_the_user_wants_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in SILENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DO_NOT_TRACK", "0")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    before = dict(os.environ)
    with staying("open"):
        assert {**SILENT, "DO_NOT_TRACK": "0"} == {name: os.environ[name] for name in SILENT}
        assert "http://proxy.example:3128" == os.environ["HTTP_PROXY"]
        assert "HF_HUB_OFFLINE" not in os.environ
    assert before == dict(os.environ)


def test_the_strictest_of_what_is_under_way_holds_until_the_last_of_it_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    before = dict(os.environ)
    first, private, second = staying("open"), staying("local"), staying("open")
    first.__enter__()
    private.__enter__()
    first.__exit__(None, None, None)
    assert "1" == os.environ["HF_HUB_OFFLINE"]
    second.__enter__()
    private.__exit__(None, None, None)
    assert ("1", None) == (os.environ["HF_HUB_DISABLE_TELEMETRY"], os.environ.get("HF_HUB_OFFLINE"))
    second.__exit__(None, None, None)
    assert before == dict(os.environ)


def test_a_library_that_is_loaded_already_is_told_and_told_back() -> None:
    constants = pytest.importorskip("huggingface_hub.constants")
    before = constants.HF_HUB_OFFLINE
    with staying("local"):
        assert constants.is_offline_mode()
    assert before == constants.HF_HUB_OFFLINE


def test_a_library_that_is_loaded_meanwhile_goes_online_again_afterwards() -> None:
    code = (
        "from harness.privacy.staying import staying\n"
        "with staying('local'):\n    from huggingface_hub import constants\n    assert constants.HF_HUB_OFFLINE\n"
        "print(constants.HF_HUB_OFFLINE)"
    )
    env = {name: value for name, value in os.environ.items() if name not in OFFLINE}
    path = os.pathsep.join(filter(None, sys.path))
    said = subprocess.run(
        [sys.executable, "-c", code], env={**env, "PYTHONPATH": path}, capture_output=True, text=True, check=True
    )
    assert "False\n" == said.stdout


def test_a_connection_beyond_this_machine_is_refused_and_told() -> None:
    with socket.socket() as client, staying("local"), pytest.raises(PermissionError, match="privacy is local"):
        client.connect(("192.0.2.1", 9))
    with staying("local"), pytest.raises(PermissionError, match=r"example\.com"):
        socket.getaddrinfo("example.com", 80)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender, staying("local"):
        with pytest.raises(PermissionError):
            sender.sendto(b"text", ("192.0.2.1", 53))
        said = refused()
    assert said is not None
    assert said.startswith(
        "privacy is local: 1 attempts to reach beyond this machine were refused: 192.0.2.1 port 53"
    )


def test_a_server_on_this_machine_is_reached_in_a_private_run() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, staying("local"):
        with socket.create_connection(("localhost", server.getsockname()[1])) as client:
            client.sendall(b"text")
        left, right = socket.socketpair()
        left.close()
        right.close()
    assert refused() is None


def test_what_is_made_meanwhile_is_its_owners_alone(tmp_path: Path) -> None:
    with owner_only():
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "b").touch()
    assert [0o700, 0o600] == [p.stat().st_mode & 0o777 for p in (tmp_path / "a", tmp_path / "a" / "b")]
    for place in (tmp_path / "a", tmp_path / "a" / "b"):
        place.chmod(0o755)
    close_off(tmp_path / "a")
    assert [0o700, 0o700] == [p.stat().st_mode & 0o777 for p in (tmp_path / "a", tmp_path / "a" / "b")]
