"""A strategy that keeps a diary of what it was asked, in runs that are killed at a moment of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.running.store import RunFolder, runs

SUITE = "SUITE"
RESUME = ("harness", "run", SUITE, "--resume", "--no-cache")

DIARIST = '''
"""Answers by a rule, slowly, with probabilities; writes down what it did."""
import time
from contextlib import contextmanager
from pathlib import Path
from harness import Prediction, Record, Strategy, Usage


class Done(Record):
    rows: int


class Diarist(Strategy):
    diary: str
    seconds: float = 0.0
    raises_at: str = ""

    @contextmanager
    def prepare(self, brief, train, validation, context):
        def work():
            self.write(f"prepare {brief.instructions} {len(train)}+{len(validation)} {context.key}")
            with context.spend(Usage(model="this", device_seconds=2.0)) as spending:
                spending.actual(Usage(model="this", device_seconds=1.0))
            return Done(rows=len(train))

        context.step("work", Done, work)
        yield self

    def answer(self, queries):
        for query in queries:
            time.sleep(self.seconds)
            self.write(query.id)
            if self.raises_at and self.raises_at in query.id:
                raise RuntimeError("no luck")
            good = "great" in query.text or "lovely" in query.text
            yield Prediction(
                query_id=query.id,
                answers=("positive" if good else "negative",),
                probabilities={"positive": 0.9, "negative": 0.1} if good else {"positive": 0.2, "negative": 0.8},
            )

    def write(self, line):
        with Path(self.diary).open("a") as diary:
            diary.write(line + "\\n")
'''


class Diarists:
    """The tiny suite with a strategy that keeps a diary.

    Args:
        suite: The suite's file; it is changed.
    """

    def __init__(self, suite: Path) -> None:
        self.suite = suite
        self.diary = suite.parent / "diary"
        self.results = suite.parent / "results"

    def add(self, more: str = "", **params: object) -> None:
        """Puts it into the suite, and `more` behind the suite's other fields of its own."""
        (self.suite.parent / "diarist.py").write_text(DIARIST)
        given = "".join(f", {name}: {value}" for name, value in params.items())
        entry = f'  - {{name: diarist, use: "./diarist.py:Diarist", with: {{diary: "{self.diary}"{given}}}}}\n'
        text = self.suite.read_text().replace("latency_sample", entry + "latency_sample")
        self.suite.write_text(text + more)

    def lines(self) -> list[str]:
        return self.diary.read_text().splitlines() if self.diary.exists() else []

    def killed_at(self, moments: Sequence[int], **options: object) -> RunFolder:
        """Runs it in another process and kills that each time the diary has so many lines; taken up each time.

        Args:
            moments: Numbers of lines.
            options: Of the run, as the runner's `Options`.
        """
        told = "".join(f", {name}={value!r}" for name, value in {"strategies": ("diarist",), **options}.items())
        begin = (
            "import harness; from pathlib import Path; from harness.running.runner import Options;"
            f" harness.run({self.suite.name!r}, options=Options(results=Path('results'), cache=False{told}))"
        )
        for moment in moments:
            resume = self.results.exists() and bool(runs(self.results))
            process = self._start("-m", *self._resume()) if resume else self._start("-c", begin)
            until = time.monotonic() + 60
            while len(self.lines()) < moment:
                assert process.poll() is None, f"it ended before line {moment}: {process.communicate()}"
                assert time.monotonic() < until, f"it never came to line {moment}: {self.lines()[-3:]}"
                time.sleep(0.005)
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
        return runs(self.results)[-1]

    def _resume(self) -> list[str]:
        """By the suite, as a user would; a run of several sizes is none that `run` looks for, so by its folder."""
        run = runs(self.results)[-1]
        return [str(run.path) if word == SUITE and run.header.sizes else word for word in RESUME]

    def taken_up(self) -> None:
        """Ends a killed run by the command line, as a user would."""
        process = self._start("-m", *self._resume())
        _, said = process.communicate(timeout=60)
        assert 0 == process.returncode, said

    def _start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *(self.suite.name if word == SUITE else word for word in words)],
            cwd=self.suite.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def diarists(suite: Path) -> Diarists:
    return Diarists(suite)
