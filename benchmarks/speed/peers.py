"""Peers at pinned versions, each in an environment of its own under ~/.cache/harness/peers.

lm-eval-0.4.13/bin/python, inspect-ai-0.3.285/bin/python, promptfoo-0.123.1/node_modules/.bin/promptfoo
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

PINNED = {"lm-eval": "0.4.13", "inspect-ai": "0.3.285", "promptfoo": "0.123.1"}
HOME = Path.home() / ".cache" / "harness" / "peers"
_CONSTRAINTS = Path(__file__).parents[2] / "constraints.txt"


def python_peer(name: str, besides: Sequence[str] = ()) -> Path:
    """The interpreter of a virtualenv with a peer from PyPI, made where it is not there yet.

    Args:
        name: One of `PINNED`.
        besides: Further requirements.
    """
    folder = HOME / f"{name}-{PINNED[name]}"
    python = folder / "bin" / "python"
    if not (folder / ".ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        wanted = [f"{name}=={PINNED[name]}", *besides]
        _run([str(python), "-m", "pip", "install", "-q", "-c", str(_CONSTRAINTS), *wanted])
        (folder / ".ready").touch()
    return python


def npm_peer(name: str, besides: Sequence[str] = ()) -> Path:
    """The command of a peer from npm, installed where it is not there yet.

    Args:
        name: One of `PINNED`.
        besides: Further packages, such as a Node.js that is new enough: its command lies beside the peer's.

    Raises:
        SystemExit: Where this machine has no npm.
    """
    if shutil.which("npm") is None:
        sys.exit(f"{name} comes from npm, which this machine has not: install Node.js 22 or newer")
    folder = HOME / f"{name}-{PINNED[name]}"
    if not (folder / ".ready").exists():
        folder.mkdir(parents=True, exist_ok=True)
        wanted = f"{name}@{PINNED[name]}"
        _run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), wanted, *besides])
        (folder / ".ready").touch()
    return folder / "node_modules" / ".bin" / name


def _run(command: Sequence[str]) -> None:
    print("$", " ".join(command), file=sys.stderr, flush=True)
    subprocess.run(command, check=True)
