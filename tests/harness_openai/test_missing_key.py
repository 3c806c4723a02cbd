"""A run without its key ends before anything is asked; what spends nothing needs none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.cli.main import main


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rows = "".join(f"{t} {n},{label}\n" for n in range(12) for t, label in (("a view", "good"), ("a bed", "bad")))
    (tmp_path / "rows.csv").write_text("text,label\n" + rows)
    task = {
        "name": "reviews",
        "kind": "label",
        "labels": ["good", "bad"],
        "instructions": "Is it good?",
        "data": {
            "path": "rows.csv",
            "columns": {"text": "text", "target": "label"},
            "splits": {"train": 8, "validation": 4, "test": 8},
            "near_duplicates": "allow",
        },
    }
    hosted = {
        "use": "openai",
        "with": {"model": "m", "base_url": "https://models.example.org/v1", "key_env": "NONE"},
    }
    said = {
        "name": "keyless",
        "tasks": [task],
        "models": {"hosted": hosted},
        "strategies": [
            {"name": "plain", "use": "tf-idf"},
            {"name": "asked", "use": "prompt", "with": {"model": "hosted"}},
        ],
        "yardsticks": [],
        "latency_sample": 1,
    }
    path = tmp_path / "suite.yaml"
    path.write_text(json.dumps(said))
    monkeypatch.delenv("NONE", raising=False)
    return path


def ended(*words: str) -> int:
    with pytest.raises(SystemExit) as error:
        main(words)
    assert isinstance(error.value.code, int | None)
    return error.value.code or 0


def test_a_run_without_the_key_ends_before_any_trial(suite: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = suite.parent / "results"
    assert 5 == ended("run", str(suite), "--results", str(results))
    said = capsys.readouterr().err
    assert "model 'hosted': the environment variable NONE is not set" in said
    assert "To run the others: --strategy plain" in said
    assert not results.exists()


def test_what_spends_nothing_needs_no_key(suite: Path) -> None:
    assert 0 == ended("validate", str(suite))
    assert 0 == ended("run", str(suite), "--dry-run")
