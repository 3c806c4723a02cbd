"""`harness view` as a user starts and ends it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

import harness as package
from harness.running.runner import Options

Harness = Callable[..., Any]  # what conftest.py gives


def test_it_prints_its_address_serves_and_ends_calmly(suite: Path) -> None:
    package.run(suite, options=Options(results=suite.parent / "results"))
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "view", "latest", "--port", "0", "--no-open"],
        cwd=suite.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{43}/", url)
        with urlopen(url, timeout=20) as reply:
            assert "tiny" in reply.read().decode()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert (0, "") == (process.returncode, err)
    assert "Ended." in out


def test_a_run_that_is_not_there_is_said(
    harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = harness("view", "latest", "--no-open")
    assert 7 == done.code
    assert "there is no run 'latest'" in done.err
