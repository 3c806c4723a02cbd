"""lm-evaluation-harness as a peer: a process of its own environment, which is asked prompts and choices.

with LmEval(folder, "float32") as peer:
    peer.ask(prompts, targets, ["positive", "negative"])     # Scores(seconds=41.3, logprobs=[[-3.1, -4.2], …])
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from benchmarks.speed.peers import python_peer

_SCRIPT = Path(__file__).with_name("lm_eval_peer.py")
_SAME = ("torch", "transformers", "tokenizers", "accelerate")  # the peer computes with what we compute with


class Scores(NamedTuple):
    """What the peer found.

    Attributes:
        seconds: That its model took to answer; loading is not in it.
        logprobs: Natural-log likelihood of each choice, (prompts, choices).
    """

    seconds: float
    logprobs: list[list[float]]


class LmEval:
    """The peer with its model loaded, until the context is left.

    Args:
        folder: The weights, with tokenizer.
        dtype: The number format that it computes in.
    """

    def __init__(self, folder: Path, dtype: str) -> None:
        python = python_peer("lm-eval", [f"{name}=={version(name).partition('+')[0]}" for name in _SAME])
        self._scratch = tempfile.TemporaryDirectory()
        offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": self._scratch.name, "TOKENIZERS_PARALLELISM": "false"}
        self._process = subprocess.Popen(
            [str(python), "-P", str(_SCRIPT), str(folder), dtype],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(Path(self._scratch.name) / "log").open("w"),
            text=True,
            env={**os.environ, **offline, "PYTHONPATH": ""},
        )

    def __enter__(self) -> LmEval:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()  # its input ends, and so does it
        self._scratch.cleanup()

    def ask(self, prompts: Sequence[str], targets: Sequence[int], choices: Sequence[str]) -> Scores:
        """Evaluates one task of these prompts.

        Raises:
            SystemExit: Where the peer ended instead of answering; with the end of what it said.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        rows = [{"prompt": p, "target": t} for p, t in zip(prompts, targets, strict=True)]
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl", dir=self._scratch.name, encoding="utf-8") as file:
            file.write("".join(json.dumps(row) + "\n" for row in rows))
            file.flush()
            try:
                self._process.stdin.write(json.dumps({"file": file.name, "choices": list(choices)}) + "\n")
                self._process.stdin.flush()
            except BrokenPipeError:
                pass
            line = self._process.stdout.readline()
        if not line:
            said = (Path(self._scratch.name) / "log").read_text(errors="replace")
            raise SystemExit(f"lm-evaluation-harness ended without an answer:\n{said[-3000:]}")
        answer = json.loads(line)
        return Scores(answer["seconds"], answer["logprobs"])
