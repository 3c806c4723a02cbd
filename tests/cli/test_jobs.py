"""Jobs that go on with their providers: `harness jobs`, and what Ctrl-C does with them."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.api import Run
from harness.testing import ScriptedTuning
from tests.processes import environment
from tests.reviews import TASK

Harness = Callable[..., Any]  # what conftest.py gives

SUITE = (
    TASK.format(test=10)
    + """\
models:
  m: {use: "harness.testing:ScriptedTuning", with: {folder: provider, states: STATES}}
strategies:
  - {name: tuned, use: hosted-finetune, with: {model: m, poll_seconds: 0.05, PARAMS}}
yardsticks: []
latency_sample: 2
"""
)


@pytest.fixture
def write(suite: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Writes the suite with a job of these states."""
    monkeypatch.chdir(suite.parent)

    def written(states: str, params: str) -> None:
        suite.write_text(SUITE.replace("STATES", states).replace("PARAMS", params))

    return written


def provider() -> dict[str, Any]:
    return ScriptedTuning(folder=Path("provider")).provider.read()


def test_a_job_that_is_left_is_listed_looked_at_cancelled_and_deleted(
    write: Callable[[str, str], None], harness: Harness
) -> None:
    write("[waiting, running]", "deadline_hours: 1.0e-6")
    assert "No hosted fine-tuning jobs in the runs in 'results'." in harness("jobs").out
    left = harness("run", "tiny.yaml")
    assert 8 == left.code
    assert "reviews/tuned/0-0: job job-1 is still 'waiting' at scripted after 1e-06 hours" in left.err
    listed = harness("jobs", "latest").out
    assert "job-1" in listed
    assert "scripted  reviews/tuned/0-0  running; at the provider: file-1, file-2" in listed
    looks = provider()["calls"]["job"]
    assert "running" in harness("jobs", "--offline").out
    assert looks == provider()["calls"]["job"], "--offline asks nobody"
    assert "Step 1/2: training" in harness("jobs", "--events", "job-1").out
    assert "has not ended: --cancel it first" in harness("jobs", "--delete", "job-1").err
    cancelled = harness("jobs", "--cancel", "job-1")
    assert (0, True) == (cancelled.code, provider()["jobs"]["job-1"]["cancelled"])
    deleted = harness("jobs", "--delete", "job-1").out
    assert "deleted file file-1\ndeleted file file-2" in deleted
    assert {"file-1", "file-2"} <= set(provider()["deleted"])
    assert "job-1: nothing of it is left at scripted\n" == harness("jobs", "--delete", "job-1").out
    both = harness("jobs", "--cancel", "job-1", "--offline")
    assert (2, "--cancel and --offline do not go together: one at a time\n") == (both.code, both.err)
    assert "did you mean" in harness("jobs", "--events", "jop-1").err.lower()


def test_files_and_model_are_deleted_once_the_run_is_whole(
    write: Callable[[str, str], None], harness: Harness
) -> None:
    write("[running, succeeded]", "deadline_hours: 1.0e-6, delete: all")
    assert 8 == harness("run", "tiny.yaml").code
    assert [] == provider()["deleted"]
    done = harness("run", "tiny.yaml", "--resume")
    assert 0 == done.code, done.err
    assert ["file-1", "file-2", "ft:base:job-1"] == provider()["deleted"]
    assert "deleted with the provider, as the suite says: file file-1" in done.err
    gone = harness("predict", "latest", "tuned", "reviews.csv", "-o", "answers.jsonl")
    assert "was deleted with scripted: start a new run" in gone.err


def test_a_model_that_its_provider_tuned_does_not_count_as_asked_as_it_is(
    write: Callable[[str, str], None], harness: Harness
) -> None:
    write("[succeeded]", "epochs: 1")
    assert 0 == harness("run", "tiny.yaml").code
    [tuned] = Run(next(iter(Path("results").glob("*-tiny")))).compare().tasks[0].strategies
    assert (("m",), ()) == (tuned.tuned, tuned.asked)


def test_the_curve_of_a_job_is_shown(write: Callable[[str, str], None], harness: Harness) -> None:
    write("[succeeded]", "epochs: 3")
    assert 0 == harness("run", "tiny.yaml", "-o", "report.html").code
    shown = harness("show", "latest", "tuned").out
    assert "    train loss           █▄▃▂▂▁▁▁▁  2.000 -> 0.222, 9 steps\n" in shown
    assert "    validation loss      █▃▁  0.833 -> 0.278, 3 steps, lowest 0.278 at step 9\n" in shown
    assert '"curve"' not in shown
    assert ">Training<" in Path("report.html").read_text()


def test_forgetting_a_run_says_what_its_provider_still_has(
    write: Callable[[str, str], None], harness: Harness
) -> None:
    write("[failed]", "epochs: 1")
    assert "the training data is odd" in harness("run", "tiny.yaml").err
    forgotten = harness("forget", "latest", "--yes").out
    assert "  not here: file file-1 at scripted; `harness jobs --delete file-1`" in forgotten
    [book] = Path("results").glob("*/jobs.jsonl")
    assert "the training data is odd" not in book.read_text()
    assert "job-1" in harness("jobs").out


@pytest.mark.parametrize(
    ("typed", "says", "cancelled"),
    [("c\n", "job-1: cancelled", True), ("\x03", "Left to go on", False)],
)
def test_ctrl_c_asks_what_becomes_of_a_job(
    write: Callable[[str, str], None], typed: str, says: str, cancelled: bool
) -> None:
    write("[running]", "epochs: 1")
    said = _interrupted(signal.SIGINT, typed)
    assert "1 job is still running at scripted (job-1)." in said
    assert "[l]eave it (the same command with --resume takes it up) or [c]ancel it? [l]:" in said
    assert says in said
    assert cancelled == bool(provider()["jobs"]["job-1"].get("cancelled"))


def test_a_polite_kill_leaves_a_job_without_asking(write: Callable[[str, str], None]) -> None:
    write("[running]", "epochs: 1")
    said = _interrupted(signal.SIGTERM, "")
    assert "Left to go on: the same command with --resume takes it up, `harness jobs` shows it." in said
    assert "[c]ancel" not in said


def _interrupted(number: signal.Signals, typed: str) -> str:
    """What a run on a terminal says once it is stopped while its job goes on."""
    terminal, inside = pty.openpty()
    command = [sys.executable, "-m", "harness", "run", "tiny.yaml"]
    running = subprocess.Popen(
        command, stdin=inside, stdout=inside, stderr=inside, env=environment(TERM="dumb"), start_new_session=True
    )
    os.close(inside)
    said = ""
    try:
        until = time.monotonic() + 90
        while time.monotonic() < until and not any(Path("results").glob("*/trials/reviews/tuned/0-0/steps/job-*")):
            said += _heard(terminal)
        running.send_signal(number)
        while (
            "?" not in said.partition("still running")[2]
            and "Left to go on" not in said
            and _alive(running, until)
        ):
            said += _heard(terminal)
        if typed == "\x03":
            running.send_signal(signal.SIGINT)
        else:
            os.write(terminal, typed.encode())
        while _alive(running, until):
            said += _heard(terminal)
        said += _heard(terminal)
        assert 130 == running.wait(timeout=10), said
    finally:
        running.kill()
        running.wait()
        os.close(terminal)
    return said.replace("\r\n", "\n")


def _alive(running: subprocess.Popen[bytes], until: float) -> bool:
    assert time.monotonic() < until, "it does not end"
    return running.poll() is None


def _heard(terminal: int) -> str:
    ready, _, _ = select.select([terminal], [], [], 0.05)
    try:
        return os.read(terminal, 65536).decode() if ready else ""
    except OSError:  # the other end is closed
        return ""
