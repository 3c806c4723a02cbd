"""harness compare, report and limits on the command line, as a user types them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

Harness = Callable[..., Any]  # what conftest.py gives

BAD = [
    (["--min", "acuracy=0.8"], r"--min 'acuracy' is no figure.*Did you mean 'accuracy'"),
    (["--max", "p95_second=1"], r"--max 'p95_second' is no figure.*Did you mean 'p95_seconds'"),
    (["--min", "recall[negativ]=0.1"], r"Did you mean 'recall\[negative\]'"),
    (["--min", "accuracy"], r"--min 'accuracy' is no limit; write FIGURE=NUMBER"),
    (["--min", "accuracy=high"], r"--min 'accuracy=high' is no limit"),
    (["--max", "p95_seconds=inf"], r"--max p95_seconds=inf: .* 0 or more"),
    (["--min", "accuracy=0.5", "--min", "accuracy=0.6"], r"--min names 'accuracy' twice"),
    (["--decide", "answers_per_month"], r"--decide 'answers_per_month' is not of the form FIELD=VALUE"),
    (["--decide", "answers_per_month=many"], r"--decide answers_per_month: expected a whole number.*'many'"),
    (["--decide", "answer_per_month=1"], r"no field 'answer_per_month'.*Did you mean 'answers_per_month'"),
    (["--decide", "serving.mod=batch"], r"no field 'mod'.*Did you mean 'mode'"),
    (["--decide", "margin.x=1"], r"nothing below 'margin'"),
    (["--decide", "privacy=closed"], r"--decide privacy: .*'closed'"),
    (["--decide", "error_price={yes: ["], r"--decide error_price: .*not written as YAML"),
    (["--decide", "error_price={positiv: {negative: 2}}"], r"'positiv' is no label.*Did you mean 'positive'"),
    (["--decide", "error_price=-2"], r"--decide error_price: .*at least 0"),
    (["--decide", "error_price.positive.negative=-2"], r"--decide error_price.positive.negative: .*at least 0"),
    (["--decide", "label_price=-1"], r"--decide label_price: must be at least 0"),
    (["--decide", "answers_per_month=100,000"], r"'100,000' is no number; write 100000, or 100_000"),
    (["--max", "p95_seconds=1s"], r"such as --max p95_seconds=1, in seconds"),
    (["--max", "dollars_per_month=5$"], r"such as --max dollars_per_month=5, in dollars"),
    (["--min", "accuracy=2"], r"--min accuracy=2: accuracy lies between 0 and 1"),
    (["--max", "p95_seconds=-1"], r"--max p95_seconds=-1: .* 0 or more"),
    (["--min", "accuracy=0.9", "--max", "accuracy=0.8"], r"leave no accuracy between them"),
    (["--prices", "negative.yaml"], r"device_hours.this: must be at least 0"),
    (["--prices", "none.yaml"], r"--prices 'none.yaml' cannot be read"),
    (["--prices", "reviews.csv"], r"--prices 'reviews.csv'"),
    (["--strategy", "ask"], r"no strategy 'ask'.*Did you mean 'asks'"),
    (["-o", "out.pdf"], r"one of .json, .csv"),
]


@pytest.fixture
def ran(suite: Path, harness: Harness, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished run of the tiny suite in the working folder."""
    monkeypatch.chdir(suite.parent)
    monkeypatch.setenv("COLUMNS", "80")
    done = harness("run", "tiny.yaml")
    assert 0 == done.code, done.err
    return suite.parent


def told(folder: Path, harness: Harness, *words: str) -> dict[str, Any]:
    done = harness("compare", "latest", *words, "-o", "out.json")
    assert 0 == done.code, done.err
    found: dict[str, Any] = json.loads((folder / "out.json").read_text(), parse_constant=_not_json)
    return found


def _not_json(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


def test_compare_shows_the_table_and_a_recommendation_and_asks_nothing(ran: Path, harness: Harness) -> None:
    before = sorted(str(path) for path in (ran / "results").rglob("*"))
    done = harness("compare", "latest")
    assert 0 == done.code, done.err
    assert "Recommendation: Use " in done.out
    assert "tiny / reviews · 30 test rows" in done.out
    assert 80 >= max(map(len, done.out.splitlines()))
    assert before == sorted(str(path) for path in (ran / "results").rglob("*"))


def test_limits_of_the_command_line_stand_beside_the_suites(ran: Path, harness: Harness) -> None:
    done = harness(
        "compare", "latest", "--min", "accuracy=0.5", "--max", "prepare_dollars=1", "--decide", "budget=50"
    )
    assert 0 == done.code, done.err
    said = " ".join(done.out.split())
    assert "accuracy at least 0.5:" in said
    assert "prepare_dollars at most $1.00:" in said
    assert "budget at most $50.00:" in said
    found = told(ran, harness, "--min", "recall[negative]=0.1", "--decide", "serving.mode=always_on")
    (recommendation,) = found["recommendations"]
    assert {"recall[negative]"} == {check["figure"] for check in recommendation["limits"]}
    assert 730.0 == pytest.approx(max(line["serving_per_month"] for line in recommendation["lines"]))


def test_a_bad_value_is_refused_with_its_option(ran: Path, harness: Harness) -> None:
    Path("negative.yaml").write_text("device_hours: {this: -20}")
    for words, message in BAD:
        done = harness("compare", "latest", *words)
        assert 2 == done.code, words
        assert re.search(message, " ".join(done.err.split())), done.err
        assert "Traceback" not in done.err


def test_prices_of_errors_and_large_numbers_are_taken_as_they_are_typed(ran: Path, harness: Harness) -> None:
    forms = [
        ["error_price={positive:{negative:50}}"],
        ["error_price={positive: {negative: 50}}"],
        ["error_price.positive.negative=50"],
        ["error_price=2", "error_price.positive.negative=50"],
    ]
    for form in forms:
        typed = [word for each in form for word in ("--decide", each)]
        found = told(ran, harness, *typed, "--decide", "answers_per_month=1e6")
        (recommendation,) = found["recommendations"]
        assert (
            recommendation["sentence"]
            == told(ran, harness, *typed, "--decide", "answers_per_month=1_000_000")["recommendations"][0][
                "sentence"
            ]
        )
        assert any("wrong" in line for line in recommendation["reasons"]), form


def test_new_prices_change_dollars_and_nothing_else(ran: Path, harness: Harness) -> None:
    (ran / "new.yaml").write_text("prices: {device_hours: {this: 10.0}}\n")
    old, new = told(ran, harness), told(ran, harness, "--prices", "new.yaml")
    for before, after in zip(old["rows"], new["rows"], strict=True):
        changed = {name for name in before if before[name] != after[name]}
        dollars = {"prepare_dollars", "dollars_per_answer", "served_dollars_per_answer", "dollars_per_month"}
        assert changed <= dollars
        assert 10 * before["dollars_per_answer"] == pytest.approx(after["dollars_per_answer"])
    assert old["comparisons"] == new["comparisons"]
    (ran / "none.yaml").write_text("{}\n")
    assert {None} == {row["dollars_per_answer"] for row in told(ran, harness, "--prices", "none.yaml")["rows"]}


def test_two_runs_are_compared_under_letters(ran: Path, harness: Harness) -> None:
    assert 0 == harness("run", "tiny.yaml", "--strategy", "asks").code
    first, second = sorted(path.name for path in (ran / "results").iterdir() if (path / "run.json").exists())
    done = harness("compare", first, second, "--strategy", "asks", "-o", "out.json", "-o", "out.csv")
    assert 0 == done.code, done.err
    assert f"A is {first}" in done.out
    assert "asks (A)" in done.out
    assert "asks (B)" in done.out
    assert [first, second] == json.loads((ran / "out.json").read_text())["runs"]


def test_a_run_beside_itself_is_refused_and_a_task_that_one_run_lacks_is_told(ran: Path, harness: Harness) -> None:
    twice = harness("compare", "latest", "latest")
    assert (2, True) == (twice.code, "is named twice" in twice.err)
    text = Path("tiny.yaml").read_text()
    second = text[text.index("  - name: reviews") : text.index("models:")].replace("name: reviews", "name: others")
    Path("two.yaml").write_text(text.replace("models:", second + "models:", 1))
    assert 0 == harness("run", "two.yaml", "--strategy", "asks").code
    names = sorted(path.parent.name for path in Path("results").glob("*/run.json"))
    done = harness("compare", *names, "-o", "r.md", "-o", "r.html", "-o", "r.json")
    assert 0 == done.code, done.err
    assert " ".join(done.out.split()).startswith(f"Task 'others' is only in {names[-1]}: not compared")
    assert "is only in" in Path("r.md").read_text()
    assert "is only in" in Path("r.html").read_text()
    assert {names[-1]: ["others"]} == json.loads(Path("r.json").read_text())["unshared"]


def test_a_run_that_is_not_there_is_refused(ran: Path, harness: Harness) -> None:
    done = harness("compare", "nowhere")
    assert 7 == done.code
    assert "there is no run 'nowhere'" in done.err


def test_the_report_goes_into_the_runs_folder_or_where_it_is_asked(ran: Path, harness: Harness) -> None:
    (folder,) = (path.parent for path in (ran / "results").glob("*/run.json"))
    (folder / "report.html").unlink(missing_ok=True)
    done = harness("report", "latest")
    assert 0 == done.code, done.err
    assert str(folder.relative_to(ran) / "report.html") == done.out.strip()
    assert "<html" in (folder / "report.html").read_text()
    done = harness("report", "latest", "-o", "r.html", "-o", "r.md", "-o", "r.xml", "-o", "r.json", "-o", "r.csv")
    assert 0 == done.code, done.err
    assert "asks" in (ran / "r.md").read_text()
    assert ET.parse(ran / "r.xml").getroot().tag == "testsuites"
    assert 5 == len((ran / "r.csv").read_text().splitlines()) - 1


def test_a_report_without_texts_holds_none(ran: Path, harness: Harness) -> None:
    names = ["r.html", "r.md", "r.json", "r.csv", "r.xml"]
    done = harness("report", "latest", "--no-text", *[word for name in names for word in ("-o", name)])
    assert 0 == done.code, done.err
    texts = [line.split(",")[1] for line in (ran / "reviews.csv").read_text().splitlines()[1:]]
    for name in names:
        assert [] == [text for text in texts if text in (ran / name).read_text()], name


def test_limits_of_a_run_are_kept_with_it(suite: Path, harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(suite.parent)
    done = harness(
        "run", "tiny.yaml", "--strategy", "asks", "--min", "accuracy=0.95", "--decide", "horizon_months=3"
    )
    assert 0 == done.code, done.err
    (path,) = (suite.parent / "results").glob("*/suite.json")
    decide = json.loads(path.read_text())["decide"]
    assert ({"accuracy": 0.95}, 3, 1000) == (
        decide["minimum"],
        decide["horizon_months"],
        decide["answers_per_month"],
    )
    assert "accuracy at least 0.95" in " ".join(harness("compare", "latest").out.split())


def test_a_misspelt_limit_of_a_run_is_refused_before_it_begins(
    suite: Path, harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(suite.parent)
    done = harness("run", "tiny.yaml", "--min", "acuracy=0.8")
    assert 2 == done.code
    assert "--min 'acuracy' is no figure" in " ".join(done.err.split())
    assert not (suite.parent / "results").exists()


def test_a_run_can_be_taken_up_again_with_other_limits(
    suite: Path, harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(suite.parent)
    assert 0 == harness("run", "tiny.yaml", "--strategy", "asks", "--min", "accuracy=0.5").code
    (folder,) = (path.parent for path in (suite.parent / "results").glob("*/run.json"))
    outcomes = next(folder.glob("trials/reviews/asks/*/outcomes.jsonl"))
    before = outcomes.read_bytes()
    for again in (("tiny.yaml",), (str(folder),)):
        header = next(folder.glob("trials/reviews/asks/*/trial.json"))
        header.write_text(header.read_text().replace('"finished"', '"stopped"', 1))
        done = harness("run", *again, "--resume", "--min", "accuracy=0.6", "--decide", "margin=0.05")
        assert 0 == done.code, done.err
        decide = json.loads((folder / "suite.json").read_text())["decide"]
        assert ({"accuracy": 0.6}, 0.05) == (decide["minimum"], decide["margin"])
        assert before == outcomes.read_bytes()


def test_a_limit_of_the_suite_that_names_no_figure_is_told_with_its_line(
    suite: Path, harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(suite.parent)
    text = suite.read_text().replace("answers_per_month: 1000", "minimum: {acuracy: 0.9}")
    suite.write_text(text)
    line = next(i for i, each in enumerate(text.splitlines(), 1) if "acuracy" in each)
    done = harness("validate", "tiny.yaml")
    assert 2 == done.code
    assert f"tiny.yaml:{line}:" in done.err + done.out
    assert "Did you mean 'accuracy'" in " ".join((done.err + done.out).split())


def test_a_folder_that_is_no_run_is_refused(ran: Path, harness: Harness) -> None:
    shutil.rmtree(ran / "results")
    done = harness("compare", "latest")
    assert 7 == done.code
    assert "Traceback" not in done.err
