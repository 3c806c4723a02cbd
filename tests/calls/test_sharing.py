from __future__ import annotations

import asyncio
import threading

import pytest

from harness import CallFailed, Completion, Failed
from harness.calls.ledger import entries
from harness.calls.sharing import Sharing
from tests.calls.trials import Owner, Run, There


def both(run: Run, there: There, *texts: str) -> tuple[Owner, Owner, list[dict[str, Completion | Failed]]]:
    """Two trials that ask the same at the same time."""
    first = run(jobs=8)
    other = run.beside(first)
    there.once_sent(run.loop, 2 * len(texts))
    answers: list[dict[str, Completion | Failed]] = [{}, {}]

    def ask(place: int, owner: Owner) -> None:
        answers[place] = owner.ask(there, *texts)

    threads = [threading.Thread(target=ask, args=each) for each in enumerate((first, other))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return first, other, answers


def test_what_two_trials_ask_at_the_same_time_is_sent_and_paid_once(run: Run) -> None:
    there = There()
    first, other, (one, two) = both(run, there, *"abc")
    assert list("abc") == sorted(there.sent)
    assert {"a": "A", "b": "B", "c": "C"} == {k: v.text for k, v in one.items() if isinstance(v, Completion)}
    assert {k: v.text for k, v in two.items() if isinstance(v, Completion)} == {
        k: v.text for k, v in one.items() if isinstance(v, Completion)
    }
    booked = [*entries(first.path), *entries(other.path)]
    assert (6, 3) == (len(booked), sum(entry.paid for entry in booked))
    assert 0.3 == pytest.approx(first.calls.budget.spent)
    # Who waited for the other's answer worked for as long as that took, and not for longer.
    assert 3 * [1.0] == [entry.seconds for entry in booked if not entry.paid]


def test_where_the_first_fails_the_second_asks_for_itself(run: Run) -> None:
    there = There(errors={"a": [CallFailed("refused", "no")]})
    _, _, answers = both(run, there, "a")
    assert ["a", "a"] == there.sent
    assert {Failed, Completion} == {type(each["a"]) for each in answers}


def test_a_key_that_nobody_asks_under_any_more_is_forgotten() -> None:
    sharing = Sharing()

    async def ask() -> bool:
        async with sharing.alone("key") as meanwhile:
            await asyncio.sleep(0)
            return meanwhile

    async def three() -> tuple[bool, ...]:
        return await asyncio.gather(ask(), ask(), ask())

    assert (False, True, True) == tuple(asyncio.run(three()))
    assert {} == sharing._asked
