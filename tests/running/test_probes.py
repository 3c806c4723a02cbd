"""What is asked once the test rows are: validation rows for a threshold, test rows in another form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import harness
from harness.api import Run
from harness.calls.ledger import costed
from harness.calls.pricing import Prices
from harness.records import Prediction, TrialKey
from harness.running.runner import Options
from harness.running.store import TrialFolder
from harness.running.watch import Watcher

PROBES = """\
    probes:
      sample: 6
      perturb: [typos, case, whitespace]
      counterfactual: {words: [[great, lovely]]}
      instructions: ["Good or bad?", "How does it sound?"]
"""
THRESHOLD = "decide: {answers_per_month: 1000, review_price: 0.5}\n"


def with_probes(suite: Path) -> None:
    suite.write_text(suite.read_text().replace("models:\n", PROBES + "models:\n"))


def with_threshold(suite: Path) -> None:
    suite.write_text(suite.read_text().replace("decide: {answers_per_month: 1000}\n", THRESHOLD))


def run(suite: Path, *strategies: str, **more: Any) -> Run:
    return harness.run(
        suite, options=Options(results=suite.parent / "results", strategies=strategies, cache=False, **more)
    )


def trial(made: Run, strategy: str) -> TrialFolder:
    return next(t for t in made.folder.trials() if t.header.key.strategy == strategy)


def used(folder: TrialFolder) -> list[tuple[str, str, int, int]]:
    """What was used for preparing and answering, without its seconds."""
    counted = [e for e in folder.ledger() if e.phase in ("prepare", "sample", "bulk")]
    return [(e.name, e.usage.model, e.usage.input_tokens, e.usage.output_tokens) for e in counted]


def test_validation_rows_are_asked_where_a_threshold_is_wanted_and_there_are_probabilities(suite: Path) -> None:
    with_threshold(suite)
    made = run(suite, "asks", "tf-idf")
    rows = {e.query.id: e.targets for e in made.folder.data("reviews").validation}
    found = list(trial(made, "tf-idf").validation())
    assert list(rows) == [outcome.query_id for outcome in found]
    assert {"validation"} == {outcome.phase for outcome in found}
    assert {None} == {outcome.seconds for outcome in found}
    for outcome in found:
        assert isinstance(outcome.result, Prediction)
        assert float(outcome.result.answers == rows[outcome.query_id]) == outcome.score
        assert 1.0 == pytest.approx(sum((outcome.result.probabilities or {}).values()))
    asked = list(trial(made, "asks").validation())
    probable = any(getattr(o.result, "probabilities", None) for o in trial(made, "asks").outcomes())
    assert (10 if probable else 0) == len(asked)


def test_nothing_more_is_asked_where_the_suite_does_not_say_so(suite: Path) -> None:
    made = run(suite, "tf-idf")
    kept = trial(made, "tf-idf")
    assert ([], []) == (list(kept.validation()), list(kept.probed()))
    assert not [path.name for path in kept.path.iterdir() if path.name.startswith(("probes", "validation"))]
    assert not {"validation", "probe"} & {entry.phase for entry in kept.ledger()}


def test_a_learning_curve_asks_neither(suite: Path, diarists: Any) -> None:
    with_probes(suite)
    with_threshold(suite)
    diarists.add()
    made = run(suite, "diarist", sizes=(8,))
    kept = trial(made, "diarist")
    assert ([], []) == (list(kept.validation()), list(kept.probed()))
    assert 1 + 1 + 30 == len(diarists.lines())


def test_every_probe_is_asked_of_the_same_rows_and_kept_with_its_text(suite: Path, diarists: Any) -> None:
    with_probes(suite)
    diarists.add()
    made = run(suite, "diarist", "tf-idf")
    texts = {e.query.id: e.query.text for e in made.folder.data("reviews").test}
    kept = list(trial(made, "diarist").probed())
    by_probe: dict[str, list[str]] = {}
    for each in kept:
        by_probe.setdefault(f"{each.probe}/{each.variant}", []).append(each.query_id)
        assert each.result.query_id.startswith(f"{each.query_id}~")
        assert (each.text == texts[each.query_id]) == (each.probe == "instructions")
    # The texts have no capitals, so that case raises them.
    assert {
        "typos/1",
        "case/upper",
        "whitespace/1",
        "counterfactual:words/great->lovely",
        "counterfactual:words/lovely->great",
        "instructions/1",
        "instructions/2",
    } == set(by_probe)
    assert by_probe["typos/1"] == by_probe["case/upper"] == by_probe["instructions/2"]
    assert 6 == len(by_probe["typos/1"])
    other = trial(made, "tf-idf").probed()
    assert [(p.probe, p.query_id, p.text) for p in kept if p.probe != "instructions"] == [
        (p.probe, p.query_id, p.text) for p in other
    ]
    prepared = [line.split(" ", 1)[1] for line in diarists.lines() if line.startswith("prepare")]
    key = f"{made.folder.id}/reviews/diarist/0-0"
    assert [
        f"Is this review positive or negative? 20+10 {key}",
        f"Good or bad? 20+10 {key}/instructions-1/reviews/diarist/0-0",
        f"How does it sound? 20+10 {key}/instructions-2/reviews/diarist/0-0",
    ] == prepared
    assert {"positive", "negative"} == {a for p in kept for a in getattr(p.result, "answers", ())}


def test_a_strategy_that_uses_another_prepares_that_anew_too(suite: Path) -> None:
    with_probes(suite)
    made = run(suite, "shots")
    folder = trial(made, "shots").path / "probes" / "instructions-1"
    asked = list(folder.glob("trials/reviews/*/0-0/trial.json"))
    assert {"shots[shots=1]", "shots[shots=2]"} == {json.loads(p.read_text())["key"]["strategy"] for p in asked}
    own = costed(folder / "ledger.jsonl")
    assert {"probe"} == {entry.phase for entry in own}
    # Each candidate was asked the validation rows with the other words, and both are in the ledger.
    assert {"probe"} == {entry.phase for path in asked for entry in costed(path.parent / "ledger.jsonl")}
    assert 10 * 2 == len({e.name for e in own if e.usage.model == "scripted" and "candidate" in e.name})
    # What the candidates themselves prepared is charged to the one that uses them, and paid once.
    assert ["probe/shots[shots=1]/probe/own", "probe/shots[shots=2]/probe/own"] == sorted(
        e.name for e in own if not e.paid and e.name.endswith("/probe/own")
    )
    assert [] == list(made.folder.path.glob("trials/**/probes/**/fit"))
    assert {"shots", "shots[shots=1]", "shots[shots=2]"} == {
        h.key.strategy for h in made.trials() if not h.yardstick
    }


def test_what_lies_beside_the_test_rows_is_booked_apart_and_changes_no_figure(suite: Path, diarists: Any) -> None:
    diarists.add()
    plain = run(suite, "diarist", "asks")
    with_probes(suite)
    with_threshold(suite)
    made = run(suite, "diarist", "asks")
    for strategy in ("diarist", "asks"):
        before, after = trial(plain, strategy), trial(made, strategy)
        assert used(before) == used(after)
        assert {"prepare", "sample", "bulk", "probe"} <= {e.phase for e in after.ledger()}
    assert "validation" in {entry.phase for entry in trial(made, "diarist").ledger()}
    spent = {e.phase for e in trial(made, "diarist").ledger() if "spend" in e.name}
    assert {"prepare", "probe"} == spent
    rows = {row.strategy: row for row in made.rows()}
    assert 30 == rows["diarist"].n
    prices = Prices(made.loaded.suite.prices)
    prepared = [e.usage for e in trial(made, "diarist").ledger() if e.phase == "prepare"]
    assert prices.total(prepared) == rows["diarist"].prepare_dollars
    assert 1 == sum("spend" in e.name for e in trial(made, "diarist").ledger() if e.phase == "prepare")
    # The second and third time that it was prepared were paid for too: a cap counts them.
    assert 3 == sum("spend" in e.name for e in trial(made, "diarist").paid())


def test_a_killed_run_asks_what_is_left_of_validation_and_probes_and_nothing_twice(
    suite: Path, diarists: Any
) -> None:
    with_probes(suite)
    with_threshold(suite)
    diarists.add(seconds=0.01)
    unbroken = run(suite, "diarist")
    whole = diarists.lines()
    diarists.diary.unlink()
    unbroken.folder.path.rename(suite.parent / "unbroken")
    unbroken = Run(suite.parent / "unbroken")
    first_probe = next(i for i, line in enumerate(whole) if "~" in line)
    again = [i for i, line in enumerate(whole) if line.startswith("prepare")]
    # In validation, in the probes of texts, while it is prepared with other instructions, and as it answers those.
    moments = [first_probe - 5, first_probe + 8, again[1] + 1, again[2] + 4]
    folder = diarists.killed_at(moments)
    diarists.taken_up()
    before, after = trial(unbroken, "diarist"), trial(Run(folder), "diarist")
    assert "finished" == after.header.status
    for read in (TrialFolder.outcomes, TrialFolder.validation, TrialFolder.probed):
        expected, got = ([(_form(o), o.query_id, o.result) for o in read(t)] for t in (before, after))
        assert expected == got
    asked = [line for line in diarists.lines() if not line.startswith("prepare")]
    # What was under way may be asked again, once a kill.
    assert len(asked) <= len(whole) - 3 + len(moments)
    assert [1.0] * 3 == [e.usage.device_seconds for e in after.ledger() if "spend" in e.name]


def _form(outcome: object) -> tuple[object, object]:
    return getattr(outcome, "probe", None), getattr(outcome, "variant", None)


def test_a_strategy_that_breaks_at_a_probe_keeps_its_figures_and_it_is_said(suite: Path, diarists: Any) -> None:
    with_probes(suite)
    diarists.add(raises_at="~case")
    [row] = run(suite, "diarist").rows()
    assert ("finished", 30) == (row.status, row.n)
    assert "the test rows in another text were not all asked: RuntimeError: no luck" in row.warnings


def test_progress_is_told_of_validation_rows_and_probes(suite: Path, diarists: Any) -> None:
    class Hears(Watcher):
        def __init__(self) -> None:
            self.heard: list[tuple[str, int, int]] = []

        def progress(self, key: TrialKey, done: int, total: int, what: str) -> None:
            self.heard.append((what, done, total))

    with_probes(suite)
    with_threshold(suite)
    diarists.add()
    hears = Hears()
    options = Options(results=suite.parent / "results", strategies=("diarist",))
    made = harness.run(suite, options=options, watcher=hears)
    total = len(list(trial(made, "diarist").probed()))
    assert [(n + 1, total) for n in range(total)] == [(d, t) for what, d, t in hears.heard if what == "probes"]
    assert [(n + 1, 10) for n in range(10)] == [(d, t) for what, d, t in hears.heard if what == "validation"]


def test_seconds_of_probes_are_booked_once(suite: Path, diarists: Any) -> None:
    with_probes(suite)
    diarists.add(seconds=0.01)
    kept = trial(run(suite, "diarist"), "diarist")
    asked = len(list(kept.probed()))
    answering = [e for e in kept.ledger() if e.phase == "probe" and "/own/" in e.name]
    assert asked * 0.01 <= sum(e.seconds for e in answering) < asked * 0.01 + 1.0
    assert 3 == len(answering)  # one call for all texts, and one for each of the other instructions


def test_a_yardstick_is_not_prepared_again_for_other_instructions(suite: Path) -> None:
    with_probes(suite)
    made = run(suite, "majority")
    assert {"typos", "case", "whitespace", "counterfactual:words"} == {
        p.probe for p in trial(made, "majority").probed()
    }


def test_a_run_that_was_kept_before_probes_and_sizes_is_read_and_taken_up(suite: Path) -> None:
    made = run(suite, "majority", "asks")
    path = made.folder.path
    old = json.loads((path / "suite.json").read_text())
    del old["tasks"][0]["probes"]
    del old["decide"]["review_price"]
    (path / "suite.json").write_text(json.dumps(old))
    header = json.loads((path / "run.json").read_text())
    del header["sizes"]
    (path / "run.json").write_text(json.dumps(header))
    outcomes = trial(made, "asks").path / "outcomes.jsonl"
    lines = outcomes.read_text().splitlines(keepends=True)
    outcomes.write_text("".join(lines[:12]))
    trial_file = outcomes.with_name("trial.json")
    trial_file.write_text(trial_file.read_text().replace('"finished",', '"stopped",'))
    resumed = run(suite, "majority", "asks", resume=Run(path).folder)
    assert [("asks", 30, "finished"), ("majority", 30, "finished")] == [
        (row.strategy, row.n, row.status) for row in Run(resumed.folder.path).rows()
    ]
