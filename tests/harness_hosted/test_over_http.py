"""The whole way over HTTP: OpenAI's adapter and a server that kills the run while it serves it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.calls.ledger import entries
from harness.running.store import runs
from tests.processes import environment
from tests.reviews import TASK
from tests.servers.http import Asked, Reply
from tests.servers.tuning import TuningServer

SUITE = (
    TASK.format(test=8)
    + """\
models:
  base: {use: openai, with: {model: gpt-4.1-mini, base_url: "URL"}}
strategies:
  - {name: tuned, use: hosted-finetune, with: {model: base, epochs: 2, poll_seconds: 0.05}}
yardsticks: []
latency_sample: 2
"""
)


# As `harness run` does, without the report at the end.
SCRIPT = """\
import sys
from pathlib import Path
from harness.api import load_suite, resumable, run
from harness.running.runner import Options

loaded, results = load_suite(sys.argv[1]), Path(sys.argv[2])
resume = resumable(loaded, results) if "--resume" in sys.argv else None
run(loaded, options=Options(results=results, resume=resume))
"""


class Killer(TuningServer):
    """Kills the process that asks it, once at each place of its plan: the effect stands, its answer is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = lambda model, messages: "positive" if "great" in messages[-1]["content"] else "negative"
        self.plan: list[str] = []
        self.victim: subprocess.Popen[str] | None = None

    def upload(self, asked: Asked) -> Reply:
        return self._strike("upload", super().upload(asked))

    def create(self, asked: Asked) -> Reply:
        return self._strike("create", super().create(asked))

    def chat(self, asked: Asked) -> Reply:
        return self._strike("chat", super().chat(asked))

    def _strike(self, place: str, reply: Reply) -> Reply:
        if self.plan[:1] == [place] and self.victim is not None:
            del self.plan[0]
            self.victim.send_signal(signal.SIGKILL)
            self.victim.wait()
        return reply


@pytest.fixture
def server() -> Iterator[Killer]:
    running = Killer()
    with running:
        yield running


def test_a_run_that_is_killed_while_the_provider_serves_it_pays_once(server: Killer, suite: Path) -> None:
    suite.write_text(SUITE.replace("URL", server.url))
    server.plan = ["upload", "create", "chat"]
    for attempt in range(4):
        code = _run(server, suite, *(["--resume"] if attempt else []))
        assert (0 if attempt == 3 else -signal.SIGKILL) == code, (attempt, server.plan)
    posted = [asked.route for asked in server.posts if asked.route != "chat"]
    assert ["upload", "upload", "create"] == posted, "one training file, one validation file, one job"
    [folder] = runs(suite.parent / "results")
    [trial] = folder.trials()
    assert ("finished", 8) == (trial.header.status, trial.answered())
    [training] = [e.usage for e in entries(trial.path / "ledger.jsonl") if e.usage.training_tokens]
    assert server.trained_tokens == training.training_tokens
    [created] = server.made("create")
    assert created.body["metadata"]["harness_key"].startswith(f"{folder.id}/reviews/tuned/0-0/job~")
    [curve] = [step.result["curve"] for step in trial.steps() if step.name == "tuned"]  # type: ignore[index, call-overload]
    assert curve
    asked = server.made("chat")[-1].body
    assert "response_format" not in asked, "a tuned model is asked in the form that it has learnt to answer in"
    lines = [json.loads(line) for file in list(server.files.values())[:1] for line in file.content.splitlines()]
    assert (
        asked["messages"][0]["content"].rpartition("\n")[0]
        == (lines[0]["messages"][0]["content"].rpartition("\n")[0])
    )


def _run(server: Killer, suite: Path, *more: str) -> int:
    server.victim = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, suite, suite.parent / "results", *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=suite.parent,
        env=environment(),
    )
    said, _ = server.victim.communicate(timeout=120)
    if server.victim.returncode not in (0, -signal.SIGKILL):
        raise AssertionError(said)
    return server.victim.returncode
