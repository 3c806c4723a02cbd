"""How long until something happens: help, `harness ls`, and a run's first forward pass.

Every figure is of fresh processes in a warm file cache, one after another in turns:

    harness --help, the slowest COMMAND --help, harness ls of 20 runs     as a share of 0.3 seconds
    harness run, until the first forward pass                             against a bare script, see stamping/

The share of 0.3 seconds depends on the machine. The run reads the 38,158 packaged tweets, checks and splits
them; the bare script imports torch and transformers, loads the same converted float32 weights the same way, and
asks them three tokens. Takes about two minutes: `python -m benchmarks.speed.startup`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.speed.ratios import Line, alternating, keep, paired
from harness.cli.main import COMMANDS
from harness.records import PluginStamp, RunHeader, TrialHeader, TrialKey
from harness.running.machine import hardware

AT_MOST_SECONDS = 0.3
ROUNDS = 5
RUNS, TRIALS = 20, 15  # that `harness ls` finds
_BESIDE = Path(__file__).parent / "stamping"
_ROOT = Path(__file__).parents[2]


def main() -> None:
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    os.environ["PYTHONPATH"] = os.pathsep.join((str(_BESIDE), str(_ROOT), str(_ROOT / "plugins")))
    with tempfile.TemporaryDirectory() as folder:
        keep("startup", [*_commands(Path(folder)), _first_forward(Path(folder))])


def _commands(folder: Path) -> list[Line]:
    results = folder / "listed"
    _make_runs(results)
    once = {name: _seconds([name, "--help"]) for name in COMMANDS}
    once = {name: min(seconds, _seconds([name, "--help"])) for name, seconds in once.items()}
    slowest = max(once, key=lambda name: once[name])
    calls = (
        ("harness --help", ["--help"]),
        (f"harness {slowest} --help, the slowest of {len(COMMANDS)}", [slowest, "--help"]),
        (f"harness ls, {RUNS} runs of {TRIALS} trials", ["ls", "--results", str(results)]),
    )
    found = alternating([lambda words=words: _seconds(words) for _, words in calls], ROUNDS)  # type: ignore[misc]
    share = [AT_MOST_SECONDS] * ROUNDS
    return [
        Line(work, f"{AT_MOST_SECONDS:g} seconds", "most", 1.0, paired(seconds, share))
        for (work, _), seconds in zip(calls, found, strict=True)
    ]


def _first_forward(folder: Path) -> Line:
    run = ["-m", "harness", "run", str(_BESIDE / "zero_shot.yaml"), "--results", str(folder / "made")]
    _forward(run)  # converts the weights where they never were
    weights = _converted()
    ours, bare = alternating(
        [lambda: _forward(run), lambda: _forward([str(_BESIDE / "bare.py"), str(weights)])], ROUNDS
    )
    return Line(
        "harness run until its first forward pass, SmolLM2-135M-Instruct, float32, 38,158 rows read",
        "import torch, transformers and load the weights",
        "most",
        1.5,
        paired(ours, bare),
    )


def _seconds(words: Sequence[str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "harness", *words], check=True, capture_output=True)
    return time.perf_counter() - began


def _forward(words: Sequence[str]) -> float:
    environment = {**os.environ, "STAMP_BEGAN": repr(time.time())}
    done = subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True, check=False)
    if "STAMP " not in done.stdout:
        sys.exit(f"{words} ended before a forward pass: {done.stderr[-2000:]}")
    return float(done.stdout.rpartition("STAMP ")[2].split()[0])


def _converted() -> Path:
    """The folder that the harness keeps of the packaged GGUF file."""
    from harness_transformers import places, store

    digest = store.file_sha256(places.find("smollm2-135m-instruct"))
    return next((store.root() / "weights").glob(f"{digest}-float32-*"))


def _make_runs(results: Path) -> None:
    """Finished runs as `harness ls` reads them; each trial has 300 outcomes."""
    now = datetime.now(UTC)
    for number in range(RUNS):
        folder = results / f"2026-11-{number + 1:02}-0900-made"
        folder.mkdir(parents=True)
        names = [f"s{i}" for i in range(TRIALS)]
        header = RunHeader(
            id=folder.name, name="made", suite_path="made.yaml", suite_folder=".", started=now, finished=now,
            versions={}, hardware=hardware(), seeds=(0,), repeats=1, data={},
        )  # fmt: skip
        (folder / "run.json").write_text(header.model_dump_json())
        strategies = ", ".join(f'{{"name": "{name}"}}' for name in names)
        (folder / "suite.json").write_text(f'{{"tasks": [{{"name": "t"}}], "strategies": [{strategies}]}}')
        for name in names:
            key = TrialKey(task="t", strategy=name, seed=0, repeat=0)
            trial = folder / "trials" / str(key)
            trial.mkdir(parents=True)
            plugin = PluginStamp(name="prompting", version="", sha256="")
            made = TrialHeader(key=key, use="prompt", params={}, plugin=plugin, status="finished", started=now)
            (trial / "trial.json").write_text(made.model_dump_json())
            (trial / "outcomes.jsonl").write_text("{}\n" * 300)


if __name__ == "__main__":
    main()
