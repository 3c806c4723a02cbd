"""How many calls an account has under way at once, and when the next one may go.

answers             4 at once at first, one more for each answer, up to `--jobs`
429                 half as many, once for all that were under way, and then one more for each round of answers
500, 504            no more at once than now, for 30 s
Retry-After: 20     nothing of this account goes for 20 s, whoever was told
remaining-tokens    900, and the next may take 1,200: it waits for the reset

Additive increase and multiplicative decrease, as in Chiu and Jain, "Analysis of the increase and decrease
algorithms for congestion avoidance in computer networks" (1989), with the slow start of TCP. What an endpoint says
it still takes is kept by model, because providers count it so; concurrency and waits are the account's.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from harness import numbers
from harness.calls.quota import Quota
from harness.models import CallFailed, Completion, Limits

START = 4  # calls at once, before anything is known of an account
CALM_SECONDS = 30.0  # without growth after a server's error
LONGEST_WAIT = 600.0  # seconds that are waited for an endpoint
_SAID_SECONDS = 10.0  # a wait as long as that is told to whoever watches
# Seconds of the first pause after a 429, doubled with each that follows: where it says when, and where not.
_TOLD_PAUSE, _PAUSE, _LONGEST_PAUSE = 0.05, 0.5, 30.0


class NotSent(Exception):
    """A call was not sent, because it would be in vain now; the message says why and until when."""


@dataclass(eq=False)
class Call:
    """A call that waits for its place, or has it.

    Attributes:
        who: Places go round among those who ask, so that none waits for all of another's calls.
        model: What the endpoint's remaining requests and tokens are counted by.
        tokens: The most that it can take, prompt and answer; asked for only where tokens are scarce.
        again: Whether it was sent before: what was begun goes first.
        sent: When, by the loop's clock.
    """

    who: str
    model: str
    tokens: Callable[[], int]
    again: bool = False
    sent: float = 0.0


class Pace:
    """One account's calls. Used from one event loop, and goes by its clock.

    Args:
        most: Calls at once that the user allows.
        say: Tells whoever watches that it waits; called on the loop's thread.
    """

    def __init__(self, most: int, say: Callable[[str], object] = lambda _: None) -> None:
        self.most = most
        self._say = say
        self.limit = float(min(most, START))
        self._slow_start = float(most)  # below it each answer makes room for one more
        self._waiting: dict[str, deque[tuple[Call, asyncio.Future[None]]]] = {}
        self._turn = 0
        self._turns: dict[str, int] = {}  # of each who, its last
        self._under_way: set[Call] = set()
        self._quotas: dict[str, Quota] = {}
        self._held_until = self._halved = self._calm_until = -math.inf
        self._said = ""
        self._pauses = 0
        self._refused_since: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def places(self) -> int:
        """Calls at once, as of now."""
        return int(self.limit + 1e-9)  # five times a fifth is one more

    async def call(self, call: Call, send: Callable[[], Awaitable[Completion]]) -> Completion:
        """Waits for a place, sends, and learns from what comes back.

        Raises:
            NotSent: Nothing may be sent for longer than is waited, or another call found what holds for all.
            CallFailed: What `send` raised.
        """
        await self._place(call)
        try:
            completion = await send()
        except CallFailed as error:
            self._failed(call, error)
            raise
        else:
            self._answered(call, completion.limits)
            return completion
        finally:
            self._under_way.discard(call)
            self._give()

    async def _place(self, call: Call) -> None:
        if self._held_until - _now() > LONGEST_WAIT:
            raise NotSent(self._held())
        place = asyncio.get_running_loop().create_future()
        queue = self._waiting.setdefault(call.who, deque())
        (queue.appendleft if call.again else queue.append)((call, place))
        self._give()
        try:
            await place
        except BaseException:
            self._under_way.discard(call)
            self._give()
            raise

    def _give(self) -> None:
        """Gives places away, and comes again when the next one may be free."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = _now()
        while len(self._under_way) < self.places:
            for queue in self._waiting.values():
                while queue and queue[0][1].done():  # it no longer waits
                    queue.popleft()
            self._waiting = {who: queue for who, queue in self._waiting.items() if queue}
            times = {who: self._free_at(queue[0][0], now) for who, queue in self._waiting.items()}
            if not times:
                return
            who = min(times, key=lambda who: (times[who], self._turns.get(who, 0)))
            if times[who] > now:
                self._timer = asyncio.get_running_loop().call_at(times[who], self._give)
                return
            call, place = self._waiting[who].popleft()
            call.sent = now
            self._turns[who] = self._turn = self._turn + 1
            self._quota(call).take(call.tokens, now)
            self._under_way.add(call)
            place.set_result(None)

    def _free_at(self, call: Call, now: float) -> float:
        return max(self._held_until, self._quota(call).free_at(call.tokens, now), now)

    def _quota(self, call: Call) -> Quota:
        return self._quotas.setdefault(call.model, Quota())

    def _answered(self, call: Call, limits: Limits | None) -> None:
        now = _now()
        self._pauses, self._refused_since = 0, None
        # An account that is not used to its limit shows nothing about a higher one.
        if len(self._under_way) >= self.places and now >= self._calm_until:
            more = 1.0 if self.limit < self._slow_start else 1.0 / self.places
            self.limit = min(float(self.most), self.limit + more)
        self._told(call, limits, now)

    def _failed(self, call: Call, error: CallFailed) -> None:
        now = _now()
        if error.kind == "rate-limit":
            self._refused(call, error, now)
        elif error.kind in ("server", "timeout"):
            self._calm_until = now + CALM_SECONDS
        if error.after is not None:
            self._hold(call, error.after, str(error), now)
        self._told(call, error.limits, now)
        if error.fatal:  # without credit no model of the account answers; all else is this model's own
            self._refuse(str(error), None if error.kind == "quota" else call.model)

    def _refused(self, call: Call, error: CallFailed, now: float) -> None:
        if call.sent > self._halved:  # what was under way when it was halved is no news
            self.limit = self._slow_start = max(1.0, self.limit / 2)
            self._halved = now
            self._pauses += 1
        first = _PAUSE if error.after is None else _TOLD_PAUSE
        self._hold(
            call, min(_LONGEST_PAUSE, first * 2 ** (self._pauses - 1)) * random.uniform(1, 1.25), str(error), now
        )
        self._refused_since = now if self._refused_since is None else self._refused_since
        if now - self._refused_since > LONGEST_WAIT:
            long = numbers.seconds(now - self._refused_since)
            self._refuse(f"it has refused every call for {long}: {error}")

    def _hold(self, call: Call, seconds: float, said: str, now: float) -> None:
        if now + seconds <= self._held_until:
            return
        known, self._held_until, self._said = self._held_until - now, now + seconds, said
        if seconds > LONGEST_WAIT:
            self._refuse(self._held())
        elif seconds >= _SAID_SECONDS > known:
            self._say(f"{call.model}: {self._held()}")

    def _held(self) -> str:
        return asks_to_wait(self._held_until - _now(), self._said)

    def _refuse(self, why: str, model: str | None = None) -> None:
        """Ends the calls that wait, those of one model or all, so that they are not sent."""
        for queue in self._waiting.values():
            for call, place in queue:
                if model in (None, call.model) and not place.done():
                    place.set_exception(NotSent(why))

    def _told(self, call: Call, limits: Limits | None, now: float) -> None:
        if limits is None:
            return
        quota = self._quota(call)
        quota.told(limits, now, longest=LONGEST_WAIT)
        for other in self._under_way - {call}:  # they may not be counted in it yet
            if other.model == call.model:
                quota.take(other.tokens, now)


def asks_to_wait(seconds: float, said: str) -> str:
    """Says until when an endpoint is not to be asked, by the clock on the wall."""
    free = datetime.now().astimezone() + timedelta(seconds=seconds)
    return f"it asks to wait {numbers.seconds(seconds)}, until {free:%Y-%m-%d %H:%M}: {said}"


def _now() -> float:
    return asyncio.get_running_loop().time()
