"""Several runs side by side: rows paired by id and text, targets of the last one, names with letters."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

import harness
from harness.api import Comparison, Run
from harness.comparing.costs import cost_of
from harness.comparing.evidence import TaskEvidence
from harness.comparing.figures import strategy_figures
from harness.comparing.pairs import failed_share
from harness.comparing.reading import _paired, opened, read
from harness.comparison import TaskComparison
from harness.errors import SuiteError
from harness.records import Example, Query
from harness.report.document import rows as trial_rows
from harness.running.rows import Row
from harness.running.runner import Options
from harness.suite import Decide

SUITE = """\
name: NAME
tasks:
  - name: TASK
    kind: label
    instructions: Is this review positive or negative?
    labels: [positive, negative]
    data:
      path: train.csv
      columns: {text: text, target: label, id: id}
      splits: {train: 8, validation: 4, test: TEST}
models:
  m:
    use: "harness.testing:ScriptedModel"
    with: {replies: {great: positive}, otherwise: negative}
strategies:
  - {name: asks, use: prompt, with: {model: m}}
yardsticks: []
latency_sample: 2
prices: {device_hours: {this: 1.0}}
"""


def rows(prefix: str, n: int) -> dict[str, tuple[str, str]]:
    """Half of them great; the scripted model is right on all but every tenth."""
    words = [("great", "positive"), ("poor", "negative")]
    return {f"{prefix}{i}": (f"{words[i % 2][0]} number {prefix}{i}", words[i % 2][1]) for i in range(n)}


def write(path: Path, told: Mapping[str, tuple[str, str]]) -> None:
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "text", "label"])
        writer.writerows([name, *row] for name, row in told.items())


def run(
    folder: Path, test: Mapping[str, tuple[str, str]], *, name: str = "one", task: str = "reviews", train: int = 8
) -> Run:
    """Runs a suite of its own over these test rows."""
    write(folder / "train.csv", rows("r", 12))
    write(folder / f"{name}-test.csv", test)
    suite = folder / f"{name}.yaml"
    suite.write_text(
        SUITE.replace("NAME", name)
        .replace("TASK", task)
        .replace("TEST", f"{name}-test.csv")
        .replace("train: 8", f"train: {train}")
    )
    return harness.run(suite, options=Options(results=folder / "results"))


def evidence(*of: Run) -> TaskEvidence:
    (found,) = read([opened(each.folder, each.loaded) for each in of])
    return found


def compared(*of: Run) -> tuple[Comparison, TaskComparison]:
    found = harness.compare(*of)
    (task,) = found.tasks
    return found, task


def test_one_run_keeps_its_names_and_pairs_all_rows(tmp_path: Path) -> None:
    found = evidence(run(tmp_path, rows("t", 20)))
    assert ["asks"] == [each.name for each in found.contenders]
    assert (20, {}, (), ()) == (
        found.pairing.rows,
        found.pairing.unpaired,
        found.pairing.relabelled,
        found.pairing.changed,
    )


def test_rows_of_two_runs_are_paired_by_id_and_text_under_the_last_ones_targets(tmp_path: Path) -> None:
    old, new = rows("t", 20), rows("t", 22)
    del new["t3"]
    new["t5"] = ("quite another text", "negative")
    new["t0"] = (new["t0"][0], "negative")
    a, b = run(tmp_path, old), run(tmp_path, new, name="two")
    found = evidence(a, b)
    assert ["asks (A)", "asks (B)"] == [each.name for each in found.contenders]
    assert {a.header.id: ("t3",), b.header.id: ("t20", "t21")} == dict(found.pairing.unpaired)
    assert ("t0",) == found.pairing.relabelled
    assert ("t5",) == found.pairing.changed
    assert 18 == found.pairing.rows == len(found.test)
    assert {"t3", "t5", "t20"}.isdisjoint(found.ids)
    # The model calls t0 positive: right by the old target, wrong by the new one, in both runs.
    comparison, task = compared(a, b)
    assert [17 / 18] * 2 == pytest.approx([each.value.value for each in task.strategies if each.value])
    assert [18, 18] == [each.n for each in task.strategies]
    assert [17 / 18] * 2 == pytest.approx([row.value for row in comparison_rows(comparison)])
    # The other way round t0 is positive again.
    _, back = compared(b, a)
    assert [1.0, 1.0] == [each.value.value for each in back.strategies if each.value]


def comparison_rows(comparison: Comparison) -> list[Row]:
    return list(trial_rows(comparison.compared))


def test_the_table_says_what_was_not_compared(tmp_path: Path) -> None:
    new = rows("t", 20)
    new["t0"] = (new["t0"][0], "negative")
    del new["t4"]
    a, b = run(tmp_path, rows("t", 20)), run(tmp_path, new, name="two")
    console = Console(width=80)
    with console.capture() as told:
        console.print(compared(a, b)[0])
    said = " ".join(told.get().split())
    assert f"only in {a.header.id}: not compared (t4)" in said
    assert "another target now" in said
    assert f"A is {a.header.id}" in said
    assert f"B is {b.header.id}" in said


def test_rows_of_the_json_tell_the_runs_apart(tmp_path: Path) -> None:
    a, b = run(tmp_path, rows("t", 20)), run(tmp_path, rows("t", 20), name="two")
    comparison, task = compared(a, b)
    named = {(row.task, row.strategy, row.seed) for row in comparison_rows(comparison)}
    assert {("reviews", "asks (A)", 0), ("reviews", "asks (B)", 0)} == named
    assert {(pair.a, pair.b) for pair in task.pairs} == {("asks (A)", "asks (B)")}


def test_failures_among_rows_that_are_not_paired_do_not_count(tmp_path: Path) -> None:
    a, b = run(tmp_path, rows("t", 20)), run(tmp_path, rows("t", 4), name="two")
    found = evidence(a, b)
    trial = found.contender("asks (A)").trials[0]
    broken = {
        i: each._replace(answers=None, failure="timeout") if i == "t9" else each
        for i, each in trial.answers.items()
    }
    contender = replace(found.contender("asks (A)"), trials=(replace(trial, answers=broken),))
    assert 0.0 == failed_share(found, contender)
    assert (4, 0) == ((figures := strategy_figures(found, contender)).n, figures.failed)


def test_runs_of_other_tasks_have_nothing_to_compare(tmp_path: Path) -> None:
    a = run(tmp_path, rows("t", 6))
    b = run(tmp_path, rows("t", 6), name="two", task="mails")
    with pytest.raises(SuiteError, match=r"no task in common \(.*reviews.*mails"):
        harness.compare(a, b)


def test_runs_without_a_common_row_have_nothing_to_compare(tmp_path: Path) -> None:
    a, b = run(tmp_path, rows("t", 6)), run(tmp_path, rows("u", 6), name="two")
    with pytest.raises(SuiteError, match=r"'reviews'.*none is paired"):
        harness.compare(a, b)


def test_only_some_strategies_and_a_misspelt_one(tmp_path: Path) -> None:
    a = run(tmp_path, rows("t", 6))
    with pytest.raises(SuiteError, match=r"no strategy 'ask'.*Did you mean 'asks'"):
        harness.compare(a, strategies=["ask"])
    assert ["asks"] == [each.name for each in harness.compare(a, strategies=["asks"]).tasks[0].strategies]


def test_a_run_made_again_differs_from_the_first_in_no_row_and_a_run_beside_itself_is_refused(
    tmp_path: Path,
) -> None:
    a, b = run(tmp_path, rows("t", 20)), run(tmp_path, rows("t", 20))
    _, task = compared(a, b)
    (pair,) = task.pairs
    assert (0.0, 0, 0) == (pair.difference, pair.a_only, pair.b_only)
    with pytest.raises(SuiteError, match="is named twice"):
        harness.compare(a, b, a)


def test_limits_as_a_mapping_lie_over_the_suites_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    a = run(tmp_path, rows("t", 20))
    found = harness.compare(a, decide={"minimum": {"accuracy": 0.5}}).tasks[0].decide
    assert ({"accuracy": 0.5}, a.loaded.suite.decide.margin) == (found.minimum, found.margin)
    assert {"accuracy": 0.5} == a.compare(decide={"minimum": {"accuracy": 0.5}}).tasks[0].decide.minimum
    with pytest.raises(SuiteError, match=r"unknown field 'minimun'.*Did you mean 'minimum'"):
        harness.compare(a, decide={"minimun": {"accuracy": 0.5}})
    with pytest.raises(SuiteError, match="decide is a Decide or a mapping"):
        harness.compare(a, decide="accuracy")  # type: ignore[arg-type]  # the mistake
    with pytest.raises(SuiteError, match="at least 0"):
        harness.compare(a, prices={"device_hours": {"this": -1}})


def test_what_the_package_offers_is_listed() -> None:
    assert set(harness.__all__) <= set(dir(harness))


def test_every_run_pays_for_the_labels_that_it_had(tmp_path: Path) -> None:
    first, second = run(tmp_path, rows("t", 10), train=4), run(tmp_path, rows("t", 10), name="two")
    found = replace(evidence(first, second), decide=Decide(label_price=1.0))
    assert [("asks (A)", 8.0), ("asks (B)", 12.0)] == [
        (c.name, cost_of(found, c).labels) for c in found.contenders
    ]


def test_labels_in_another_order_are_no_relabelling() -> None:
    def of(*targets: str) -> tuple[Example, ...]:
        return (Example(query=Query(id="t0", text="both"), targets=targets),)

    told = {"one": of("a", "b"), "two": of("b", "a")}
    assert () == _paired(["one", "two"], told, "labels")[1].relabelled
    assert ("t0",) == _paired(["one", "two"], told, "text")[1].relabelled
    assert ("t0",) == _paired(["one", "two"], told | {"one": of("a")}, "labels")[1].relabelled
