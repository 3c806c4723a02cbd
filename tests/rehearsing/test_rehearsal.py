from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.calls.pricing import Prices
from harness.rehearsing import Rehearsal, Rehearsed, lines, rehearse
from harness.running.gaps import gaps
from harness.running.planning import plan, read_data
from harness.running.runner import Options, run
from harness.running.store import CACHE, RunFolder
from harness.running.watch import Watcher
from harness.suite.load import Loaded, load_suite

if TYPE_CHECKING:
    from tests.rehearsing.conftest import Counting


def rehearsed(loaded: Loaded, **options: Any) -> Rehearsal:
    asked = Options(**options)
    folder = asked.resume
    data = read_data(loaded, asked.limit) if folder is None else {"reviews": folder.data("reviews")}
    left = None if folder is None else {gap.key for gap in gaps(folder)}
    keys = [key for key in plan(loaded, asked.strategies) if left is None or key in left]
    return rehearse(loaded, asked, data, keys)


def row(rehearsal: Rehearsal, name: str) -> Rehearsed:
    return next(each for each in rehearsal.rows if each.strategy == name)


def paid(loaded: Loaded, folder: RunFolder) -> float:
    """What a run paid an endpoint for."""
    used = [e.usage for trial in folder.trials() for e in trial.paid() if not e.usage.device_seconds]
    dollars = Prices(loaded.suite.prices).total(used)
    assert dollars is not None
    return dollars


def test_what_is_rehearsed_is_what_is_sent_and_costs_no_more(asking: Path, counting: Counting) -> None:
    loaded = load_suite(asking)
    told = rehearsed(loaded)
    assert [] == counting.bodies
    assert [asking.parent / name for name in ("reviews.csv", "tiny.yaml")] == sorted(asking.parent.iterdir())
    folder = run(loaded, Options(jobs=1), Watcher())
    assert len(counting.bodies) == sum(each.calls for each in told.rows)
    assert told.dollars is not None
    really = paid(loaded, folder)
    assert really <= told.dollars <= 2.5 * really


def test_answers_of_earlier_runs_are_free(asking: Path, counting: Counting) -> None:
    loaded = load_suite(asking)
    before = row(rehearsed(loaded, strategies=("zero-shot",)), "zero-shot")
    # 30 test rows, one to warm up, and three of validation that show whether likelihoods are given.
    assert (34, 0) == (before.calls, before.cached)
    run(loaded, Options(limit=10, strategies=("zero-shot",)), Watcher())
    after = rehearsed(loaded, strategies=("zero-shot",))
    assert 0 < row(after, "zero-shot").cached
    assert 34 == row(after, "zero-shot").calls + row(after, "zero-shot").cached
    assert 34 == row(rehearsed(loaded, strategies=("zero-shot",), cache=False), "zero-shot").calls


def test_of_a_run_that_was_stopped_only_the_rest_is_counted(asking: Path, counting: Counting) -> None:
    loaded = load_suite(asking)
    folder = run(loaded, Options(strategies=("zero-shot",), cache=False), Watcher())
    trial = folder.trials()[0]
    outcomes = trial.path / "outcomes.jsonl"
    kept = outcomes.read_text().splitlines(keepends=True)[:-4]
    outcomes.write_text("".join(kept))
    before = {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}
    again = row(rehearsed(loaded, resume=folder, cache=False), "zero-shot")
    assert (0, 4) == (again.calls, again.cached)  # without the shared cache a run has its own
    (folder.path / CACHE).unlink()
    told = rehearsed(loaded, resume=folder, cache=False)
    assert 4 == row(told, "zero-shot").calls
    assert told.spent == pytest.approx(paid(loaded, folder))
    assert all(path.read_bytes() == content for path, content in before.items() if path.suffix == ".jsonl")


def test_what_needs_no_endpoint_is_said_to_stay_here(asking: Path) -> None:
    told = rehearsed(load_suite(asking), strategies=("near", "zero-shot"))
    assert ("machine", 0, 0.0) == (row(told, "near").where, row(told, "near").calls, row(told, "near").dollars)
    assert any("near" in line and "no dollars beyond its time" in line for line in lines(told))


def test_a_matrix_is_counted_with_its_longest_prompt(asking: Path) -> None:
    loaded = load_suite(asking)
    both = row(rehearsed(loaded, strategies=("shots",)), "shots")
    text = asking.read_text().replace("matrix: {shots: [2, 4]}", "matrix: {shots: [4]}")
    asking.write_text(text)
    four = row(rehearsed(load_suite(asking), strategies=("shots",)), "shots")
    # Ten validation rows more with two examples each; the test rows with four either way.
    assert 10 + 3 >= both.calls - four.calls >= 10
    more = both.input_tokens - four.input_tokens
    whole = (both.calls - four.calls) * four.input_tokens / four.calls
    assert whole / 2 < more < whole
    assert "longest prompt is counted" in both.notes[0]


def test_an_unknown_price_is_a_question_mark_and_says_what_to_write(asking: Path) -> None:
    asking.write_text(asking.read_text().replace("prices:", "x-prices:").replace("x-prices:", "#"))
    told = rehearsed(load_suite(asking), strategies=("zero-shot",), cost_limit=1.0)
    assert told.dollars is None
    said = "\n".join(lines(told))
    assert 'prices: {models: {"openai/m": {input: …, output: …}}}' in said
    assert "--cost-limit 1 would refuse openai/m" in said
    assert "  ?\n" in said


@pytest.mark.parametrize(
    ("limit", "message"), [(5.0, "would hold: at most $0.0"), (0.0001, "might stop it: at most $0.0")]
)
def test_a_cap_is_held_against_what_is_rehearsed(asking: Path, limit: float, message: str) -> None:
    told = rehearsed(load_suite(asking), strategies=("zero-shot",), cost_limit=limit)
    assert any(message in line for line in lines(told))


def test_seeds_and_repeats_are_counted_as_they_are_asked(asking: Path) -> None:
    once = row(rehearsed(load_suite(asking), strategies=("zero-shot",)), "zero-shot")
    seeds = row(rehearsed(load_suite(asking, seeds=[0, 1]), strategies=("zero-shot",)), "zero-shot")
    repeats = row(rehearsed(load_suite(asking, repeats=2), strategies=("zero-shot",)), "zero-shot")
    # Other seeds draw other rows for three calls before the test rows, and ask those with the same prompts.
    assert (2, True) == (seeds.trials, once.calls <= seeds.calls <= once.calls + 3)
    assert 2 * once.calls == repeats.calls
    assert once.calls + 34 == seeds.calls + seeds.free


def test_a_key_that_is_not_there_is_told_as_such(asking: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    asking.write_text(asking.read_text().replace('base_url: "http://127.0.0.1', 'base_url: "http://192.0.2.1'))
    zero = row(rehearsed(load_suite(asking), strategies=("zero-shot",)), "zero-shot")
    # Whether a key is needed to count tokens is the endpoint's own matter; it is never guessed at.
    assert (34, True) == (zero.calls, zero.dollars is not None) or "OPENAI_API_KEY is not set" in zero.notes[0]
