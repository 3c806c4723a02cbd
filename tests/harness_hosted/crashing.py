"""Runs a hosted fine-tune, kills it at one place after another, and goes on: `python crashing.py FOLDER`.

A place is a call to the provider, before or after it takes effect, or a file of the trial that is about to be
replaced. Prints a JSON line for each place: what was killed there, and what the provider and the trial had after
the run was taken up again. Processes are forked, because importing takes longer than running.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from harness.testing import ScriptedTuning, tiny_task, try_strategy
from harness_hosted.strategy import HostedFineTune
from tests.processes import reserved

# Files whose replacement is a place of its own: the steps of prepare, and its end.
WATCHED = ("/steps/", "/prepared.json")
PASSED = ("/epoch-", "/rows-", "/best-")  # written one after the other, from a step that is kept
# What only asks is worth one place, for it changes nothing; so is one answer in the middle.
READS = ("file_ready", "job", "events", "curve", "find", "find_file")
_ANSWER = 4
LANES = 4  # at once: most of the time is waiting for the disk


def attempt(folder: Path, *, behind: int = 0) -> dict[str, object]:
    """One attempt at the trial; what stands there after it."""
    model = ScriptedTuning(
        folder=folder / "provider", states=("running", "succeeded"), lag_seconds=0.02, behind=behind
    )
    tiny = tiny_task()
    tried = try_strategy(
        HostedFineTune(model="m", poll_seconds=0.01),
        folder=folder / "run",
        models={"m": model},
        train=tiny.train[:12],
        validation=tiny.validation[:4],
        queries=tiny.test[:6],
    )
    training = [entry.usage.training_tokens for entry in tried.paid if entry.usage.training_tokens]
    state = model.provider.read()
    return {
        "answers": sorted(str(getattr(o, "answers", o)) for o in tried.outcomes.values()),
        "training": training,
        "files": len(state["files"]),
        "jobs": len(state["jobs"]),
        "open": [name for name in reserved(folder / "run" / "budget.jsonl") if "spend" in name],
        "status": tried.header.status,
    }


def die_at(place: int, said: int) -> None:
    """Kills this process at the nth place, and writes to `said` which that was."""
    passed = sent = 0

    def hook(event: str, args: tuple[object, ...]) -> None:
        nonlocal passed, sent
        name = ""
        if event == "harness.testing.tuning":
            sent += args == ("send", "after")
            worth = sent == _ANSWER if args[0] == "send" else args[0] not in READS or args[1] == "after"
            name = f"{args[0]} {args[1]}" if worth else ""
        elif event == "os.rename" and any(each in str(args[1]) for each in WATCHED):
            path = str(args[1])
            name = "" if any(each in path for each in PASSED) else f"replace {_stem(path)}"
        if name:
            passed += 1
            if passed > place:
                os.write(said, name.encode())
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def forked(do: Callable[[int], None]) -> tuple[int, str]:
    """Runs something in a process of its own; how that ended, and what it wrote."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        _leave(do, write)
    os.close(write)
    with os.fdopen(read) as said:
        text = said.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text


def _leave(do: Callable[[int], None], write: int) -> NoReturn:
    try:
        do(write)
    except BaseException as error:
        os.write(write, f"{type(error).__name__}: {error}".encode())
        os._exit(1)
    os._exit(0)


def _stem(path: str) -> str:
    name = Path(path).name
    return name.rpartition("-")[0] or name


def main(folder: Path) -> None:
    attempt(folder / "first")  # imports what all need, before anything is forked
    for lane in range(LANES):
        if os.fork() == 0:
            _lane(folder, lane)
            os._exit(0)
    ended = [os.wait()[1] for _ in range(LANES)]
    sys.exit(1 if any(ended) else 0)


def _lane(folder: Path, first: int) -> None:
    for place in range(first, 200, LANES):
        at = folder / str(place)
        at.mkdir()

        def killed(said: int, at: Path = at, place: int = place) -> None:
            die_at(place, said)
            attempt(at)

        def resumed(said: int, at: Path = at) -> None:
            os.write(said, json.dumps(attempt(at, behind=2)).encode())

        code, where = forked(killed)
        _, after = forked(resumed)
        line = {"place": where, "code": code, "after": json.loads(after)}
        os.write(1, f"{json.dumps(line)}\n".encode())  # one call, so that lanes do not mix
        if code == 0:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
