"""A run written by hand, whose answers a test knows; a server of it; and a real browser.

id  text                 target    good             bad              shy
q0  the view was great   positive  positive .9      negative .6      positive .5
q1  a sad bed            negative  negative .8      negative .9      failed
q2  <script>…            positive  positive .7      positive .55     negative .4
q3  the GREAT pool       negative  positive .6      positive .7      negative .9
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

import pytest

import harness
from harness.api import Run
from harness.data.taskdata import DataReport, TaskData
from harness.journal import Journal, replace
from harness.records import (
    Brief,
    Example,
    Exchange,
    Failed,
    Hardware,
    Message,
    Outcome,
    PluginStamp,
    Prediction,
    Query,
    RunHeader,
    TrialHeader,
    TrialKey,
)
from harness.running.runner import Options
from harness.running.store import RunFolder, runs
from harness.viewing.server import Server
from harness.viewing.serving import opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVIL = "<script>document.title='owned'</script>\u202e<img src=x onerror=alert(1)>"
TEXTS = {
    "q0": ("the view was great", "positive", "web"),
    "q1": ("a sad bed", "negative", "mail"),
    "q2": (EVIL, "positive", "mail"),
    "q3": ("the GREAT pool, and a rather long remark about it", "negative", "web"),
}
Said = tuple[str, float]
ANSWERS: dict[str, dict[str, Said]] = {
    "good": {"q0": ("positive", 0.9), "q1": ("negative", 0.8), "q2": ("positive", 0.7), "q3": ("positive", 0.6)},
    "bad": {"q0": ("negative", 0.6), "q1": ("negative", 0.9), "q2": ("positive", 0.55), "q3": ("positive", 0.7)},
    "shy": {"q0": ("positive", 0.5), "q1": ("", 0.0), "q2": ("negative", 0.4), "q3": ("negative", 0.9)},
}


def write_run(
    path: Path,
    texts: Mapping[str, tuple[str, str, str]] = TEXTS,
    answers: Mapping[str, Mapping[str, Said]] = ANSWERS,
    seeds: Sequence[int] = (0,),
) -> RunFolder:
    """A run with one task; every seed answers alike, but the second says `negative` to everything."""
    path.mkdir(parents=True)
    folder = RunFolder(path)
    test = tuple(
        Example(query=Query(id=name, text=text, metadata={"channel": channel}), targets=(target,))
        for name, (text, target, channel) in texts.items()
    )
    brief = Brief(name="t", instructions="?", kind="label", labels={"positive": "", "negative": ""})
    data = TaskData(brief=brief, train=(), validation=(), test=test, fingerprint="f", report=DataReport())
    folder.write_task(data, "accuracy")
    folder.write_suite({"name": "made", "strategies": [{"name": name} for name in answers]})
    folder.write_header(
        RunHeader(
            id=folder.id,
            name="made",
            suite_path="made.yaml",
            suite_folder=".",
            started=NOW,
            versions={},
            hardware=Hardware(cores=1, cpu="c", memory_gib=1, platform="p"),
            seeds=tuple(seeds),
        )
    )
    for strategy, said in answers.items():
        for seed in seeds:
            write_trial(folder, TrialKey(task="t", strategy=strategy, seed=seed), texts, said)
    return folder


def write_trial(
    folder: RunFolder, key: TrialKey, texts: Mapping[str, tuple[str, str, str]], said: Mapping[str, Said]
) -> None:
    stamp = PluginStamp(name="p", version="1", sha256="0")
    header = TrialHeader(key=key, use="prompt", params={}, plugin=stamp, status="finished", started=NOW)
    path = folder.trial(key).path
    replace(path / "trial.json", header.model_dump_json())
    journal = Journal(path / "outcomes.jsonl")
    for name, (answer, sure) in reversed(list(said.items())):
        told = "negative" if key.seed else answer
        result: Prediction | Failed = Failed(query_id=name, kind="too-long", error=EVIL)
        if answer:
            result = Prediction(query_id=name, answers=(told,), probabilities={told: sure, "other": 1 - sure})
        sent = Exchange(model="m", messages=(Message(role="user", content=f"asked: {texts[name][0]}"),), text=EVIL)
        journal.append(
            Outcome(
                query_id=name,
                result=result,
                score=float(told == texts[name][1]) if answer else None,
                phase="bulk",
                exchanges=(sent,),
                at=NOW,
            )
        )
    journal.close()


@pytest.fixture
def made(tmp_path: Path) -> RunFolder:
    return write_run(tmp_path / "results" / "made")


@pytest.fixture
def ran(suite: Path) -> Path:
    """The results of a real run of the tiny suite."""
    harness.run(suite, options=Options(results=suite.parent / "results"))
    return suite.parent / "results"


class Serving(NamedTuple):
    """A server at work."""

    server: Server
    results: Path

    @property
    def url(self) -> str:
        return self.server.url


@pytest.fixture
def serve() -> Iterator[Callable[[Path], Serving]]:
    """Serves a results folder on a free port until the test ends."""
    open_now = []

    def start(results: Path) -> Serving:
        context = opened(lambda: runs(results), lambda folder: Run(folder).rows(), results=results, port=0)
        server = context.__enter__()
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        open_now.append((context, server, thread))
        return Serving(server, results)

    yield start
    for context, server, thread in open_now:
        server.shutdown()
        thread.join()
        context.__exit__(None, None, None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium or Chrome."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    missing = "" if found else "there is no chromium or google-chrome on the PATH"
    if find_spec("playwright") is None:
        missing = "playwright is not installed"
    if missing and os.environ.get("HARNESS_BROWSER_REQUIRED") == "1":
        pytest.fail(f"HARNESS_BROWSER_REQUIRED is set, and {missing}")
    if missing:
        pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in which an error or a refused script fails the test."""
    context = browser.new_context()
    opened_page = context.new_page()
    opened_page.set_default_timeout(15_000)
    said: list[str] = []
    opened_page.on("pageerror", lambda error: said.append(str(error)))
    opened_page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    yield opened_page
    context.close()
    assert [] == said
