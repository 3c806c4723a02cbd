"""What a run costs for each API call, beside the call: `python -m benchmarks.speed.api`, some fifteen minutes.

An endpoint on this machine answers at once, so that all the time is the client's. Each side asks the same 5,000
questions and then the same 1,000 of them, 20 at a time, from nothing cached: the difference has no start-up in it.

ours        harness run --jobs 20, cache and journals on, its own baselines and its report included
promptfoo   promptfoo eval -j 20, as it comes
inspect-ai  inspect eval --max-connections 20 -M responses_api=false, as it comes
bare        one process that does nothing but ask, with openai's own client on its aiohttp transport

CPU is a process's user and system seconds with those of its children; the endpoint's are not in it.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks.speed import api_answers, api_files
from benchmarks.speed.peers import PINNED, npm_peer, python_peer
from benchmarks.speed.ratios import Line, alternating, keep, paired

HERE = Path(__file__).parent
MANY, FEW = 5000, 1000
_WORK = f"{MANY - FEW:,} calls, 20 at a time"
_SAME = f"{MANY:,} of {MANY:,}"
_NODE = "node@22.23.3"  # promptfoo wants 22.22 at least
_OPENAI = "openai==3.52.0"
_CONTENT_FREE = 3  # prompts that ours calibrates with

Answers = Mapping[str, str]  # by row


class Cost(NamedTuple):
    """Of one whole process, or what one took more than another."""

    seconds: float
    cpu: float


class Side(NamedTuple):
    """Who asks.

    Attributes:
        run: Asks so many questions in an empty folder.
        answers: What it was answered, from that folder.
        besides: Calls that it makes beside the questions, however many those are.
    """

    run: Callable[[int, Path], None]
    answers: Callable[[Path], Answers]
    besides: int = 0


@contextmanager
def server() -> Iterator[int]:
    """The endpoint, in a process of its own; gives its port."""
    command = [sys.executable, str(HERE / "api_server.py"), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def measured(side: Side, questions: int, port: int) -> Cost:
    """One run from nothing; every question must have been asked once and answered right."""
    with tempfile.TemporaryDirectory(prefix="harness-api-") as folder:
        _counted(port)
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        side.run(questions, Path(folder))
        seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        asked, answers = _counted(port), side.answers(Path(folder))
    wanted = {api_files.row_id(i): api_files.label(i) for i in range(questions)}
    if asked != questions + side.besides or answers != wanted:
        right = sum(answers.get(row) == label for row, label in wanted.items())
        sys.exit(f"{questions:,} questions: asked {asked:,}, answered {len(answers):,}, of them right {right:,}")
    return Cost(seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def more(side: Side, port: int) -> Cost:
    """What the questions beyond the first ones took."""
    many, few = (measured(side, questions, port) for questions in (MANY, FEW))
    return Cost(many.seconds - few.seconds, many.cpu - few.cpu)


def main() -> None:
    with server() as port:
        keep("api", [*rates(port), *cpu(port)])


def rates(port: int, rounds: int = 2) -> list[Line]:
    """Calls a second against each peer; promptfoo and inspect-ai take minutes a round."""
    promptfoo = npm_peer("promptfoo", [_NODE])
    inspect = python_peer("inspect-ai", [_OPENAI]).with_name("inspect")
    ours, foo, ai = _alternately(
        port,
        rounds,
        _our_side(port),
        Side(partial(_promptfoo, port, promptfoo), api_answers.promptfoo),
        Side(partial(_inspect, port, inspect), api_answers.inspect),
    )
    return [
        _faster(f"promptfoo {PINNED['promptfoo']}", ours, foo),
        _faster(f"inspect-ai {PINNED['inspect-ai']}", ours, ai),
    ]


def cpu(port: int, rounds: int = 4) -> list[Line]:
    """CPU against the bare client."""
    ours, bare = _alternately(port, rounds, _our_side(port), Side(partial(_bare, port), api_answers.bare))
    against = f"bare {_OPENAI.replace('==', ' ')} on aiohttp"
    ratio = paired([cost.cpu for cost in ours], [cost.cpu for cost in bare])
    return [Line(f"CPU of API calls: {_WORK}", against, "most", 1.3, ratio, _SAME)]


def _our_side(port: int) -> Side:
    return Side(partial(_ours, port), api_answers.ours, _CONTENT_FREE)


def _alternately(port: int, rounds: int, *sides: Side) -> list[list[Cost]]:
    costs: list[list[Cost]] = [[] for _ in sides]
    alternating([partial(_kept, side, port, costs[i]) for i, side in enumerate(sides)], rounds)
    return costs


def _kept(side: Side, port: int, costs: list[Cost]) -> float:
    costs.append(more(side, port))
    return costs[-1].seconds


def _faster(against: str, ours: Sequence[Cost], theirs: Sequence[Cost]) -> Line:
    ratio = paired([cost.seconds for cost in theirs], [cost.seconds for cost in ours])
    return Line(f"API calls: {_WORK}", against, "least", 2.5, ratio, _SAME)


def _ours(port: int, questions: int, folder: Path) -> None:
    suite = api_files.suite(questions, folder, port)
    _run(
        [sys.executable, "-m", "harness", "run", str(suite), "--jobs", "20", "--results", str(folder / "results")]
    )


def _promptfoo(port: int, command: Path, questions: int, folder: Path) -> None:
    config, out = api_files.promptfoo(questions, folder, port), folder / "out.json"
    options = ["-j", "20", "--no-progress-bar", "--no-table", "--no-share"]
    _run(
        [str(command), "eval", "-c", str(config), *options, "-o", str(out)],
        PATH=f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        PROMPTFOO_CONFIG_DIR=str(folder / "home"),
        PROMPTFOO_DISABLE_TELEMETRY="1",
        PROMPTFOO_DISABLE_UPDATE="1",
    )


def _inspect(port: int, command: Path, questions: int, folder: Path) -> None:
    task = api_files.inspect(questions, folder)
    model = ["--model", "openai/instant-1", "-M", "responses_api=false"]
    options = ["--max-connections", "20", "--temperature", "0", "--max-tokens", "16", "--display", "none"]
    log = ["--log-dir", str(folder / "logs"), "--log-format", "json"]
    _run(
        [str(command), "eval", task.name, *model, *options, *log],
        folder,
        OPENAI_BASE_URL=f"http://127.0.0.1:{port}/v1",
        OPENAI_API_KEY="sk-none",
    )


def _bare(port: int, questions: int, folder: Path) -> None:
    asked = api_files.questions(questions, folder)
    _run([sys.executable, str(HERE / "api_bare.py"), str(port), str(asked), str(folder / "bare.json")])


def _run(command: Sequence[str], folder: Path | None = None, **environment: str) -> None:
    known = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
    told = subprocess.run(
        command,
        cwd=folder,
        env={**known, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if told.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {told.returncode}:\n{told.stdout[-2000:]}")


def _counted(port: int) -> int:
    """Requests since the last look."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/count") as reply:
        return int(json.load(reply)["requests"])


if __name__ == "__main__":
    main()
