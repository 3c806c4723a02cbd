"""Runs of which a file is gone, cut short or no longer what it was: told by its name, with one exit code."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import harness as package
from harness.running.runner import Options

Harness = Callable[..., Any]  # what conftest.py gives


@pytest.fixture
def ran(suite: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished run of the tiny suite, in the working folder."""
    monkeypatch.chdir(suite.parent)
    package.run(suite, options=Options(strategies=("asks",)))
    return next(suite.parent.glob("results/*/run.json")).parent


def _cut(path: Path) -> None:
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-2]))


def test_a_damaged_run_is_told_by_the_file(ran: Path, harness: Harness, tmp_path_factory: Any) -> None:
    kept = tmp_path_factory.mktemp("kept") / "run"
    shutil.copytree(ran, kept)
    damages: list[tuple[str, Callable[[Path], object], str]] = [
        ("data/reviews.jsonl", Path.unlink, "rows of task 'reviews' are gone"),
        ("data/reviews.jsonl", _cut, "28 test rows are here and the run began with 30"),
        ("data/reviews.json", Path.unlink, "task 'reviews' cannot be read"),
        ("data", shutil.rmtree, "data/reviews.json"),
        ("suite.json", Path.unlink, "suite of this run cannot be read"),
        ("suite.json", lambda path: path.write_text('{"name": "ti'), "not JSON"),
        ("suite.json", lambda path: path.write_text("{}"), "this was changed"),
        ("trials/reviews/asks/0-0/trial.json", lambda path: path.write_text("{}"), "this was changed"),
        ("run.json", lambda path: path.write_text("{}"), "this was changed"),
    ]
    for name, damage, said in damages:
        shutil.rmtree(ran)
        shutil.copytree(kept, ran)
        damage(ran / name)
        for words in (("compare", str(ran)), ("gate", str(ran), "--min", "accuracy=0.1")):
            done = harness(*words)
            assert 7 == done.code, (name, words, done.err)
            assert said in done.err
            assert name in done.err
            assert "pydantic" not in done.err


def test_a_folder_that_is_no_run_is_told_so(ran: Path, harness: Harness) -> None:
    (ran.parent / "empty").mkdir()
    done = harness("compare", str(ran.parent / "empty"))
    assert (7, True) == (done.code, "is a folder without a run.json" in done.err)


def test_an_empty_book_of_prices_is_told_with_what_to_write(ran: Path, harness: Harness) -> None:
    Path("p.yaml").write_text("")
    done = harness("compare", str(ran), "--prices", "p.yaml")
    assert (2, True) == (done.code, "'p.yaml' is empty; write it as a suite's `prices`" in done.err)
