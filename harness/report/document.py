"""`-o out.json`: the figures of a run under names that scripts and CI can rely on.

{"version": 1, "run": "2026-11-21-0915-sentiment", "rows": [{"task": "tweets", "strategy": "lora", …}], …}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from harness.records import Hardware, Record, RunHeader, SplitSummary
from harness.running.rows import Row


class Document(Record):
    """What a run came to.

    Attributes:
        version: Of this schema: a field that is there stays, and means the same.
        run: The run's id.
        suite: The suite's name.
        complete: Whether every trial has ended with a result.
        hardware: What it ran on; latencies hold for that.
        versions: Of what it ran with.
        data: Rows by task.
        looks: By task, how many earlier runs looked at the same test rows.
        rows: Every strategy of every task, by seed.
    """

    version: Literal[1] = 1
    run: str
    suite: str
    complete: bool
    hardware: Hardware
    versions: Mapping[str, str]
    data: Mapping[str, SplitSummary]
    looks: Mapping[str, int]
    rows: tuple[Row, ...]


def document(header: RunHeader, rows: Sequence[Row]) -> Document:
    return Document(
        run=header.id,
        suite=header.name,
        complete=header.finished is not None and all(r.status in ("finished", "not-applicable") for r in rows),
        hardware=header.hardware,
        versions=header.versions,
        data=header.data,
        looks=header.looks,
        rows=tuple(rows),
    )
