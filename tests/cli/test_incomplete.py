"""Runs that lack a trial or rows of one: nothing passes them for whole."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import parse

import pytest

import harness as package
from harness.running.runner import Options

Harness = Callable[..., Any]  # what conftest.py gives

GATE = ("gate", "latest", "--min", "accuracy=0.1")


@pytest.fixture
def trials(suite: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The trials of a finished run of the tiny suite, in the working folder."""
    monkeypatch.chdir(suite.parent)
    monkeypatch.setenv("COLUMNS", "80")
    package.run(suite, options=Options(strategies=("asks", "near")))
    return next(suite.parent.glob("results/*/trials/reviews"))


def _flat(text: str) -> str:
    return " ".join(text.split())


def test_a_whole_run_passes_and_is_complete(trials: Path, harness: Harness) -> None:
    assert 0 == harness(*GATE).code
    assert "complete" in harness("ls").out
    assert "Not every trial" not in harness("compare", "latest").out


@pytest.mark.parametrize("gone", ["near", "near/0-0/trial.json"])
def test_a_trial_whose_record_is_gone_is_missed(trials: Path, harness: Harness, gone: str) -> None:
    place = trials / gone
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    for words in (GATE, (*GATE, "--strategy", "near")):
        done = harness(*words)
        assert 12 == done.code, done.out
        assert "not begun, or its record is gone" in done.out
    assert 0 == harness(*GATE, "--strategy", "asks").code
    done = harness("compare", "latest", "-o", "r.md", "-o", "r.html", "-o", "r.xml", "-o", "r.json")
    assert 0 == done.code, done.err
    assert done.out.startswith("Not every trial has ended with a result.")
    assert "reviews/near/0-0: not begun, or its record is gone" in _flat(done.out)
    for name in ("r.md", "r.html"):
        assert "reviews/near/0-0: not begun, or its record is gone" in Path(name).read_text(), name
    assert "reviews/near/0-0" in [case.get("name") for case in parse("r.xml").iter("testcase") if len(case)]
    told = json.loads(Path("r.json").read_text())
    assert (False, ["missing"]) == (told["complete"], [gap["what"] for gap in told["gaps"]])
    made = harness("baseline", "latest", "-o", "baseline.json")
    assert "the run is not whole: reviews/near/0-0: not begun, or its record is gone" in _flat(made.err)
    line = harness("ls").out
    assert "complete" not in line
    assert "1 missing" in line


def test_a_finished_trial_that_lacks_rows_is_incomplete_until_it_is_taken_up(
    trials: Path, harness: Harness
) -> None:
    outcomes = trials / "near" / "0-0" / "outcomes.jsonl"
    lines = outcomes.read_text().splitlines(keepends=True)
    outcomes.write_text("".join(lines[:12]))
    done = harness(*GATE)
    assert 12 == done.code, done.out
    assert "finished, with 12 of 30 test rows in its record" in _flat(done.out)
    done = harness("compare", "latest")
    assert "reviews/near/0-0: finished, with 12 of 30 test rows in its record" in _flat(done.out)
    assert "seed 0: the record has 12 of 30 test rows" in _flat(done.out)
    assert "1 lacking rows" in harness("ls").out
    outcomes.unlink()
    assert 12 == harness(*GATE).code
    dry = harness("run", "tiny.yaml", "--resume", "--dry-run").out
    assert "  reviews/near/0-0" in dry
    assert "reviews/asks/0-0" not in dry
    assert "1 of 2 trials are finished." in dry
    done = harness("run", "tiny.yaml", "--resume")
    assert 0 == done.code, done.err
    assert 30 == len(outcomes.read_text().splitlines())
    assert 0 == harness(*GATE).code


def test_a_run_without_any_trial_is_incomplete(trials: Path, harness: Harness) -> None:
    shutil.rmtree(trials.parent)
    assert 12 == harness(*GATE).code
    done = harness("compare", "latest")
    assert "reviews/asks/0-0: not begun, or its record is gone" in _flat(done.out)


def test_a_run_that_was_stopped_in_its_first_trial_says_so_at_the_top(trials: Path, harness: Harness) -> None:
    shutil.rmtree(trials / "near")
    run, trial = trials.parents[1] / "run.json", trials / "asks" / "0-0"
    run.write_text(json.dumps(json.loads(run.read_text()) | {"finished": None}))
    header = json.loads((trial / "trial.json").read_text())
    (trial / "trial.json").write_text(json.dumps(header | {"status": "stopped"}))
    (trial / "outcomes.jsonl").write_text((trial / "outcomes.jsonl").read_text().partition("\n")[0] + "\n")
    done = harness("compare", "latest")
    assert 0 == done.code, done.err
    assert done.out.startswith("Not every trial has ended with a result.")
    assert "reviews/asks/0-0: stopped before its end" in _flat(done.out)
