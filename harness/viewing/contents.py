"""What an index of a task holds, and how its files are read.

{"version": 1, "signature": "9f…", "rows": 300, "trials": [{"number": 0, "strategy": "zero-shot", …}], …}
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from harness.errors import StoreError
from harness.records import Record
from harness.running.store import RunFolder

VERSION = 1
STATE = {"wrong": 0, "right": 1, "failed": 2, "partly": 3}


class Trial(Record):
    """A strategy's answers with one seed.

    Attributes:
        number: In the index.
        strategy: The strategy's name.
        arm: Seed and repeat, and the train size where one was set: `0-0`, `0-0-n64`.
        column: Its number in the arm's table.
        path: Its folder below the run's.
        yardstick: Whether the harness added it.
    """

    number: int
    strategy: str
    arm: str
    column: int
    path: str
    yardstick: bool = False


class Column(Record):
    """A metadata column.

    Attributes:
        name: The column's.
        distinct: How many values it has.
        values: The commonest of them.
    """

    name: str
    distinct: int
    values: tuple[str, ...]


class Contents(Record):
    """What an index holds, beside its rows.

    Attributes:
        version: Of its tables.
        signature: Names, sizes and times of the files it was made from.
        rows: Test rows.
        trials: Those with a folder; no candidates.
        targets: The commonest targets.
        columns: Metadata.
        searchable: Whether texts have an index of trigrams.
        seconds: What making it took.
    """

    version: int = VERSION
    signature: str
    rows: int
    trials: tuple[Trial, ...]
    targets: tuple[str, ...]
    columns: tuple[Column, ...]
    searchable: bool
    seconds: float = 0.0

    @property
    def arms(self) -> list[str]:
        return list(dict.fromkeys(trial.arm for trial in self.trials))


class Line(NamedTuple):
    """A line of a file: where it begins, in bytes, and what it says."""

    start: int
    said: dict[str, Any]


def signature(folder: RunFolder, task: str) -> str:
    """Changes whenever a file does that the task's index is made from."""
    found = []
    for path in [
        folder.path / "data" / f"{task}.jsonl",
        *(t / "outcomes.jsonl" for t in _trial_folders(folder, task)),
    ]:
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue
        found.append((str(path.relative_to(folder.path)), stat.st_size, stat.st_mtime_ns))
    return hashlib.sha256(json.dumps([VERSION, found]).encode()).hexdigest()


def digest(words: Sequence[str]) -> int:
    """A number that stands for an answer, the same in every index."""
    return int.from_bytes(hashlib.blake2b("\0".join(words).encode(errors="replace"), digest_size=6).digest())


def lines(path: Path, what: str) -> Iterator[Line]:
    """A journal's lines and where they begin; a torn last line is left out."""
    if not path.exists():
        return
    start = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                return
            try:
                said = json.loads(line)
            except ValueError:
                said = None
            if not isinstance(said, dict):
                raise StoreError(f"line {number} is not {what}: it was changed", where=str(path))
            yield Line(start, said)
            start += len(line)


def _trial_folders(folder: RunFolder, task: str) -> list[Path]:
    return sorted(path.parent for path in (folder.path / "trials" / task).glob("*/*/trial.json"))
