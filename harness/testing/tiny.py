"""A small task that is made up."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from harness.data.taskdata import DataReport, TaskData
from harness.records import (
    Brief,
    Example,
    Query,
)

if TYPE_CHECKING:
    pass


def tiny_task() -> TaskData:
    """Thirty short reviews with two labels: enough to learn a little from, and quick."""
    good, bad = ["great", "lovely", "superb", "excellent", "happy"], ["awful", "broken", "rude", "terrible", "sad"]
    things = ["room", "food", "staff", "view", "pool", "bed"]
    rows = [
        Example(query=Query(id=f"{thing}-{word}", text=f"the {thing} was {word}"), targets=(label,))
        for label, words in (("positive", good), ("negative", bad))
        for word in words
        for thing in things
    ]
    rows.sort(key=lambda e: hashlib.sha256(e.query.id.encode()).digest())
    return TaskData(
        brief=Brief(
            name="tiny",
            instructions="Is this review positive or negative?",
            kind="label",
            labels={"positive": "", "negative": ""},
        ),
        train=tuple(rows[:30]),
        validation=tuple(rows[30:45]),
        test=tuple(rows[45:]),
        fingerprint="tiny",
        report=DataReport(),
    )
