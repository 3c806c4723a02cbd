from __future__ import annotations

from pathlib import Path

from harness.calls.ledger import Meter, costed, entries
from harness.records import TrialKey, Usage

KEY = TrialKey(task="t", strategy="s")


def used(seconds: float) -> Usage:
    return Usage(model="this", device_seconds=seconds)


def test_the_same_work_done_again_after_a_kill_counts_once_in_the_comparison_and_twice_as_paid(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ledger.jsonl"
    for seconds in (1.0, 2.0):
        meter = Meter(path, KEY)
        meter.book(meter.name("q1", "k"), used(seconds), seconds, paid=True)
        meter.close()
    assert [2.0] == [e.usage.device_seconds for e in costed(path)]
    assert 3.0 == sum(e.usage.device_seconds for e in entries(path) if e.paid)


def test_names_carry_phase_and_step(tmp_path: Path) -> None:
    meter = Meter(tmp_path / "l.jsonl", KEY)
    with meter.scope("epoch-1"):
        assert "prepare/epoch-1/q" == meter.name("q")
        assert ["prepare/epoch-1/spend#1", "prepare/epoch-1/spend#2"] == [meter.nth("spend") for _ in range(2)]
    meter.phase = "bulk"
    assert "bulk/q" == meter.name("q")
    meter.close()


def test_another_trials_preparation_is_charged_once_and_never_paid(tmp_path: Path) -> None:
    other = Meter(tmp_path / "other.jsonl", KEY)
    other.book(other.name("fit"), used(4.0), 4.0, paid=True)
    other.phase = "bulk"
    other.book(other.name("q"), used(1.0), 1.0, paid=True)
    other.close()
    meter = Meter(tmp_path / "own.jsonl", TrialKey(task="t", strategy="outer"))
    with meter.scope("candidate a"):
        meter.copy(costed(tmp_path / "other.jsonl"), "a")
    meter.copy(costed(tmp_path / "other.jsonl"), "a")
    meter.close()
    [entry] = costed(tmp_path / "own.jsonl")
    assert (4.0, False, "outer") == (entry.usage.device_seconds, entry.paid, entry.trial.strategy)


def test_exchanges_are_kept_for_test_queries_and_handed_over_once(tmp_path: Path) -> None:
    from harness.records import Exchange, Message

    meter = Meter(tmp_path / "l.jsonl", KEY)
    exchange = Exchange(model="m", messages=(Message(role="user", content="hi"),), text="ok")
    meter.sent("q", exchange)
    assert () == meter.take_exchanges("q")  # in prepare nothing is kept
    meter.phase = "sample"
    meter.sent("q", exchange)
    assert (exchange,) == meter.take_exchanges("q")
    assert () == meter.take_exchanges("q")
    meter.close()
