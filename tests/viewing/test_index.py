"""Which rows pass, in which order, on answers that are written down in conftest.py."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.records import Failed, TrialKey
from harness.running.store import RunFolder
from harness.viewing.building import build
from harness.viewing.contents import signature
from harness.viewing.filters import parse
from harness.viewing.index import Index
from harness.viewing.selecting import shown

from .conftest import ANSWERS, EVIL, TEXTS, write_run, write_trial


def index_of(folder: RunFolder, to: Path) -> Index:
    build(folder, "t", to, lambda _: None)
    return Index(to, folder, "t")


@pytest.fixture
def index(made: RunFolder, tmp_path: Path) -> Iterator[Index]:
    opened = index_of(made, tmp_path / "index.sqlite")
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("", [0, 1, 2, 3]),
        ("q=great", [0, 3]),
        ("q=e", [0, 1, 2, 3]),
        ("q=%3Cscript", [2]),
        ("q=%25", []),
        ("q='", [2]),
        ("state=failed", [1]),
        ("of=good&state=failed", []),
        ("of=bad&state=wrong", [0, 3]),
        ("state=wrong", [0, 2, 3]),
        ("of=shy&state=right", [0, 3]),
        ("disagree=1", [0, 1, 2, 3]),
        ("disagree=1&show=good&show=bad", [0]),
        ("disagree=1&show=good", []),
        ("target=negative", [1, 3]),
        ("of=bad&said=negative", [0, 1]),
        ("said=positive&state=wrong&target=negative", [3]),
        ("state=wrong&said=negative", [0, 2]),
        ("meta.channel=mail", [1, 2]),
        ("meta.channel=mail&meta.other=x", []),
        ("q=great&of=bad&state=wrong&target=negative&meta.channel=web", [3]),
        ("sort=shortest", [1, 0, 3, 2]),
        ("sort=longest", [2, 3, 0, 1]),
        ("sort=hard", [3, 0, 1, 2]),
        ("sort=hard&show=good&show=bad", [3, 0, 1, 2]),
        ("sort=easy&show=good", [0, 1, 2, 3]),
        ("sort=sure:bad", [1, 3, 0, 2]),
        ("sort=unsure:shy", [2, 0, 3, 1]),
        ("sort=sure:nobody", [0, 1, 2, 3]),
    ],
)
def test_the_rows_that_pass(index: Index, query: str, rows: list[int]) -> None:
    assert rows == list(index.select(parse(query)))


def test_a_list_shows_every_answer_in_short(index: Index) -> None:
    trials = shown(parse(""), index.contents)
    assert ["good", "bad", "shy"] == [trial.strategy for trial in trials]
    (line,) = index.lines([1], [trial.number for trial in trials])
    assert ("a sad bed", "negative") == (line.text, line.target)
    assert ["right", "right", "failed"] == [line.cells[trial.number].state for trial in trials]
    assert 0.9 == line.cells[1].confidence
    assert "too-long" == line.cells[2].answer


def test_an_example_and_its_prompts_are_read_from_their_files(index: Index) -> None:
    shy = index.contents.trials[2]
    assert EVIL == index.example(2).query.text
    outcome = index.outcome(1, shy)
    assert outcome is not None
    assert isinstance(outcome.result, Failed)
    assert "asked: a sad bed" == outcome.exchanges[0].messages[0].content


def test_the_index_of_trigrams_finds_the_same_rows(made: RunFolder, tmp_path: Path) -> None:
    build(made, "t", tmp_path / "trigrams.sqlite", lambda _: None, scanned=0)
    index = Index(tmp_path / "trigrams.sqlite", made, "t")
    assert index.contents.searchable
    found = [list(index.select(parse(f"q={q}"))) for q in ("GREAT", "e", "%3Cscript", "='own", "%22", "a+NOT+b")]
    assert [[0, 3], [0, 1, 2, 3], [2], [2], [], []] == found
    index.close()


def test_one_seed_is_shown_at_a_time(tmp_path: Path) -> None:
    index = index_of(write_run(tmp_path / "two", seeds=(0, 1)), tmp_path / "two.sqlite")
    assert ["0-0", "1-0"] == index.contents.arms
    assert [0, 3] == list(index.select(parse("of=bad&state=wrong")))
    assert [0, 2] == list(index.select(parse("of=bad&state=wrong&arm=1-0")))
    index.close()


def test_a_strategy_that_was_stopped_has_rows_without_an_answer(made: RunFolder, tmp_path: Path) -> None:
    write_trial(made, TrialKey(task="t", strategy="new"), TEXTS, {"q3": ANSWERS["shy"]["q3"]})
    index = index_of(made, tmp_path / "more.sqlite")
    assert [3] == list(index.select(parse("of=new&state=right")))
    lines = index.lines([0, 3], [3])
    assert [False, True] == [3 in line.cells for line in lines]
    index.close()


def test_a_torn_last_line_is_left_out_and_a_broken_one_is_named(made: RunFolder, tmp_path: Path) -> None:
    path = made.path / "trials" / "t" / "good" / "0-0" / "outcomes.jsonl"
    before = signature(made, "t")
    with path.open("a") as out:
        out.write('{"query_id": "q0"')
    assert before != signature(made, "t")
    index = index_of(made, tmp_path / "torn.sqlite")
    assert 3 == len(index.select(parse("of=good&state=right")))
    index.close()
    with path.open("a") as out:
        out.write("\n")
    with pytest.raises(StoreError, match="line 5 is not an outcome"):
        build(made, "t", tmp_path / "broken.sqlite", lambda _: None)
    assert not (tmp_path / "broken.sqlite").exists()


def test_an_index_is_its_owners_alone(made: RunFolder, tmp_path: Path) -> None:
    build(made, "t", tmp_path / "index.sqlite", lambda _: None)
    assert 0o600 == (tmp_path / "index.sqlite").stat().st_mode & 0o777


def test_a_file_that_is_no_index_is_refused(made: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "no.sqlite").write_text("nothing of the kind")
    with pytest.raises(sqlite3.DatabaseError):
        Index(tmp_path / "no.sqlite", made, "t")


def test_files_that_changed_under_the_index_are_not_shown_as_something_else(index: Index, made: RunFolder) -> None:
    path = made.path / "trials" / "t" / "good" / "0-0" / "outcomes.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(reversed(lines)))
    with pytest.raises(StoreError, match="changed while they were shown"):
        index.outcome(0, index.contents.trials[0])


def test_more_strategies_than_sqlite_joins(tmp_path: Path) -> None:
    many = {f"s{number}": ANSWERS["good"] for number in range(70)}
    index = index_of(write_run(tmp_path / "many", answers=many), tmp_path / "many.sqlite")
    assert [3] == list(index.select(parse("of=s69&state=wrong")))
    assert [] == list(index.select(parse("disagree=1")))
    index.close()
