"""`harness serve` as a user starts it, on a free port."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

import harness
from harness.running.runner import Options
from tests.reviews import write_rows

SUITE = """\
name: tiny
privacy: local
tasks:
  - name: reviews
    kind: label
    instructions: Is this review positive or negative?
    labels: [positive, negative]
    data:
      path: reviews.csv
      columns: {text: text, target: label, id: id, metadata: [place]}
      splits: {train: 20, validation: 10, test: 30}
models:
  m:
    use: "harness.testing:ScriptedModel"
    with: {replies: {great: positive, Bonjour: Salut}, otherwise: negative}
strategies:
  - {name: asks, use: prompt, with: {model: m}}
latency_sample: 1
"""

Serve = Callable[..., AbstractContextManager[str]]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run's folder, with the suite beside it."""
    home = tmp_path_factory.mktemp("served")
    write_rows(home, place="here")
    (home / "tiny.yaml").write_text(SUITE)
    return harness.run(home / "tiny.yaml", options=Options(results=home / "results")).folder.path


@pytest.fixture(scope="session")
def serve(folder: Path) -> Serve:
    """Starts a server and gives its address; leaving ends it with Ctrl-C, which must be calm."""

    @contextmanager
    def started(*words: str) -> Iterator[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "harness", "serve", str(folder), *words, "--port", "0"],
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stderr is not None
            yield process.stderr.readline().split()[0]
            process.send_signal(signal.SIGINT)
            said, told = process.communicate(timeout=60)
            assert (0, "") == (process.returncode, said), told
            assert "Ended." in told
            assert "room" not in told  # no text of a caller is logged
        finally:
            process.kill()
            process.wait()

    return started


@pytest.fixture(scope="session")
def server(serve: Serve) -> Iterator[str]:
    with serve("asks", "--max-texts", "3", "--max-characters", "200") as url:
        yield url
