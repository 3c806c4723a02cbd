"""A whole private run with real models, in a process that has no network and notes every attempt to reach one."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from harness.api import Run
from tests.reviews import write_rows

SUITE = """\
name: private
privacy: local
tasks:
  - name: reviews
    kind: label
    instructions: Is this review positive or negative?
    labels: [positive, negative]
    data:
      path: reviews.csv
      columns: {text: text, target: label, id: id}
      splits: {train: 10, validation: 6, test: 8}
models:
  chat: {use: transformers, with: {weights: smollm2-135m-instruct}}
  e: {use: sentence-transformers, with: {weights: all-minilm-l6-v2}}
strategies:
  - {name: asks, use: prompt, with: {model: chat}}
  - {name: near, use: knn, with: {embedder: e}}
yardsticks: [tf-idf]
latency_sample: 2
"""

# Python imports this before all else. It refuses nothing itself: it notes what is asked for, whoever asks.
RECORDER = """\
import os, sys
def heard(event, args):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        where = args[1]
        host = where[0] if isinstance(where, tuple) else "localhost"
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = args[0]
    else:
        return
    if host not in (None, "", "localhost", "127.0.0.1", "::1"):
        with open(os.environ["ATTEMPTS"], "a") as out:
            out.write(f"{event} {host}\\n")
sys.addaudithook(heard)
"""


def _unconnected() -> list[str]:
    """What starts a command in a network of its own, which has nothing in it, where the machine allows that."""
    words = ["unshare", "--net", "--map-root-user"]
    there = shutil.which("unshare") is not None
    works = there and subprocess.run([*words, "true"], check=False, capture_output=True).returncode == 0
    return words if works else []


def _python(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "hook").mkdir(exist_ok=True)
    (folder / "hook" / "sitecustomize.py").write_text(RECORDER)
    attempts = folder / "attempts"
    attempts.touch()
    path = os.pathsep.join([str(folder / "hook"), *filter(None, sys.path)])
    env = {**os.environ, "PYTHONPATH": path, "ATTEMPTS": str(attempts)}
    # Whoever asked for a page would be sent here: the run must not even look.
    env |= {"HTTP_PROXY": "http://proxy.invalid:3128", "HTTPS_PROXY": "http://proxy.invalid:3128"}
    command = [*_unconnected(), sys.executable, *words]
    return subprocess.run(command, check=False, cwd=folder, env=env, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a private run that was made without a network, and what the command said."""
    folder = tmp_path_factory.mktemp("private")
    write_rows(folder)
    (folder / "private.yaml").write_text(SUITE)
    before = os.umask(0)  # the run must not rely on the user's
    try:
        ended = _python(folder, "-m", "harness", "run", "private.yaml")
    finally:
        os.umask(before)
    assert 0 == ended.returncode, ended.stderr
    return folder, ended.stderr


def test_a_private_run_ends_without_a_single_attempt_to_reach_beyond_this_machine(
    private: tuple[Path, str],
) -> None:
    folder, said = private
    assert "" == (folder / "attempts").read_text()
    assert "were refused" not in said
    [run] = (folder / "results").glob("*/run.json")
    assert {"asks": 8, "near": 8, "tf-idf": 8} == {row.strategy: row.n for row in Run(run.parent).rows()}


def test_the_recorder_hears_an_attempt(tmp_path: Path) -> None:
    ended = _python(tmp_path, "-c", "import urllib.request; urllib.request.urlopen('http://example.com')")
    assert 0 != ended.returncode
    assert "socket.getaddrinfo proxy.invalid\n" == (tmp_path / "attempts").read_text()


def test_all_that_a_run_writes_is_its_owners_alone(private: tuple[Path, str]) -> None:
    results = private[0] / "results"
    places = [results, *results.rglob("*")]
    assert len(places) > 30
    open_to_others = {str(p): oct(p.stat().st_mode) for p in places if stat.S_IMODE(p.stat().st_mode) & 0o077}
    assert {} == open_to_others
