"""Runs with several training sizes: what learning curves are computed from."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

import harness
from harness.api import Run
from harness.errors import SuiteError
from harness.running.planning import plan
from harness.running.prediction import find_trial
from harness.running.runner import Options
from harness.suite.load import load_suite


def run(suite: Path, *sizes: int, **more: Any) -> Run:
    return harness.run(suite, options=Options(results=suite.parent / "results", sizes=sizes, **more))


def test_the_plan_has_each_trial_once_a_size_yardsticks_too(suite: Path) -> None:
    keys = plan(load_suite(suite), (), (16, 8, 8))
    assert [(8, "asks"), (8, "shots"), (8, "near"), (8, "majority"), (8, "tf-idf"), (16, "asks")] == [
        (key.train_size, key.strategy) for key in keys[:6]
    ]
    assert 10 == len(keys)


def test_a_strategy_gets_nested_rows_and_its_candidates_get_the_same(suite: Path, diarists: Any) -> None:
    diarists.add()
    (suite.parent / "given.py").write_text(GIVEN)
    entry = '  - {name: given, use: "./given.py:Given", matrix: {number: [1, 2]}}\n'
    suite.write_text(suite.read_text().replace("latency_sample", entry + "latency_sample"))
    made = run(suite, 8, 16, 30, strategies=("given", "diarist"))
    rows = {t.header.key: t.steps() for t in made.folder.trials() if "given[" in t.header.key.strategy}
    by_size: dict[int | None, set[str]] = {}
    for key, steps in rows.items():
        ids = {name for step in steps if step.name == "rows" for name in str(step.result).split("'")[3::2]}
        assert ids == by_size.setdefault(key.train_size, ids)
    assert {8: 8, 16: 16, 30: 30} == {size: len(ids) for size, ids in by_size.items()}
    assert by_size[8] < by_size[16] < by_size[30]
    assert ["5+3", "11+5", "20+10"] == [line.split()[-2] for line in diarists.lines() if "prepare" in line]
    assert (8, 16, 30) == made.header.sizes


GIVEN = """
from contextlib import contextmanager
from harness import Prediction, Record, Strategy

class Ids(Record):
    ids: tuple[str, ...]

class Given(Strategy):
    number: int = 1

    @contextmanager
    def prepare(self, brief, train, validation, context):
        context.step("rows", Ids, lambda: Ids(ids=tuple(e.query.id for e in (*train, *validation))))
        yield self

    def answer(self, queries):
        for query in queries:
            yield Prediction(query_id=query.id, answers=("positive",))
"""


def test_rows_stand_by_size_with_all_rows_last(suite: Path) -> None:
    made = run(suite, 16, 8, strategies=("majority", "tf-idf"))
    harness.run(suite, options=Options(results=suite.parent / "results", strategies=("majority",)))
    assert [("majority", 8), ("majority", 16), ("tf-idf", 8), ("tf-idf", 16)] == [
        (row.strategy, row.train_size) for row in made.rows()
    ]


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (31, r"--sizes 31 is more than the 30 labelled rows of task 'reviews' \(20 train and 10 validation\)"),
        (1, "--sizes 1 is too small"),
    ],
)
def test_a_size_without_the_rows_for_it_is_refused_before_anything_runs(
    suite: Path, size: int, message: str
) -> None:
    with pytest.raises(SuiteError, match=message):
        run(suite, 8, size)
    assert not (suite.parent / "results").exists()


def test_a_killed_run_goes_on_with_its_sizes_and_repeats_nothing(diarists: Any) -> None:
    diarists.add(seconds=0.01)
    before = run(diarists.suite, 8, 30, strategies=("diarist",), cache=False)
    whole = diarists.lines()
    diarists.diary.unlink()
    before.folder.path.rename(before.folder.path.parent.parent / "before")
    # The first size is answered and the second one is under way when it is killed.
    folder = diarists.killed_at([10, 45], sizes=(8, 30))
    diarists.taken_up()
    after = Run(folder)
    assert [(8, 30, "finished"), (30, 30, "finished")] == [
        (row.train_size, row.n, row.status) for row in after.rows()
    ]
    # At most the row that was under way and the warm-up are asked again at each kill.
    assert len(whole) <= len(diarists.lines()) <= len(whole) + 4


def test_a_run_taken_up_from_python_keeps_its_own_sizes(suite: Path) -> None:
    made = run(suite, 8, 16, strategies=("majority",))
    again = run(suite, resume=made.folder, strategies=("majority",))
    assert {8, 16} == {header.key.train_size for header in again.trials()}


def test_predict_takes_the_largest_size(suite: Path) -> None:
    made = run(suite, 8, 16, strategies=("majority",))
    assert 16 == find_trial(made.folder, "majority", None, None).train_size


SUITE = """
name: few
tasks:
  - name: moods
    kind: label
    instructions: How does it sound?
    labels: [good, bad, odd]
    data:
      path: moods.csv
      columns: {text: text, target: label}
      splits: {train: 24, validation: 12, test: 12}
models:
  e: {use: "harness.testing:HashEmbedder"}
  m: {use: "harness.testing:ScriptedModel", with: {replies: {fine: good, poor: bad}, otherwise: odd}}
strategies:
  - {name: features, use: features, with: {embedder: e}}
  - {name: knn, use: knn, with: {embedder: e, k: [1, 4]}}
  - {name: few-shot, use: few-shot, with: {model: m, shots: 6}}
  - {name: retrieval, use: retrieval, with: {model: m, embedder: e}}
latency_sample: 2
"""


def test_labels_that_a_size_leaves_without_a_row_break_no_strategy(tmp_path: Path) -> None:
    labels = {"good": "fine", "bad": "poor", "odd": "green"}
    with (tmp_path / "moods.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["text", "label"])
        for number in range(48):
            label = "odd" if number % 12 == 0 else ("good", "bad")[number % 2]
            writer.writerow([f"the {number}th was {labels[label]}", label])
    (tmp_path / "few.yaml").write_text(SUITE)
    made = run(tmp_path / "few.yaml", 2, 4, 8, 36)
    rows = made.rows()
    assert 4 * 6 == len(rows)
    assert {("finished", 12)} == {(row.status, row.n) for row in rows}
    told = {(row.strategy, row.train_size): " ".join(row.warnings) for row in rows}
    assert "never answers" in told["tf-idf", 2]
    assert "never answers" in told["knn", 2]
