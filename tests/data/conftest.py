from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness.data.task import load_task
from harness.data.taskdata import TaskData
from harness.records import Kind
from harness.suite import Task

Write = Callable[[str, str | bytes], Path]
MakeTask = Callable[..., Task]
Load = Callable[..., TaskData]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file beside the suite."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def as_csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


@pytest.fixture
def reviews(write: Write) -> Callable[..., Path]:
    """Writes rows of text and target as reviews.csv, or as another file."""

    def reviews(rows: Sequence[tuple[str, str]], name: str = "reviews.csv") -> Path:
        return write(name, as_csv(["text", "target"], rows))

    return reviews


@pytest.fixture
def make_task() -> MakeTask:
    """A task over reviews.csv; keywords go to its data."""

    def make_task(kind: Kind = "label", labels: object = "auto", **data: object) -> Task:
        values = {"path": "reviews.csv", "splits": {"train": 2, "validation": 2, "test": 2}, **data}
        return Task.model_validate(
            {"name": "t", "kind": kind, "instructions": "Which?", "labels": labels, "data": values}
        )

    return make_task


@pytest.fixture
def load(tmp_path: Path, make_task: MakeTask) -> Load:
    """Loads such a task."""

    def load(kind: Kind = "label", labels: object = "auto", **data: object) -> TaskData:
        return load_task(make_task(kind, labels, **data), tmp_path, {})

    return load
