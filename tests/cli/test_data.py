from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SUITE = """\
name: tickets
tasks:
  - name: intents
    kind: label
    instructions: Which queue?
    data:
      path: tickets.csv
      columns: {text: body, target: queue, id: nr, metadata: [customer]}
      splits: {validation: 0.2, test: 0.2}
strategies:
  - {name: usual, use: majority}
"""
WORDS = {"billing": "invoice", "delivery": "parcel", "login": "password"}


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """Sixty tickets with one of each kind of trouble."""
    rows = [
        [str(i), f"c{i % 7}", f"{'abcdefgh'[i % 8] * 6} {word} {i * i} {'xyzuvw'[i % 6] * 9} {i}", queue]
        for i, (queue, word) in enumerate(list(WORDS.items()) * 20)
    ]
    rows[3][3], rows[4][3], rows[5][3] = "Billing", "", "fax"
    rows[6][2] = "=HYPERLINK(1) [bold]"
    rows[5][2] = "=1+1 \x1b[31m the fax"
    rows[8][2] = rows[9][2]
    with (tmp_path / "tickets.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["nr", "customer", "body", "queue"], *rows])
    path = tmp_path / "tickets.yaml"
    path.write_text(SUITE)
    return path


@pytest.fixture
def type_lines(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Types lines at the prompt."""

    def type_lines(*lines: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

    return type_lines


def _lines(folder: Path) -> list[dict[str, str]]:
    with (folder / "tickets-intents-corrections.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_check_says_what_is_doubtful_and_changes_nothing(suite: Path, harness: Any, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    said = harness("data", "check", str(suite), "-o", str(tmp_path / "doubtful"))
    assert 0 == said.code
    for name in ("rare-labels", "labels-alike", "conflicts", "duplicates", "across-customer", "without-target"):
        assert name in said.out
        assert (tmp_path / "doubtful" / f"{name}.csv").is_file()
    assert before == {path: path.read_bytes() for path in before}
    assert "\x1b[31m" not in said.out


def test_check_writes_rows_with_place_and_inert_formulas(suite: Path, harness: Any, tmp_path: Path) -> None:
    harness("data", "check", str(suite), "-o", str(tmp_path / "doubtful"))
    with (tmp_path / "doubtful" / "rare-labels.csv").open(newline="") as file:
        rows = {row["target"]: row for row in csv.DictReader(file)}
    assert {"Billing", "fax"} == set(rows)
    assert "'=1+1" == rows["fax"]["text"][:5]
    assert "tickets.csv line 7" == rows["fax"]["place"]


def test_strict_ends_with_1_where_something_is_found_and_0_where_nothing_is(
    suite: Path, harness: Any, tmp_path: Path
) -> None:
    assert 1 == harness("data", "check", str(suite), "--strict").code
    rows = [[f"{w * 3} {i * 37} {'qrst'[i % 4] * 8} {i * i}", w] for i in range(30) for w in ("ab", "cd")]
    with (tmp_path / "clean.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["text", "target"], *rows])
    said = harness("data", "check", str(tmp_path / "clean.csv"), "--strict")
    assert (0, True) == (said.code, "Nothing doubtful was found." in said.out)


def test_check_of_a_file_takes_its_columns_by_option(suite: Path, harness: Any) -> None:
    file = str(suite.with_name("tickets.csv"))
    said = harness("data", "check", file, "--text", "body", "--target", "queue", "--group", "customer")
    assert "by a hash of 'customer'" in said.out
    wrong = harness("data", "check", file, "--text", "body", "--target", "quue")
    assert (3, True) == (wrong.code, "Did you mean 'queue'" in wrong.err)


def test_answers_are_kept_row_by_row_and_can_be_undone(
    suite: Path, harness: Any, type_lines: Callable[..., None], tmp_path: Path
) -> None:
    source = (tmp_path / "tickets.csv").read_bytes()
    type_lines("del", "/u", "log", "", "nonsense", "=", "/?", "/q")
    said = harness("data", "label", str(suite), "--by", "mara")
    first, second = _lines(tmp_path)
    assert ("4", "", "login", "mara") == (first["id"], first["old"], first["new"], first["by"])
    assert second["old"] == second["new"] != ""
    assert "no label begins with 'nonsense'" in said.out
    assert "2 answers" in said.out
    assert source == (tmp_path / "tickets.csv").read_bytes()


def test_rows_that_were_answered_are_not_asked_again(
    suite: Path, harness: Any, type_lines: Callable[..., None], tmp_path: Path
) -> None:
    type_lines("login")  # and then the input ends
    harness("data", "label", str(suite))
    type_lines("/q")
    said = harness("data", "label", str(suite))
    assert "the others" not in said.out
    assert "tickets.csv line 6 " not in said.out
    assert 1 == len(_lines(tmp_path))


def test_what_was_typed_reaches_a_run_s_data(
    suite: Path, harness: Any, type_lines: Callable[..., None], tmp_path: Path
) -> None:
    type_lines("login")
    harness("data", "label", str(suite))
    extra = (
        "corrections: tickets-intents-corrections.csv\n      rare_labels: drop\n      leakage: drop\n      splits"
    )
    suite.write_text(SUITE.replace("splits", extra))
    said = harness("validate", str(suite), "--data")
    assert "1 row has a target corrected by tickets-intents-corrections.csv." in said.out


def test_test_rows_are_offered_only_when_asked_for_and_with_a_word_of_warning(
    suite: Path, harness: Any, type_lines: Callable[..., None]
) -> None:
    type_lines(*[""] * 80)
    without = harness("data", "label", str(suite))
    type_lines(*[""] * 80)
    asked = harness("data", "label", str(suite), "--split", "test")
    assert ("   test\n" in without.out, "   test\n" in asked.out) == (False, True)
    assert ("kinder" in without.out, "kinder" in asked.out) == (False, True)


def test_with_a_run_what_its_models_doubt_comes_first(
    suite: Path, harness: Any, type_lines: Callable[..., None], tmp_path: Path
) -> None:
    suite.write_text(SUITE.replace("splits", "rare_labels: drop\n      leakage: drop\n      splits"))
    results = str(tmp_path / "results")
    assert 0 == harness("run", str(suite), "--results", results).code
    type_lines("/q")
    said = harness("data", "label", str(suite), "--run", "latest", "--results", results)
    assert "models: " in said.out
