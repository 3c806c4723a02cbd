"""harness curve: strategies against the number of labelled rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Harness = Callable[..., Any]  # what conftest.py gives


@pytest.fixture
def here(suite: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny suite in the working folder, with two of its strategies."""
    monkeypatch.chdir(suite.parent)
    monkeypatch.setenv("COLUMNS", "80")
    kept = [line for line in suite.read_text().splitlines(keepends=True) if "few-shot" not in line]
    suite.write_text("".join(kept))
    return suite.parent


def test_every_strategy_runs_with_every_size_and_three_seeds(here: Path, harness: Harness) -> None:
    done = harness(
        "curve", "tiny.yaml", "--sizes", "8,30", "--strategy", "near", "--strategy", "asks", "-o", "out.json"
    )
    assert 0 == done.code, done.err
    told = json.loads((here / "out.json").read_text())
    ran = {(row["strategy"], row["train_size"], row["seed"]) for row in told["rows"]}
    assert {(name, size, seed) for name in ("near", "asks") for size in (8, 30) for seed in (0, 1, 2)} == ran
    sizes = {each["name"].rpartition("=")[2] for each in told["strategies"]["reviews"]}
    assert {"8", "30"} == sizes
    for pair in told["comparisons"]:
        assert pair["a"].rpartition("n=")[2] == pair["b"].rpartition("n=")[2]
    (recommendation,) = told["recommendations"]
    assert recommendation["strategy"].endswith("n=30")
    assert 80 >= max(len(line) for line in done.out.splitlines() if not line.startswith("Report: "))


def test_a_curve_that_was_stopped_goes_on(here: Path, harness: Harness) -> None:
    words = ("curve", "tiny.yaml", "--sizes", "4,8", "--strategy", "near", "--seed", "0", "--seed", "1")
    assert 0 == harness(*words).code
    (folder,) = (path.parent for path in (here / "results").glob("*/run.json"))
    trials = sorted(folder.glob("trials/reviews/near/*/trial.json"))
    assert ["0-0-n4", "0-0-n8", "1-0-n4", "1-0-n8"] == [path.parent.name for path in trials]
    trials[0].write_text(trials[0].read_text().replace('"finished"', '"stopped"', 1))
    kept = {path: path.read_bytes() for path in trials[1:]}
    other = harness("run", "tiny.yaml", "--seed", "0", "--seed", "1", "--resume")
    assert (7, True) == (other.code, "`harness curve --resume` goes on with" in other.err)
    done = harness(*words, "--resume")
    assert 0 == done.code, done.err
    assert 1 == len(list((here / "results").glob("*/run.json")))
    assert '"finished"' in trials[0].read_text()
    assert kept == {path: path.read_bytes() for path in trials[1:]}


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ("8,many", "--sizes '8,many' are no sizes; write whole numbers"),
        ("1", "--sizes 1 is too small"),
        ("8,31", "--sizes 31 is more than the 30 labelled rows of task 'reviews'"),
        ("", "are no sizes"),
    ],
)
def test_sizes_that_cannot_be_are_refused_before_anything_runs(
    here: Path, harness: Harness, sizes: str, message: str
) -> None:
    done = harness("curve", "tiny.yaml", "--sizes", sizes)
    assert 2 == done.code
    assert message in " ".join(done.err.split())
    assert not list((here / "results").glob("*/run.json"))


def test_a_dry_run_of_a_curve_names_every_trial(here: Path, harness: Harness) -> None:
    done = harness("curve", "tiny.yaml", "--sizes", "4,8", "--strategy", "near", "--dry-run")
    assert 0 == done.code, done.err
    assert all(f"reviews/near/{seed}-0-n{size}" in done.out for seed in (0, 1, 2) for size in (4, 8))
    assert not (here / "results").exists()
