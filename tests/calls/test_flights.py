"""What is on its way when something goes wrong: nothing that comes back is lost, nothing more is sent."""

from __future__ import annotations

import sqlite3
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harness import CallFailed, Completion, Failed, Message, Request, Usage
from harness.calls.ages import Ages
from harness.calls.budget import Budget
from harness.calls.endpoint import MeteredEndpoint
from harness.calls.flights import Fetched, Flight, Sending, Span, idle
from harness.calls.ledger import costed, entries
from harness.errors import BudgetError, ModelError
from tests.calls.trials import DOLLAR, Owner, Run, There

NOW = datetime.now(UTC)


def paid(owner: Owner) -> set[str | None]:
    return {entry.query_id for entry in entries(owner.path) if entry.paid}


def test_what_is_at_work_at_once_is_counted_once() -> None:
    assert 7.0 == idle([Span(0, 3, 5), Span(0, 4, 6), Span(0, 4, 4.5), Span(0, 10, 11)])
    assert 0.0 == idle([])


def test_after_a_request_ended_the_call_nothing_that_follows_is_sent(run: Run) -> None:
    flight = Flight(run.loop)
    sent: list[str] = []

    async def ask(_: Sending) -> Fetched:
        sent.append("sent")
        raise ModelError("no")

    flight.send(ask)
    while not sent:
        time.sleep(0.001)
    flight.send(ask)
    with pytest.raises(ModelError):
        list(flight.came())
    assert [] == flight.rest(1.0)
    assert ["sent"] == sent


def test_a_wait_for_the_endpoint_is_no_latency(run: Run) -> None:
    owner = run()
    there = There(errors={"a": [CallFailed("rate-limit", "slow down", retry=True, after=60)]})
    answers = owner.ask(there, "a")
    assert 60.01 == pytest.approx(owner.meter.waited)
    assert isinstance(answers["a"], Completion)
    assert 1.0 == answers["a"].seconds


def test_a_bulk_that_is_always_at_work_waited_for_nothing(run: Run) -> None:
    owner = run(jobs=1)
    owner.ask(There().once_sent(run.loop, 6), *"abcdef")
    assert 0 == pytest.approx(owner.meter.waited, abs=1e-6)


def test_who_waited_long_for_its_turn_is_tried_again_all_the_same(run: Run) -> None:
    owner = run(jobs=1)
    there = There(seconds=700, errors={"b": [CallFailed("rate-limit", "slow down", retry=True)]})
    assert ["A", "B"] == sorted(a.text for a in owner.ask(there, "a", "b").values() if isinstance(a, Completion))


def test_the_queue_behind_another_trial_is_no_latency_and_no_time_out(run: Run) -> None:
    owner = run(jobs=1)
    other = run.beside(owner)
    there, also = There(seconds=100).once_sent(run.loop, 4), There(seconds=7)
    slow = threading.Thread(target=owner.ask, args=(there, *"abc"))
    slow.start()
    there.begun.wait(10)
    quick = threading.Thread(target=other.ask, args=(also, "x"))
    quick.start()
    slow.join()
    quick.join()
    assert 100 == pytest.approx(other.meter.waited)  # for the one under way: then it was its turn
    assert 7 == pytest.approx(other.meter.live)
    assert 7 == pytest.approx(owner.meter.waited)


def test_two_models_behind_one_key_share_its_places_and_two_keys_do_not(run: Run) -> None:
    calls = run().calls
    assert calls.pace(There()) is calls.pace(There(seconds=2))
    assert calls.pace(There()) is not calls.pace(There(account="another"))


def test_a_wrong_key_sends_nothing_more_and_loses_nothing_that_comes_back(run: Run) -> None:
    owner = run(limit=100)
    there = There(errors={"bad": [CallFailed("auth", "wrong key", fatal=True)]}).once_sent(run.loop, 11)
    with pytest.raises(ModelError, match="model: wrong key"):
        owner.ask(there, "a", "b", "bad", *"defghijk")
    assert ["a", "b", "bad", "d"] == there.sent
    assert {"a", "b", "d"} == paid(owner)
    assert 0.3 == pytest.approx(owner.calls.budget.spent)
    again = There()
    owner.ask(again, "a", "b", "d")
    assert [] == again.sent


def test_a_strategy_that_stops_asking_early_loses_nothing_that_comes_back(run: Run) -> None:
    owner = run(limit=100)
    there = There()
    model = MeteredEndpoint(there, owner.calls, owner, repeat=0)
    stream = model.complete(
        [Request(messages=(Message(role="user", content=t),), query_id=t) for t in "abcdefghij"]
    )
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert set(there.sent) == paid(owner)
    assert len(there.sent) / 10 == pytest.approx(owner.calls.budget.spent)


def test_the_cap_loses_nothing_that_comes_back(run: Run) -> None:
    owner = run(limit=1.15)
    there = There().once_sent(run.loop, 8)
    with pytest.raises(BudgetError):
        owner.ask(there, *"abcdefgh")
    assert ["a", "b"] == there.sent
    assert {"a", "b"} == paid(owner)
    assert 0.2 == pytest.approx(owner.calls.budget.spent)


def test_calls_that_reserve_more_than_they_take_wait_for_each_other_under_a_cap(run: Run) -> None:
    owner = run(limit=2.5, jobs=8)
    there = There().once_sent(run.loop, 8)
    assert 8 == len(owner.ask(there, *"abcdefgh"))
    assert 0.8 == pytest.approx(owner.calls.budget.spent)
    # Two at once, for each may cost a dollar; the others waited, and that is no latency.
    assert [1.0] * 8 == [entry.seconds for entry in entries(owner.path)]
    assert 0 == pytest.approx(owner.meter.waited, abs=1e-6)


def test_a_call_that_came_back_is_reserved_at_what_it_took_until_it_is_booked(run: Run, tmp_path: Path) -> None:
    owner = run()
    model = MeteredEndpoint(There().once_sent(run.loop, 3), owner.calls, owner, repeat=0)
    stream = model.complete([Request(messages=(Message(role="user", content=text),)) for text in "abc"])
    next(stream)
    while owner.calls.budget.spent > 0.35:  # the others come back too, and nobody takes them
        time.sleep(0.005)
    after_a_kill = Budget(None, owner.calls.budget.prices, tmp_path / "budget.jsonl", entries(owner.path))
    assert 0.3 == pytest.approx(after_a_kill.spent)
    after_a_kill.close()
    stream.close()  # type: ignore[attr-defined]


def test_a_wait_of_hours_fails_the_request_stops_the_rest_and_says_until_when(run: Run) -> None:
    owner = run(jobs=1)
    there = There(errors={"a": [CallFailed("rate-limit", "too many", retry=True, after=7200)]})
    [failed] = owner.ask(there, "a").values()
    assert isinstance(failed, Failed)
    assert ("rate-limit", True) == (failed.kind, "it asks to wait 2 h, until 20" in failed.error)
    with pytest.raises(ModelError, match=r"wait 2 h, until 20.*too many.*--resume goes on"):
        owner.ask(there, "b", "c")
    assert ["a"] == there.sent


def test_what_may_have_been_billed_stays_booked_and_is_tried_once_more(run: Run) -> None:
    owner = run()
    there = There(errors={"a": [CallFailed("timeout", "too slow", retry=True, billed=True)] * 9})
    [failed] = owner.ask(there, "a").values()
    assert isinstance(failed, Failed)
    assert ["a", "a"] == there.sent
    assert 2.0 == pytest.approx(owner.calls.budget.spent)


def test_what_was_not_billed_is_given_back(run: Run) -> None:
    owner = run()
    owner.ask(There(errors={"a": [CallFailed("server", "HTTP 500", retry=True)] * 9}), "a")
    assert 0.0 == owner.calls.budget.spent


def test_stopping_ends_waits_at_once_and_lets_what_is_at_work_come_back(at_wall_time: Run) -> None:
    owner = at_wall_time(jobs=2)
    there = There(seconds=0.2, errors={"held": [CallFailed("rate-limit", "slow down", retry=True, after=500)]})
    ended: list[BaseException] = []

    def work() -> None:
        try:
            owner.ask(there, "held", "a", "b", "c")
        except BaseException as error:
            ended.append(error)

    trial = threading.Thread(target=work)
    trial.start()
    while len(there.sent) < 2:
        time.sleep(0.005)
    began = time.monotonic()
    owner.calls.flights.stop(5.0)
    trial.join()
    assert time.monotonic() - began < 0.6
    assert [KeyboardInterrupt] == [type(error) for error in ended]
    assert ["held", "a"] == there.sent
    assert {"a"} == paid(owner)
    with pytest.raises(KeyboardInterrupt):
        owner.ask(there, "c")


def test_what_takes_too_long_after_a_stop_is_given_up_and_stays_reserved(at_wall_time: Run) -> None:
    owner = at_wall_time()
    there = There(seconds=30)
    ended = threading.Event()

    def work() -> None:
        with pytest.raises(KeyboardInterrupt):
            owner.ask(there, "a")
        ended.set()

    trial = threading.Thread(target=work)
    trial.start()
    there.begun.wait(10)
    owner.calls.flights.stop(0.05)
    trial.join()
    assert ended.is_set()
    assert 1.0 == pytest.approx(owner.calls.budget.spent)


def test_many_threads_and_what_is_spent_beside_them_cannot_pass_the_cap(run: Run) -> None:
    owner = run(limit=7.5, jobs=16)
    budget, most = owner.calls.budget, list[float]()
    refused = threading.Event()

    def calls(who: int) -> None:
        trial = Owner(run.folder, owner.calls, f"trial{who}")
        try:
            trial.ask(There(account=str(who)), *(f"{who}-{i}" for i in range(40)))
        except BudgetError:
            refused.set()
        finally:
            trial.meter.close()

    def spends() -> None:
        for i in range(200):
            try:
                name = budget.reserve(f"training {i}", Usage(model="model", input_tokens=DOLLAR))
            except BudgetError:
                refused.set()
            else:
                most.append(budget.spent)
                budget.settle(name, Usage(model="model", input_tokens=DOLLAR // 100))
            most.append(budget.spent)

    threads = [*(threading.Thread(target=calls, args=(who,)) for who in range(6)), threading.Thread(target=spends)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused.is_set()
    assert max(most) <= 7.5 + 1e-9
    booked = sum(e.usage.input_tokens for who in range(6) for e in costed(run.folder / f"trial{who}.jsonl"))
    assert booked / DOLLAR <= budget.spent + 1e-9
    assert budget.spent <= 7.5 + 1e-9


def aged(run: Run, days: float) -> None:
    """Lets the cached answers be so old."""
    at = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    with sqlite3.connect(run.folder / "cache.sqlite") as file:
        file.execute("UPDATE completions SET at = ?", (at,))
    file.close()


def test_an_old_answer_is_asked_again_and_the_new_one_replaces_it(run: Run) -> None:
    run().ask(There(), "a")
    aged(run, 8)
    there = There()
    owner = run(ages=Ages(7, NOW, NOW))
    [answer] = owner.ask(there, "a").values()
    assert isinstance(answer, Completion)
    assert (["a"], False) == (there.sent, answer.replayed)
    assert ["1 cached answer older than 7 days"] == [said[:33] for said in owner.calls.told()]
    there = There()
    after = run(ages=Ages(7, NOW, NOW))
    after.ask(there, "a")
    assert [] == there.sent
    assert [] == after.calls.told()


def test_an_old_answer_is_used_with_consent_and_keeps_what_served_it(run: Run) -> None:
    first = There()
    first.served = "model-2026"
    run().ask(first, "a")
    aged(run, 8)
    there = There()
    [answer] = run(ages=Ages(7, NOW, NOW, old=True)).ask(there, "a").values()
    assert isinstance(answer, Completion)
    assert ([], True, "model-2026") == (there.sent, answer.replayed, answer.served)


def test_a_trial_that_two_models_answered_is_warned_of_once(run: Run) -> None:
    owner, there = run(), There()
    for served, text in (("one", "a"), ("two", "b"), ("three", "c")):
        there.served = served
        owner.ask(there, text)
    assert 1 == len([said for said in owner.warned if "several models" in said])
