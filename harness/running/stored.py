"""A task as a run keeps it.

data/tweets.jsonl   {"split": "train", "example": {"query": {"id": "3f0c…", "text": "Great flight!"}, …}}
data/tweets.json    {"brief": {…}, "metric": "accuracy", "fingerprint": "9b2e…", "report": {…}}
"""

from __future__ import annotations

from typing import Literal

from harness.data.taskdata import DataReport
from harness.records import Brief, Example, Record


class StoredRow(Record):
    """One line of data/TASK.jsonl."""

    split: Literal["train", "validation", "test"]
    example: Example


class StoredTask(Record):
    """data/TASK.json: what the task is, and what was found in its rows."""

    brief: Brief
    metric: str
    fingerprint: str
    report: DataReport
