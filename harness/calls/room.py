"""Room under the cap for calls that are made at once.

Each call reserves the most that it could cost, and most cost far less: whoever finds no room waits for those under
way to come back, and only where none is does the cap end the run.
"""

from __future__ import annotations

import asyncio

from harness.calls.budget import Budget
from harness.errors import BudgetError
from harness.records import Usage


class Room:
    """Reservations of calls under way. Used from one event loop.

    Args:
        budget: The run's.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._under_way = 0
        self._waiting: list[asyncio.Future[None]] = []

    async def reserve(self, name: str, upper: Usage) -> str:
        """Sets the dollars of `upper` aside; `back` follows, whatever the call ends in.

        Raises:
            BudgetError: There is no room, and no call under way that could make some.
        """
        while True:
            try:
                reserved = self._budget.reserve(name, upper)
            except BudgetError:
                if not self._under_way:
                    raise
                turn = asyncio.get_running_loop().create_future()
                self._waiting.append(turn)
                await turn
            else:
                self._under_way += 1
                return reserved

    def back(self) -> None:
        """A call came back, and its reservation says what it really took, where that is known."""
        self._under_way -= 1
        waiting, self._waiting = self._waiting, []
        for turn in waiting:
            if not turn.done():
                turn.set_result(None)
