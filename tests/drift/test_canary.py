"""`--canary`: recorded prompts of earlier runs, asked again at a real server on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

import harness
from harness.api import Run
from harness.calls.ledger import entries
from harness.calls.pricing import Prices
from harness.drift.records import LEDGER, Canaries, Canary, load
from harness.drift.saying import found as said
from harness.errors import BudgetError
from harness.forgetting.forget import forget
from harness.rehearsing import rehearse
from harness.report.document import document
from harness.running.looks import looks
from harness.running.runner import Options, make_bench
from harness.running.watch import Watcher
from harness.suite.load import load_suite
from tests.reviews import TASK
from tests.servers.batches import BatchServer, Body, Replied, judge

SUITE = (
    TASK.format(test=14)
    + """\
models:
  m: {use: openai, with: {model: m, provider: openai, base_url: "URL"}}
strategies:
  - {name: asks, use: prompt, with: {model: m, normalise: sum}}
yardsticks: []
latency_sample: 12
prices: {models: {m: {input: 1000.0, output: 1000.0}}}
"""
)


class Ear(Watcher):
    def __init__(self) -> None:
        self.said: list[str] = []

    def message(self, text: str) -> None:
        self.said.append(text)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[BatchServer]:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted")
    with BatchServer() as running:
        yield running


@pytest.fixture
def options(suite: Path, server: BatchServer) -> Options:
    """Of a second run: the first is done."""
    suite.write_text(SUITE.replace("URL", server.url))
    made = Options(results=suite.parent / "r")
    harness.run(load_suite(suite), options=made)
    return replace(made, canary=10)


def canary(run: Run) -> Canary:
    asked = load(run.folder.path)
    assert asked is not None
    [one] = asked.found
    return one


def contrary(body: Body) -> Replied:
    """Another model behind the same name, which says the opposite."""
    status, told = judge(body)
    message = told["choices"][0]["message"]
    other = "negative" if "positive" in message["content"] else "positive"
    message["content"] = json.dumps({"answer": other})
    return Replied(status, told | {"model": "m-2027", "system_fingerprint": "fp_2"})


def test_where_nothing_moved_the_cache_is_used(suite: Path, server: BatchServer, options: Options) -> None:
    before, ear = len(server.asked), Ear()
    run = harness.run(load_suite(suite), options=options, watcher=ear)
    found = canary(run)
    assert (10, 10, False) == (found.prompts, found.same, found.moved)
    assert 10 == found.timed
    assert 0.7 < found.low < found.high == 1.0
    assert before + 10 == len(server.asked)  # the trial itself was replayed
    assert any("10 of 10 recorded prompts answered the same (100%" in line for line in ear.said), ear.said


def test_what_moved_is_told_and_not_replayed(suite: Path, server: BatchServer, options: Options) -> None:
    server.answer = contrary
    before, ear = len(server.asked), Ear()
    run = harness.run(load_suite(suite), options=options, watcher=ear)
    found = canary(run)
    assert found.moved
    assert (10, 0) == (len(found.changes), found.same)
    assert (("m-2026",), ("m-2027",)) == (found.before.served, found.now.served)
    assert (("fp_1",), ("fp_2",)) == (found.before.fingerprints, found.now.fingerprints)
    assert before + 10 + 1 + 14 == len(server.asked)  # canary, warm-up, every test row anew
    told = " ".join(ear.said)
    assert "model m-2026 -> m-2027; fingerprint fp_1 -> fp_2" in told
    assert "not used in this run (--old-cache uses them)" in told
    assert "may be noise" in told


def test_old_cache_is_consent(suite: Path, server: BatchServer, options: Options) -> None:
    server.answer = contrary
    before = len(server.asked)
    run = harness.run(load_suite(suite), options=replace(options, old_cache=True))
    assert canary(run).moved
    assert before + 10 == len(server.asked)


def test_a_run_taken_up_again_asks_no_canary_and_pays_nothing_twice(
    suite: Path, server: BatchServer, options: Options
) -> None:
    server.answer = contrary
    run = harness.run(load_suite(suite), options=options)
    asked = len(server.asked)
    [trial] = run.folder.trials()
    (trial.path / "outcomes.jsonl").unlink()
    again = harness.run(load_suite(suite), options=replace(options, resume=run.folder))
    assert asked == len(server.asked)
    assert 14 == again.rows()[0].n


def test_it_is_booked_apart_under_the_cap_and_touches_no_other_run(
    suite: Path, server: BatchServer, options: Options
) -> None:
    [first] = options.results.glob("*/run.json")
    before = {path: path.read_bytes() for path in first.parent.rglob("*.json*")}
    run = harness.run(load_suite(suite), options=options)
    paid = list(entries(run.folder.path / "canary.jsonl"))
    assert [True] * 10 == [entry.paid for entry in paid]
    assert before == {path: path.read_bytes() for path in first.parent.rglob("*.json*")}
    assert not [entry for trial in run.folder.trials() for entry in trial.paid() if entry.query_id]
    with pytest.raises(BudgetError):
        harness.run(load_suite(suite), options=replace(options, cost_limit=0.05))


def test_it_is_no_look_at_test_rows(suite: Path, server: BatchServer, options: Options) -> None:
    before = len(server.asked)

    def until_the_trial(body: Body) -> Replied:
        return judge(body) if len(server.asked) < before + 10 else Replied(401, {"error": {"message": "no"}})

    server.answer = until_the_trial
    run = harness.run(load_suite(suite), options=replace(options, cache=False))
    assert 10 == canary(run).prompts
    tests = {"reviews": run.folder.data("reviews").test}
    assert {"reviews": 1} == looks(options.results, tests)


def test_without_an_earlier_run_it_says_that_there_is_nothing(suite: Path, server: BatchServer) -> None:
    suite.write_text(SUITE.replace("URL", server.url))
    ear = Ear()
    run = harness.run(load_suite(suite), options=Options(results=suite.parent / "new", canary=10), watcher=ear)
    assert 0 == canary(run).prompts
    assert any("no earlier run here recorded a prompt" in line for line in ear.said)


def test_an_endpoint_that_cannot_be_asked_leaves_the_others_be(
    suite: Path, server: BatchServer, options: Options
) -> None:
    server.answer = lambda body: Replied(401, {"error": {"message": "no"}})
    run = harness.run(load_suite(suite), options=options)
    assert "HTTP 401" in str(canary(run).problem)
    assert 14 == run.rows()[0].n  # from the cache: nothing is known to have moved


def test_reports_show_it_and_leave_texts_out_where_asked(
    suite: Path, server: BatchServer, options: Options
) -> None:
    server.answer = contrary
    run = harness.run(load_suite(suite), options=options)
    compared = run.compare()
    page = compared.compared
    compared.write(suite.parent / "o.html")
    compared.write(suite.parent / "q.html", texts=False)
    whole, quiet = (suite.parent / "o.html").read_text(), (suite.parent / "q.html").read_text()
    assert "Answered otherwise" in whole
    assert "Answered otherwise" not in quiet
    assert "answered by m-2027 fp_2" in whole
    assert "m-2026 → m-2027" in quiet
    [asked] = document(page).canaries.values()
    assert asked.found[0].changes
    [asked] = document(page, texts=False).canaries.values()
    assert (() == asked.found[0].changes, 10) == (True, asked.found[0].prompts)


def test_forgetting_takes_the_prompts_and_leaves_the_figures(
    suite: Path, server: BatchServer, options: Options
) -> None:
    server.answer = contrary
    run = harness.run(load_suite(suite), options=options)
    forgotten = forget(run.folder, run.loaded)
    assert [] == forgotten.untouched
    assert (10, ()) == (canary(run).prompts, canary(run).changes)
    assert not list(run.folder.path.glob(".cache.sqlite-canary*"))


def test_a_name_alone_that_changed_counts_as_moved() -> None:
    still = Canary(model="m", prompts=3, same=3)
    assert not still.moved
    named = Canary.model_validate(still.model_dump() | {"before": {"served": ["a"]}, "now": {"served": ["b"]}})
    assert named.moved
    assert "model a -> b" in said(named)
    assert Canaries.model_validate_json(
        Canaries(asked=3, at="2026-01-01T00:00:00Z", found=(named,)).model_dump_json()
    ).found == (named,)


def test_what_asking_again_cost_is_told_when_the_rest_of_the_run_is_rehearsed(
    suite: Path, server: BatchServer, options: Options
) -> None:
    run = harness.run(load_suite(suite), options=options)
    loaded = load_suite(suite)
    told = rehearse(loaded, replace(options, resume=run.folder), {"reviews": run.folder.data("reviews")}, [])
    paid = [e.usage for e in entries(run.folder.path / LEDGER) if e.paid]
    assert 10 == len(paid)
    assert told.spent == pytest.approx(Prices(loaded.suite.prices).total(paid))
    with ExitStack() as stack:
        bench = make_bench(loaded, options, run.folder, {"reviews": run.folder.data("reviews")}, Watcher(), stack)
        assert told.spent == pytest.approx(bench.calls.budget.spent)  # a resume's cap counts it too
