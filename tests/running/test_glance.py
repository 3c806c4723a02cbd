"""What `harness ls` says, held to what the checked records say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import harness as package
from harness.running.gaps import gaps, is_complete
from harness.running.glance import glances
from harness.running.runner import Options
from harness.running.store import runs


@pytest.fixture
def results(suite: Path) -> Path:
    """Of one finished run of the tiny suite with two strategies."""
    kept = suite.parent / "results"
    package.run(suite, options=Options(results=kept, strategies=("asks", "near")))
    return kept


def _said(results: Path) -> str:
    [run] = glances(results)
    return run.words.partition("  ")[2].strip()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("stopped", "ended       1 finished, 1 stopped"),
        ("running", "ended       1 finished, 1 stopped"),
        ("failed", "ended       1 failed, 1 finished"),
        ("candidate", "ended       1 finished, 1 missing"),
        ("not-applicable", "complete    1 finished, 1 not-applicable"),
    ],
)
def test_a_run_is_whole_where_its_records_say_so(results: Path, status: str, said: str) -> None:
    assert "complete    2 finished" == _said(results)
    trial = next(results.glob("*/trials/*/near/0-0/trial.json"))
    trial.write_text(json.dumps(json.loads(trial.read_text()) | {"status": status}))

    [run] = runs(results)
    assert said == _said(results)
    assert said.startswith("complete") == is_complete(run)
    assert (status != "not-applicable") == len(gaps(run))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("run.json", "{", "this was changed"),
        ("run.json", '{"started": 3}', "this was changed"),
        ("suite.json", "[]", "this was changed"),
        ("suite.json", '{"tasks": 3}', "this was changed"),
        ("suite.json", None, "No such file"),
    ],
)
def test_a_file_that_was_changed_is_told_of_and_the_others_are_listed(
    results: Path, name: str, text: str | None, said: str
) -> None:
    place = next(results.glob("*/run.json")).with_name(name)
    if text is None:
        place.unlink()
    else:
        place.write_text(text)
    told = _said(results)
    assert told.startswith("cannot be read: ")
    assert said in told


def test_an_unknown_status_is_no_status(results: Path) -> None:
    trial = next(results.glob("*/trials/*/near/0-0/trial.json"))
    trial.write_text(json.dumps(json.loads(trial.read_text()) | {"status": "odd"}))
    assert "cannot be read" in _said(results)
