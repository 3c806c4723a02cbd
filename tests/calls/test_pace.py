from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from harness.calls.pace import CALM_SECONDS, LONGEST_WAIT, START, Call, NotSent, Pace
from harness.models import CallFailed, Completion, Limits
from harness.records import Usage

InNoTime = Callable[[Callable[[], Awaitable[Any]]], Any]
Reply = CallFailed | Limits | None


class Account:
    """Takes a second for each call, and answers each as scripted by the time it was sent at."""

    def __init__(self, most: int = 16) -> None:
        self.told: list[str] = []
        self.pace = Pace(most, self.told.append)
        self.sent: list[tuple[float, str]] = []
        self.under_way: dict[float, int] = {}
        self.now_under_way = 0
        self.says: Callable[[float, str], Reply] = lambda _at, _name: None

    async def ask(
        self, name: str = "", model: str = "m", tokens: int = 10, who: str = "a", again: bool = False
    ) -> None:
        await self.pace.call(Call(who, model, lambda: tokens, again), lambda: self._send(name))

    async def asked(self, *names: str, **more: Any) -> list[BaseException | None]:
        return await asyncio.gather(*(self.ask(name, **more) for name in names), return_exceptions=True)

    async def many(self, count: int, **more: Any) -> list[BaseException | None]:
        return await self.asked(*map(str, range(count)), **more)

    @property
    def times(self) -> list[float]:
        return [at for at, _ in self.sent]

    async def _send(self, name: str) -> Completion:
        at = asyncio.get_running_loop().time()
        self.sent.append((at, name))
        self.now_under_way += 1
        self.under_way[at] = max(self.under_way.get(at, 0), self.now_under_way)
        try:
            await asyncio.sleep(1)
        finally:
            self.now_under_way -= 1
        said = self.says(at, name)
        if isinstance(said, CallFailed):
            raise said
        return Completion(text="", usage=Usage(model="m"), limits=said)


def limited(after: float | None = None) -> CallFailed:
    return CallFailed("rate-limit", "slow down", retry=True, after=after)


def test_it_begins_with_a_few_at_once_and_doubles_up_to_what_is_allowed(in_no_time: InNoTime) -> None:
    account = Account(most=16)
    in_no_time(lambda: account.many(60))
    assert {0: START, 1: 8, 2: 16, 3: 16} == {at: account.under_way[at] for at in range(4)}
    assert 16 == max(account.under_way.values())


def test_fewer_than_it_begins_with_may_be_allowed(in_no_time: InNoTime) -> None:
    account = Account(most=2)
    in_no_time(lambda: account.many(6))
    assert 2 == max(account.under_way.values())


def test_an_account_that_is_hardly_used_does_not_grow(in_no_time: InNoTime) -> None:
    account = Account()

    async def one_by_one() -> None:
        for _ in range(20):
            await account.ask()

    in_no_time(one_by_one)
    assert START == account.pace.limit


def test_a_429_halves_it_once_for_all_that_were_under_way(in_no_time: InNoTime) -> None:
    account = Account(most=8)
    account.says = lambda at, _: limited() if at == 2 else None
    in_no_time(lambda: account.many(40))
    assert 8 == account.under_way[2]
    back = min(at for at in account.times if at > 2)
    assert 4 == account.under_way[back]
    assert 3.5 <= back <= 3.7  # and nothing goes for a moment


def test_after_a_429_it_grows_by_one_a_round(in_no_time: InNoTime) -> None:
    account = Account(most=8)
    account.says = lambda at, _: limited(0.5) if at == 2 else None
    in_no_time(lambda: account.many(60))
    rounds = [account.under_way[at] for at in sorted(account.under_way) if at > 2]
    assert [4, 5, 6] == rounds[:3]


def test_a_servers_error_stops_growth_for_a_while(in_no_time: InNoTime) -> None:
    account = Account(most=8)
    account.says = lambda at, name: CallFailed("server", "HTTP 500", retry=True) if at == 0 else None
    in_no_time(lambda: account.many(200))
    assert {START} == {many for at, many in account.under_way.items() if at < CALM_SECONDS}
    assert 8 == max(account.under_way.values())


def test_retry_after_holds_the_whole_account_whoever_was_told(in_no_time: InNoTime) -> None:
    account = Account()
    account.says = lambda at, name: limited(20) if name == "0" else None

    async def two_models() -> None:
        await asyncio.gather(account.many(8), account.asked("x", model="n", who="b"))

    in_no_time(two_models)
    assert {0.0, 21.0, 22.0} >= set(account.times)
    assert ["m: it asks to wait 20 s"] == [said[:23] for said in account.told]
    assert 5 == sum(at >= 21 for at in account.times)


def test_a_503_with_retry_after_holds_it_too(in_no_time: InNoTime) -> None:
    account = Account(most=1)
    account.says = lambda at, _: CallFailed("server", "busy", retry=True, after=7) if at == 0 else None
    in_no_time(lambda: account.many(2))
    assert [0.0, 8.0] == account.times
    assert [] == account.told


def test_when_no_requests_remain_the_next_waits_for_the_reset(in_no_time: InNoTime) -> None:
    account = Account(most=1)
    account.says = lambda at, _: Limits(requests=0, requests_reset=30) if at == 0 else None
    in_no_time(lambda: account.many(3))
    assert [0.0, 31.0, 32.0] == account.times


def test_when_the_remaining_tokens_do_not_cover_the_next_call_it_waits_for_the_reset(in_no_time: InNoTime) -> None:
    account = Account(most=1)
    account.says = lambda _at, _name: Limits(tokens=900, tokens_reset=30)

    async def work() -> None:
        await account.ask(tokens=500)
        await account.ask(tokens=900)
        await account.ask(tokens=901)

    in_no_time(work)
    assert [0.0, 1.0, 32.0] == account.times


def test_calls_under_way_are_taken_from_what_remains(in_no_time: InNoTime) -> None:
    account = Account(most=8)
    account.says = lambda at, _: Limits(requests=2, requests_reset=10) if at == 0 else None

    async def work() -> None:
        await account.ask()
        await account.many(5)

    in_no_time(work)
    assert [0.0, 1.0, 1.0, 11.0, 11.0, 11.0] == account.times


def test_calls_that_the_endpoint_may_not_have_counted_yet_are_too(in_no_time: InNoTime) -> None:
    account = Account()
    account.says = lambda at, _: Limits(requests=1, requests_reset=30) if at == 0 else None

    async def later(seconds: float) -> None:
        await asyncio.sleep(seconds)
        await account.ask()

    async def work() -> None:
        await asyncio.gather(*map(later, (0, 0.5, 1.25)))

    in_no_time(work)
    assert [0.0, 0.5, 31.0] == account.times


def test_what_remains_is_another_models_own(in_no_time: InNoTime) -> None:
    account = Account(most=1)
    account.says = lambda at, _: Limits(requests=0, requests_reset=30) if at == 0 else None

    async def work() -> None:
        await account.ask()
        await account.ask(model="n")

    in_no_time(work)
    assert [0.0, 1.0] == account.times


def test_the_reset_of_a_days_quota_is_not_waited_for(in_no_time: InNoTime) -> None:
    account = Account(most=1)
    account.says = lambda _at, _name: Limits(requests=0, requests_reset=86_400)
    in_no_time(lambda: account.many(2))
    assert [0.0, 1.0] == account.times


def test_a_wait_of_hours_ends_all_that_wait_and_says_until_when(in_no_time: InNoTime) -> None:
    account = Account(most=2)
    account.says = lambda _at, name: limited(7200) if name == "0" else None
    first, second, *waiting = in_no_time(lambda: account.many(6))
    assert isinstance(first, CallFailed)
    assert second is None
    assert {NotSent} == {type(each) for each in waiting}
    assert 4 == len(waiting)
    assert 2 == len(account.sent)
    assert "asks to wait 2 h, until 20" in str(waiting[0])


def test_while_it_is_held_for_hours_nothing_new_is_sent_and_later_it_is(in_no_time: InNoTime) -> None:
    account = Account()
    account.says = lambda at, _: limited(LONGEST_WAIT + 100) if at == 0 else None

    async def work() -> None:
        await account.asked("0")
        assert isinstance((await account.asked("1"))[0], NotSent)
        await asyncio.sleep(200)
        await account.ask("2")

    in_no_time(work)
    assert [0.0, 1.0 + LONGEST_WAIT + 100] == account.times


def test_an_account_that_refuses_for_ten_minutes_is_not_asked_row_by_row(in_no_time: InNoTime) -> None:
    account = Account(most=1)
    account.says = lambda _at, _name: limited()
    answers = in_no_time(lambda: account.many(100))
    assert 15 < len(account.sent) < 50
    assert LONGEST_WAIT < account.times[-1] < LONGEST_WAIT + 60
    assert isinstance(answers[-1], NotSent)
    assert "refused every call" in str(answers[-1])


@pytest.mark.parametrize(("kind", "other_model"), [("quota", NotSent), ("not-found", type(None))])
def test_a_fatal_error_ends_what_waits_for_that_model_and_without_credit_for_any(
    in_no_time: InNoTime, kind: str, other_model: type
) -> None:
    account = Account(most=1)
    account.says = lambda at, _: CallFailed(kind, "no", fatal=True) if at == 0 else None

    async def work() -> tuple[list[Any], list[Any]]:
        return await asyncio.gather(account.many(3), account.asked("x", model="n", who="b"))

    same, other = in_no_time(work)
    assert [CallFailed, NotSent, NotSent] == [type(each) for each in same]
    assert [other_model] == [type(each) for each in other]


def test_what_was_called_off_is_tried_afresh_by_whoever_comes_later(in_no_time: InNoTime) -> None:
    account = Account(most=1)
    account.says = lambda at, _: CallFailed("not-found", "not yet", fatal=True) if at == 0 else None

    async def work() -> None:
        await account.asked("0")
        await account.ask("1")

    in_no_time(work)
    assert ["0", "1"] == [name for _, name in account.sent]


def test_callers_take_turns_and_what_was_begun_goes_first(in_no_time: InNoTime) -> None:
    account = Account(most=1)

    async def work() -> None:
        await asyncio.gather(
            account.asked("a1", "a2", "a3"),
            account.asked("b1", "b2", who="b"),
            account.asked("a0", again=True),
        )

    in_no_time(work)
    assert ["a1", "b1", "a0", "b2", "a2", "a3"] == [name for _, name in account.sent]


def test_who_no_longer_waits_takes_no_place(in_no_time: InNoTime) -> None:
    account = Account(most=1)

    async def work() -> None:
        tasks = [asyncio.ensure_future(account.ask(name)) for name in "abc"]
        await asyncio.sleep(0.5)
        tasks[1].cancel()
        await asyncio.sleep(0.1)
        tasks[0].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert not account.pace._under_way
        assert not any(account.pace._waiting.values())

    in_no_time(work)
    assert ["a", "c"] == [name for _, name in account.sent]
