"""baseline, gate and mlflow as a user and a CI server run them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import parse

import pytest

import harness as package
from harness.gating.baseline import read
from harness.gating.records import EXIT_CODES
from harness.running.runner import Options

Harness = Callable[..., Any]  # what conftest.py gives

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def ran(suite: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished run of the tiny suite, in the working folder."""
    monkeypatch.chdir(suite.parent)
    monkeypatch.setenv("COLUMNS", "80")
    package.run(suite, options=Options(strategies=("asks", "near")))
    return suite.parent


def test_a_baseline_is_written_and_a_run_is_judged_by_it(ran: Path, harness: Harness) -> None:
    made = harness("baseline", "latest", "-o", "baseline.json")
    assert 0 == made.code, made.err
    assert "reviews: " in made.out
    assert 30 == len(read(Path("baseline.json")).tasks[0].hashes)
    text = Path("baseline.json").read_text()
    assert "great" not in text
    assert str(ran) not in text

    done = harness("gate", "latest", "--baseline", "baseline.json", "--no-regression", "--strategy", "asks")
    # Thirty rows cannot show that nothing as small as the margin was lost.
    assert 11 == done.code, done.err
    assert "inconclusive  no regression of accuracy against asks" in done.out
    assert "all 30 rows paired" in done.out.replace("\n" + " " * 16, " ")
    assert "is above -0.02" in done.out
    assert done.out.endswith("inconclusive, exit code 11\n")
    wide = harness(
        "gate", "latest", "--baseline", "baseline.json", "--no-regression", "--strategy", "asks", "--margin", "0.2"
    )
    assert 0 == wide.code, wide.out
    assert 80 >= max(len(line) for line in done.out.splitlines() if "exit code" not in line)


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (("--min", "accuracy=0.1"), 0),
        (("--max", "accuracy=0.01"), 10),
        (("--max", "p95_seconds=10"), 11),
        (("--max", "accuracy=0.01", "--max", "p95_seconds=10"), 10),
    ],
)
def test_limits_end_with_their_own_exit_codes(
    ran: Path, harness: Harness, limits: tuple[str, ...], code: int
) -> None:
    assert code == harness("gate", "latest", *limits).code


def test_it_leaves_junit_and_appends_markdown(ran: Path, harness: Harness) -> None:
    Path("summary.md").write_text("before\n")
    words = ("gate", "latest", "--max", "accuracy=0.01", "--junit", "gate.xml", "--markdown", "summary.md")
    assert 10 == harness(*words).code
    [case] = parse("gate.xml").iter("testcase")
    assert case.attrib["name"].endswith(": accuracy at most 0.01")
    assert ["failure"] == [child.tag for child in case]
    told = Path("summary.md").read_text()
    assert told.startswith("before\n## ❌ Gate: failed\n")
    assert "<summary>The rules</summary>" in told
    assert "### tiny / reviews" in told


def test_the_verdict_and_its_files_stand_where_the_reader_has_left(ran: Path) -> None:
    for words, code in (
        (("gate", "latest", "--min", "accuracy=0.999", "--junit", "gate.xml"), 10),
        (("compare", "latest", "-o", "out.json"), 0),
    ):
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run(
            [sys.executable, "-m", "harness", *words], stdout=write, stderr=subprocess.PIPE, check=False
        )
        os.close(write)
        assert code == done.returncode, done.stderr
        assert b"Error" not in done.stderr
        assert Path(words[-1]).exists()


def test_a_run_that_was_cut_short_is_incomplete_and_one_stopped_by_its_budget_says_so(
    ran: Path, harness: Harness
) -> None:
    header = next(ran.glob("results/*/trials/reviews/near/0-0/trial.json"))
    told = json.loads(header.read_text())
    header.write_text(json.dumps(told | {"status": "running", "finished": None}))
    done = harness("gate", "latest", "--min", "accuracy=0.1")
    assert 12 == done.code
    assert "incomplete    seed 0 has ended" in done.out
    assert 0 == harness("gate", "latest", "--min", "accuracy=0.1", "--strategy", "asks").code
    problem = {"kind": "BudgetError", "message": "the cost limit of $1 is reached", "traceback": ""}
    header.write_text(json.dumps(told | {"status": "stopped", "problem": problem}))
    stopped = harness("gate", "latest", "--min", "accuracy=0.1")
    assert 13 == stopped.code
    assert "the cost limit of $1 is reached" in stopped.out
    assert "stopped by its cost limit, exit code 13" in stopped.out


def test_a_strategy_that_was_never_begun_is_incomplete_and_one_that_there_is_not_is_a_mistake(
    ran: Path, harness: Harness
) -> None:
    shutil.rmtree(next(ran.glob("results/*/trials/reviews/near")))
    header = next(ran.glob("results/*/run.json"))
    header.write_text(json.dumps(json.loads(header.read_text()) | {"finished": None}))
    assert 12 == harness("gate", "latest", "--min", "accuracy=0.1", "--strategy", "near").code
    wrong = harness("gate", "latest", "--min", "accuracy=0.1", "--strategy", "nears")
    assert (2, True) == (wrong.code, "Did you mean 'near'?" in wrong.err)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "nothing to judge"),
        (("--no-regression",), 2, "needs --baseline FILE"),
        (("--no-regression", "--baseline", "gone.json"), 7, "harness baseline RUN -o gone.json"),
        (("--min", "accuracy"), 2, "write FIGURE=NUMBER"),
        (("--min", "accuracy=2"), 2, "between 0 and 1"),
        (("--min", "accuracy=0.9", "--max", "accuracy=0.8"), 2, "leave no accuracy between them"),
        (("--min", "acuracy=1"), 2, "Did you mean 'accuracy'?"),
        (("--min", "accuracy=0.1", "--markdown", "gone/summary.md"), 7, "gone/summary.md"),
    ],
)
def test_mistakes_are_told_with_what_to_do(
    ran: Path, harness: Harness, words: tuple[str, ...], code: int, said: str
) -> None:
    done = harness("gate", "latest", *words)
    assert code == done.code
    assert said in done.err


def test_help_and_docs_name_every_exit_code(harness: Harness) -> None:
    told = harness("gate", "--help").out
    docs = (DOCS / "gates.md").read_text() + (DOCS / "suites.md").read_text()
    for code in EXIT_CODES.values():
        assert re.search(rf"^\s+{code}  ", told, flags=re.M), code
        assert 2 <= len(re.findall(rf"^\| {code} \|", docs, flags=re.M)), code


def test_every_command_in_the_docs_of_gates_has_options_that_there_are(harness: Harness) -> None:
    docs = (DOCS / "gates.md").read_text()
    for command in ("gate", "baseline", "mlflow"):
        told = harness(command, "--help").out
        lines = re.findall(rf"harness {command} [^`]*?(?:\n(?!\s*--)|$)", docs)
        assert lines, command
        for option in re.findall(r"(?<!\S)--[a-z-]+", " ".join(lines)):
            assert option in told


def test_mlflow_takes_a_run_and_refuses_to_send_a_private_one_away(
    ran: Path, harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("mlflow")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    done = harness("mlflow", "latest", "--tracking-uri", (ran / "store").as_uri())
    assert 0 == done.code, done.err
    assert "in experiment 'tiny'" in done.out
    suite = next(ran.glob("results/*/suite.json"))
    suite.write_text(json.dumps(json.loads(suite.read_text()) | {"privacy": "local"}))
    refused = harness("mlflow", "latest", "--tracking-uri", "https://mlflow.example.org")
    assert (2, True) == (refused.code, "privacy is local" in refused.err)
    assert "MLFLOW_TRACKING_URI" not in os.environ
