"""What a strategy spends beside its models' calls: reserved before, booked after.

spend(upper)               reserved and booked each time
spend(upper, name="job")   once in a trial's life: after an error or a kill it is taken up where it was

killed at                     on disk                       when it is spent again
work                          reserved                      no second reservation
between booking and settling  reserved, booked              only settled
after it                      reserved, booked, settled     nothing
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from harness.calls.budget import Budget
from harness.calls.ledger import Meter
from harness.records import Usage
from harness.strategy import Spending


@dataclass
class Settled:
    """What `spend` hands out."""

    usage: Usage | None = None

    def actual(self, usage: Usage) -> None:
        self.usage = usage


@contextmanager
def spend(meter: Meter, budget: Budget, key: str, upper: Usage) -> Iterator[Spending]:
    """Reserves and books, whatever it ends in.

    Args:
        meter: Where it is booked.
        budget: The run's.
        key: The trial's.
        upper: At most what will be used; booked where nothing else is said.
    """
    name = meter.nth("spend")
    reserved = budget.reserve(f"{key}/{name}", upper)
    settled = Settled()
    try:
        yield settled
    finally:
        usage = settled.usage or upper
        meter.book(name, usage, usage.device_seconds, paid=True)
        budget.settle(reserved, usage)


@contextmanager
def spend_once(meter: Meter, budget: Budget, key: str, upper: Usage, name: str) -> Iterator[Spending]:
    """Reserves and books once in a trial's life; an error leaves the reservation open, because the work goes on.

    Args:
        meter: Where it is booked.
        budget: The run's.
        key: The trial's, of its run and folder.
        upper: At most what will be used; booked where nothing else is said.
        name: Its own in the trial: where in the strategy it stands does not matter.
    """
    entry = f"{meter.phase}/spend/{name}"
    reserved = f"{key}/{entry}"
    settled = Settled()
    if meter.has(entry):
        budget.drop(reserved)
        yield settled
        return
    budget.reserve_once(reserved, upper)
    try:
        yield settled
    except BaseException:
        if settled.usage is not None:  # it was said that nothing goes on
            budget.drop(reserved)
        raise
    usage = settled.usage or upper
    meter.book(entry, usage, usage.device_seconds, paid=True)
    budget.settle(reserved, usage)
