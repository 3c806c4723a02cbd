"""run, ls, show and predict as a user types them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.report.document import Document

Harness = Callable[..., Any]  # what conftest.py gives


@pytest.fixture
def ran(suite: Path, harness: Harness, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished run of the tiny suite in the working folder."""
    monkeypatch.chdir(suite.parent)
    done = harness("run", "tiny.yaml", "-o", "out.json", "-o", "out.csv")
    assert 0 == done.code, done.err
    assert "Written: out.json\nWritten: out.csv\n" in done.err
    return suite.parent


def test_the_table_fits_eighty_columns_and_says_n_and_what_was_chosen(
    suite: Path, harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(suite.parent)
    monkeypatch.setenv("COLUMNS", "80")
    done = harness("run", "tiny.yaml")
    assert 80 >= max(len(line) for line in done.out.splitlines() if "Report: " not in line)
    assert "tiny / reviews · 30 test rows, 20 train, 10 validation · seed 0" in done.out
    assert "n = 30" in done.out
    assert "chosen on validation" in done.out


def test_the_json_keeps_its_published_schema_and_names(ran: Path) -> None:
    told = json.loads((ran / "out.json").read_text())
    Document.model_validate(told)
    names = (
        "task strategy seed repeat train_size n failed metric value low high accuracy macro_f1 prepare_seconds"
        " p50_seconds p95_seconds prepare_dollars dollars_per_answer dollars_per_month"
    )
    assert set(names.split()) <= set(told["rows"][0])
    assert ["asks", "shots", "near", "majority", "tf-idf"] == [row["strategy"] for row in told["rows"]]
    with (ran / "out.csv").open() as lines:
        assert told["rows"][0]["value"] == pytest.approx(float(next(csv.DictReader(lines))["value"]))


@pytest.mark.parametrize(
    ("path", "message"), [("out.pdf", "one of .json, .csv"), ("nowhere/out.json", "there is no folder")]
)
def test_an_output_that_cannot_be_written_is_refused_before_anything_runs(
    suite: Path, harness: Harness, path: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(suite.parent)
    done = harness("run", "tiny.yaml", "-o", path)
    assert 2 == done.code
    assert message in done.err
    assert not (suite.parent / "results").exists()


def test_a_dry_run_names_every_trial_and_runs_none(
    suite: Path, harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(suite.parent)
    done = harness("run", "tiny.yaml", "--dry-run", "--seed", "3")
    assert "reviews/shots/3-0  (the best on validation of 2)" in done.out
    assert not (suite.parent / "results").exists()


def test_ls_lists_runs_and_where_they_stand(ran: Path, harness: Harness) -> None:
    assert "complete    5 finished" in harness("ls").out
    (ran / "results" / "no-run").mkdir()
    assert 1 == len(harness("ls").out.splitlines())


def test_ls_without_runs_says_how_to_make_one(
    tmp_path: Path, harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "`harness run SUITE` makes one" in harness("ls").out


def test_show_gives_parameters_steps_cost_and_prompts_as_sent(ran: Path, harness: Harness) -> None:
    done = harness("show", "latest", "shots", "--answers", "1", "--prompts")
    assert "use few-shot, plugin fewshot" in done.out
    assert "step chosen" in done.out
    assert "bulk: " in done.out
    assert "user> Is this review positive or negative?" in done.out


def test_show_knows_the_candidates_of_a_matrix(ran: Path, harness: Harness) -> None:
    done = harness("show", "latest", "shots[shots=1]")
    assert "candidate" in done.out
    assert "shots: 1" in done.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("show", "latest", "ask"), "no strategy 'ask' in this run"),
        (("show", "2020"), "there is no run '2020'"),
        (("predict", "latest", "nearr", "new.csv"), "Did you mean 'near'?"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(
    ran: Path, harness: Harness, words: tuple[str, ...], message: str
) -> None:
    done = harness(*words)
    assert done.code in (2, 7)
    assert message in done.err


def test_predict_answers_new_rows_with_what_was_fitted(ran: Path, harness: Harness) -> None:
    (ran / "new.csv").write_text("text,ticket\nthe room was great,7\n,8\n=1+1 awful,9\n")
    ledgers = {path: path.read_bytes() for path in ran.glob("results/*/trials/*/*/*/ledger.jsonl")}
    done = harness("predict", "latest", "asks", "new.csv", "-o", "answered.csv")
    assert 0 == done.code, done.err
    rows = list(csv.DictReader(io.StringIO((ran / "answered.csv").read_text())))
    assert [("7", "positive"), ("8", ""), ("9", "negative")] == [(r["ticket"], r["answer"]) for r in rows]
    assert "the row has no text" == rows[1]["failure"]
    assert rows[2]["text"].startswith("'=")  # a spreadsheet must not run it
    assert ledgers == {path: path.read_bytes() for path in ledgers}


def test_predict_without_output_prints_csv(ran: Path, harness: Harness) -> None:
    (ran / "new.csv").write_text("text\nthe food was lovely\n")
    [row] = csv.DictReader(io.StringIO(harness("predict", "latest", "near", "new.csv").out))
    assert "the food was lovely" == row["text"]
    assert row["answer"] in ("positive", "negative")


def test_predict_names_a_missing_column(ran: Path, harness: Harness) -> None:
    (ran / "new.csv").write_text("txt\nhello\n")
    done = harness("predict", "latest", "asks", "new.csv")
    assert 3 == done.code
    assert "column 'text' is not in new.csv (it has: txt)" in done.err


def test_predict_refuses_a_run_that_kept_no_fits(
    suite: Path, harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(suite.parent)
    suite.write_text(suite.read_text() + "keep: false\n")
    harness("run", "tiny.yaml")
    (suite.parent / "new.csv").write_text("text\nhello\n")
    done = harness("predict", "latest", "near", "new.csv")
    assert 7 == done.code
    assert "keep: true" in done.err


def test_model_text_cannot_command_the_terminal(
    suite: Path, harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(suite.parent)
    suite.write_text(suite.read_text().replace("otherwise: negative", 'otherwise: "\\e[2Jgone"'))
    harness("run", "tiny.yaml", "--strategy", "asks")
    done = harness("show", "latest", "asks", "--failed")
    assert "\x1b" not in done.out
    assert "\\x1b[2Jgone" in done.out
