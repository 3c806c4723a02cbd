"""A run killed at each step of a batch's life: nothing is asked twice, nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import harness
from harness.calls.ledger import entries
from harness.running.runner import Options
from harness.running.store import runs
from harness.suite.load import load_suite
from tests.servers.batches import BATCHED, BatchServer

SUITE = BATCHED.format(test=30, timed=2)
CTRL_C = 130
STEPS = [
    ("POST /v1/files", signal.SIGKILL, -signal.SIGKILL),
    ("POST /v1/batches", signal.SIGKILL, -signal.SIGKILL),
    ("GET /v1/batches/", signal.SIGINT, CTRL_C),
    ("GET /v1/batches/", signal.SIGKILL, -signal.SIGKILL),
    ("GET /v1/files/", signal.SIGKILL, -signal.SIGKILL),
]


# One process that has everything imported makes a child for each attempt: starting Python five times takes long.
FORKING = """
import os, sys
from pathlib import Path
from queue import SimpleQueue
import openai
import harness
from harness.running.runner import Options
from harness.running.store import runs
from harness.suite.load import load_suite
load_suite(Path(sys.argv[1]))
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        found = runs(Path(sys.argv[2]))
        options = Options(results=Path(sys.argv[2]), resume=found[0] if found else None)
        try:
            harness.run(load_suite(Path(sys.argv[1])), options=options)
        except KeyboardInterrupt:
            os._exit(130)
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def once(step: str, do: Callable[[], None]) -> Callable[[str], None]:
    """Does something at the first request that begins so."""
    left = [do]

    def heard(seen: str) -> None:
        if seen.startswith(step) and left:
            left.pop()()

    return heard


def test_a_run_killed_at_each_step_of_a_batch_asks_nothing_twice(suite: Path) -> None:
    results = suite.parent / "r"
    command = [sys.executable, "-c", FORKING, str(suite), str(results)]
    pipe = subprocess.PIPE
    suite.write_text(SUITE.replace("URL", "http://127.0.0.1:9/v1"))
    with BatchServer() as server, subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as forking:
        assert forking.stdin is not None
        assert forking.stdout is not None
        suite.write_text(SUITE.replace("URL", server.url))
        children: SimpleQueue[int] = SimpleQueue()
        for step, ends_by, code in STEPS:
            server.looks = 0 if "files" in step else 20  # Ctrl-C is to be heard before the batch has ended
            server.on = once(step, lambda ends_by=ends_by: os.kill(children.get(timeout=30), ends_by))  # type: ignore[misc]
            forking.stdin.write("go\n")
            forking.stdin.flush()
            children.put(int(forking.stdout.readline()))
            assert code == int(forking.stdout.readline()), step
        forking.stdin.close()
        server.on = lambda seen: None
        [folder] = runs(results)
        run = harness.run(load_suite(suite), options=Options(results=results, resume=folder))
    [row] = run.rows()
    assert (30, 0) == (row.n, row.failed)
    assert 1 == len(server.batches)
    assert server.count("batch") in (27, 28)  # a process that heard nothing of the endpoint asks its first live
    batched = Counter(text for how, text in server.asked if how == "batch")
    assert {1} == set(batched.values())
    assert 1 >= len(server.twice())  # the warm-up
    [trial] = folder.trials()
    ledger = entries(trial.path / "ledger.jsonl")
    assert 28 == sum(entry.paid for entry in ledger if entry.phase == "bulk" and entry.query_id)


def test_trials_that_ask_the_same_share_one_batch(suite: Path) -> None:
    with BatchServer() as server:
        server.looks = 1
        suite.write_text(SUITE.replace("URL", server.url).replace("latency_sample: 2", "latency_sample: 0"))
        run = harness.run(load_suite(suite, seeds=[0, 1, 2]), options=Options(results=suite.parent / "r"))
    assert [30] * 3 == [row.n for row in run.rows()]
    assert [] == server.twice()
    assert 30 == len(server.asked)
