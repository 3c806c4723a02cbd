"""The run-wide cap: every paid call is reserved before it is sent.

    budget.jsonl   {"name": "t/few-shot/0-0/bulk/9f…#1", "dollars": 0.0004}     reserved, at its upper bound
                   {"name": "t/few-shot/0-0/bulk/9f…#1", "settled": true}       its ledger entry stands
                   {"name": "run/t/hosted/0-0/prepare/spend/job", "dollars": 3} of a job: one name

After a restart what was spent is read from the ledgers; a reservation that nobody settled stays booked at its
upper bound, because the call may have been made.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
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
        unpriced: Models that may be asked under a cap though nobody knows their price, by the suite's name or by
            the one that prices go by; they count 0.
    """

    def __init__(
        self,
        limit: float | None,
        prices: Prices,
        path: Path,
        entries: Iterable[LedgerEntry],
        unpriced: Iterable[str] = (),
    ) -> None:
        self.limit = limit
        self.prices = prices
        self._unpriced = set(unpriced)
        self._uncounted: set[str] = set()
        self._lock = Lock()
        self._spent = sum(prices.dollars(e.usage).dollars or 0.0 for e in entries if e.paid)
        self._open: dict[str, float] = {}
        self._aside: float | None = None  # the sum of what is open; None where it is to be summed anew
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
            return self._spent + self._set_aside()

    def allow(self, model: str, name: str) -> bool:
        """Whether a model of the suite may be asked under the cap; `name` is what prices go by.

        What is tuned from a model that is allowed without a price is so too.
        """
        if model in self._unpriced:
            self._unpriced.add(name)
        return self.limit is None or name in self._unpriced or self.prices.known(name)

    def told(self) -> str | None:
        """What is not in the sum, for the end of the run; None where all is."""
        if self.limit is None or not self._uncounted:
            return None
        names = ", ".join(sorted(map(repr, self._uncounted)))
        return f"the cost of {names} is not in what --cost-limit held: no price is known"

    def reserve(self, name: str, upper: Usage) -> str:
        """Sets the dollars of `upper` aside.

        Returns:
            The reservation's own name, for `settle`.

        Raises:
            BudgetError: When that would pass the limit, or a limit is set and the price is not known.
        """
        dollars = self._priced(upper)
        with self._lock:
            self._check(dollars)
            self._count += 1
            name = f"{name}#{self._count}"
            self._put_aside(name, dollars)
        return name

    def reserve_once(self, name: str, upper: Usage) -> None:
        """Sets the dollars of `upper` aside under a name of its own; one that is open already is taken up.

        Raises:
            BudgetError: As in `reserve`.
        """
        dollars = self._priced(upper)
        with self._lock:
            held = self._open.get(name)
            if held is None or dollars > held:
                self._check(dollars - (held or 0.0))
                self._put_aside(name, dollars)

    def measured(self, name: str, used: Usage) -> None:
        """Lowers a reservation to what a call took, before its ledger entry stands."""
        dollars = self.prices.dollars(used).dollars or 0.0
        with self._lock:
            if dollars < self._open.get(name, 0.0):
                self._put_aside(name, dollars)

    def drop(self, name: str) -> None:
        """Ends a reservation whose ledger entry was counted when the books were opened; none is no error."""
        with self._lock:
            if self._take_back(name):
                self._journal.append(Reserved(name=name, settled=True))

    def settle(self, name: str, used: Usage | None) -> None:
        """Ends a reservation once the ledger has its entry; None where nothing was used."""
        dollars = 0.0 if used is None else self.prices.dollars(used).dollars or 0.0
        with self._lock:
            self._take_back(name)
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

    def _priced(self, upper: Usage) -> float:
        dollars = self.prices.dollars(upper).dollars
        if dollars is not None:
            return dollars
        if self.limit is not None and upper.model not in self._unpriced:
            raise BudgetError(unpriced({upper.model: upper.model}))
        self._uncounted.add(upper.model)
        return 0.0

    def _check(self, dollars: float) -> None:
        if self.limit is None:
            return
        after = self._spent + self._set_aside() + dollars
        if after > self.limit:
            more, limit = _told(after, self.limit)
            raise BudgetError(
                f"the next step could bring the run to {more}, past the limit of {limit}. Finished work is"
                " kept: --resume with a higher --cost-limit goes on"
            )

    def _set_aside(self) -> float:
        if self._aside is None:
            self._aside = sum(self._open.values())
        return self._aside

    def _put_aside(self, name: str, dollars: float) -> None:
        # A large batch is reserved request by request: to sum all before each would take seconds.
        self._aside = None if self._aside is None or name in self._open else self._aside + dollars
        self._open[name] = dollars
        self._journal.append(Reserved(name=name, dollars=dollars))

    def _take_back(self, name: str) -> bool:
        self._aside = None
        return self._open.pop(name, None) is not None


def unpriced(models: Mapping[str, str]) -> str:
    """What is said under a cap of models without a known price.

    Args:
        models: The name that prices go by, to what --allow-unpriced takes.
    """
    names = " and ".join(map(repr, sorted(models)))
    allowed = " ".join(f"--allow-unpriced {shlex.quote(name)}" for name in sorted(set(models.values())))
    return (
        f"--cost-limit cannot hold: the price of {names} is not known. Give it under `prices:` in the suite (0 if"
        f" it is free), or let it go uncounted with {allowed}"
    )


def _told(more: float, limit: float) -> tuple[str, str]:
    """Two amounts with the digits that show them apart."""
    for places in range(2, 12):
        told = f"${more:,.{places}f}", f"${limit:,.{places}f}"
        if told[0] != told[1] and (limit == 0 or float(f"{limit:.{places}f}") > 0):
            break
    return told
