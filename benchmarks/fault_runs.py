"""One run of a tiny suite in a process of its own, which may be killed.

Importing takes longer than such a run: children are forked from a process that has done it.
"""

from __future__ import annotations

import os
from contextlib import redirect_stderr, redirect_stdout
from multiprocessing import get_context
from pathlib import Path

PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(
    [
        "benchmarks.fault_runs",
        "harness.api",
        "harness.scoring.label",
        "harness_hosted.strategy",
        "harness_openai.endpoint",
        "harness_openai.tuning.openai",
        "harness_prompting.prompt",
        "openai",
    ]
)


def attempt(folder: Path, resume: bool) -> None:
    """`harness run suite.yaml --strategy tried` in a folder, or the same with `--resume`."""
    from harness import api
    from harness.running.runner import Options
    from harness.suite.load import load_suite

    os.chdir(folder)
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        loaded = load_suite("suite.yaml")
        results = folder / "results"
        going_on = api.resumable(loaded, results) if resume else None
        api.run(loaded, options=Options(results=results, strategies=("tried",), resume=going_on))
