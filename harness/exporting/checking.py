"""An export put to the test: its script, started as a user would, against what the run recorded."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.errors import RunFailed
from harness.records import Example, Failed, Prediction, Record

_LOOSE = 0.02  # of a probability: bfloat16 and int8 round, and batches differ
_BLOCK = """\
import runpy, sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name == "harness" or name.startswith(("harness.", "harness_")):
            raise ModuleNotFoundError(f"an export must not import {name!r}")
sys.meta_path.insert(0, Block())
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


class Checked(Record):
    """How an export did.

    Attributes:
        rows: Test rows asked.
        same: Those with the run's own answer.
        differing: Of the others the first few: their ids.
        furthest: The largest difference of a probability; None where none are told.
    """

    rows: int
    same: int
    differing: tuple[str, ...] = ()
    furthest: float | None = None

    @property
    def sound(self) -> bool:
        """Whether all answers are the same, and their probabilities about so."""
        return self.same == self.rows and (self.furthest or 0.0) <= _LOOSE


def check(
    folder: Path, examples: Sequence[Example], recorded: Mapping[str, Prediction | Failed], timeout: float = 1800.0
) -> Checked:
    """Asks an export these rows, in a process of its own that cannot import the harness.

    Args:
        folder: The export.
        examples: What is asked.
        recorded: What the run was answered, by query id.
        timeout: Seconds.

    Raises:
        RunFailed: The script fails.
    """
    found = run(folder, [_row(each) for each in examples], timeout)
    same, differing, furthest = 0, list[str](), None
    for example, row in zip(examples, found, strict=True):
        was = recorded[example.query.id]
        if _same(was, row):
            same += 1
        else:
            differing.append(example.query.id)
        if isinstance(was, Prediction) and was.probabilities and row["probabilities"]:
            apart = max(abs(p - row["probabilities"].get(label, 0.0)) for label, p in was.probabilities.items())
            furthest = max(furthest or 0.0, apart)
    return Checked(rows=len(found), same=same, differing=tuple(differing[:5]), furthest=furthest)


def _row(example: Example) -> dict[str, object]:
    history = [turn.model_dump() for turn in example.query.history]
    return {"text": example.query.text} | ({"history": history} if history else {})


def run(folder: Path, rows: Sequence[Mapping[str, object]], timeout: float) -> list[dict[str, Any]]:
    """The script's answers to rows.

    Raises:
        RunFailed: It ends with an error, or after the time-out.
    """
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    words = [sys.executable, "-I", "-B", "-c", _BLOCK, str(folder / "answer.py")]
    try:
        done = subprocess.run(
            words, input=text, capture_output=True, encoding="utf-8", timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise RunFailed(f"the exported answer.py had not answered {len(rows)} rows after {timeout:g} s") from None
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if len(lines) != len(rows):
        told = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise RunFailed(f"the exported answer.py failed in a process without harness: {told[0]}")
    return lines


def _same(was: Prediction | Failed, row: Mapping[str, object]) -> bool:
    if isinstance(was, Failed):
        return str(row["failure"]).startswith(f"{was.kind}:")
    one = was.answers[0] if len(was.answers) == 1 else json.dumps(was.answers, ensure_ascii=False)
    return not row["failure"] and row["answer"] == one
