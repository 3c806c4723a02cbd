"""The run-wide cap: every paid call is reserved before it is sent.

    budget.jsonl   {"name": "t/few-shot/0-0/bulk/9f…#1", "dollars": 0.0004}     reserved, at its upper bound
                   {"name": "t/few-shot/0-0/bulk/9f…#1", "settled": true}       its ledger entry stands

After a restart what was spent is read from the ledgers; a reservation that nobody settled stays booked at its
upper bound, because the call may have been made.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from threading import Lock

from harness.calls.pricing import Prices
from harness.errors import BudgetError
from harness.journal import Journal, read
from harness.records import LedgerEntry, Record, Usage


class Reserved(Record):
    """One line of budget.jsonl."""

    name: str
    dollars: float = 0.0
    settled: bool = False


class Budget:
    """What may still be spent.

    Args:
        limit: Dollars for the whole run; None for no cap.
        prices: What things cost.
        path: The journal of reservations.
        entries: The ledgers of the run so far.
    """

    def __init__(self, limit: float | None, prices: Prices, path: Path, entries: Iterable[LedgerEntry]) -> None:
        self.limit = limit
        self.prices = prices
        self._lock = Lock()
        self._spent = sum(prices.dollars(e.usage).dollars or 0.0 for e in entries if e.paid)
        self._open: dict[str, float] = {}
        self._count = 0
        for line in read(path, Reserved):
            self._count += 1
            if line.settled:
                self._open.pop(line.name, None)
            else:
                self._open[line.name] = line.dollars
        self._journal = Journal(path)

    @property
    def spent(self) -> float:
        """Dollars spent, and reserved by calls whose end is not known."""
        with self._lock:
            return self._spent + sum(self._open.values())

    def reserve(self, name: str, upper: Usage) -> str:
        """Sets the dollars of `upper` aside.

        Returns:
            The reservation's own name, for `settle`.

        Raises:
            BudgetError: When that would pass the limit, or a limit is set and the price is not known.
        """
        dollars = self.prices.dollars(upper).dollars
        with self._lock:
            if self.limit is not None:
                if dollars is None:
                    raise BudgetError(
                        f"--cost-limit cannot hold: the price of {upper.model!r} is not known. Give it under"
                        " `prices:` in the suite (0 if it is free)"
                    )
                after = self._spent + sum(self._open.values()) + dollars
                if after > self.limit:
                    more, limit = _told(after, self.limit)
                    raise BudgetError(
                        f"the next step could bring the run to {more}, past the limit of {limit}. Finished work is"
                        " kept: --resume with a higher --cost-limit goes on"
                    )
            self._count += 1
            name = f"{name}#{self._count}"
            self._open[name] = dollars or 0.0
            self._journal.append(Reserved(name=name, dollars=dollars or 0.0))
        return name

    def settle(self, name: str, used: Usage | None) -> None:
        """Ends a reservation once the ledger has its entry; None where nothing was used."""
        dollars = 0.0 if used is None else self.prices.dollars(used).dollars or 0.0
        with self._lock:
            self._open.pop(name, None)
            self._spent += dollars
            self._journal.append(Reserved(name=name, settled=True))

    def used(self, usage: Usage) -> None:
        """Counts what was used without a reservation: seconds of this machine.

        Raises:
            BudgetError: When the limit is passed.
        """
        with self._lock:
            self._spent += self.prices.dollars(usage).dollars or 0.0
            spent = self._spent
        if self.limit is not None and spent > self.limit:
            more, limit = _told(spent, self.limit)
            raise BudgetError(
                f"the run has spent {more}, past the limit of {limit}: seconds of this machine are known once they"
                " are spent. Finished work is kept: --resume with a higher --cost-limit goes on"
            )

    def close(self) -> None:
        self._journal.close()


def _told(more: float, limit: float) -> tuple[str, str]:
    """Two amounts with the digits that show them apart."""
    for places in range(2, 12):
        told = f"${more:,.{places}f}", f"${limit:,.{places}f}"
        if told[0] != told[1] and (limit == 0 or float(f"{limit:.{places}f}") > 0):
            break
    return told
