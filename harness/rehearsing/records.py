"""What a rehearsal found: a line for each strategy of each task, and what all of it could cost.

task    strategy     trials  calls  free  in       out     trained  dollars
tweets  zero-shot    1       301    0     31,204   19,264  0        0.046
tweets  features     1       on this machine
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from harness.calls.price_list import PriceUsed
from harness.records import Record

Where = Literal["endpoint", "machine", "not-applicable", "unknown"]


class Rehearsed(Record):
    """What a strategy would send for a task, over its trials.

    Attributes:
        task: The task's name.
        strategy: The strategy's name.
        trials: Seeds, repeats and sizes together.
        where: `endpoint` where something is sent; `machine` where all of it is done here; `not-applicable` on
            this kind of task; `unknown` where it could not be rehearsed.
        calls: Requests that would be sent.
        batched: Those of them that would go as a batch.
        cached: Further requests that the cache answers.
        shared: Further requests that were answered before in the same run.
        input_tokens: Sent, estimated from above.
        output_tokens: At most.
        trained_tokens: Tokens trained on by a provider, as the strategy reserves them.
        dollars: At most; None where a price is not known.
        notes: What a reader must know.
    """

    task: str
    strategy: str
    trials: int = 1
    where: Where = "endpoint"
    calls: int = 0
    batched: int = 0
    cached: int = 0
    shared: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    trained_tokens: int = 0
    dollars: float | None = 0.0
    notes: tuple[str, ...] = ()

    @property
    def sends(self) -> bool:
        """Whether anything is sent for it, as far as is known."""
        return self.where in ("endpoint", "unknown")

    @property
    def free(self) -> int:
        return self.cached + self.shared


class Rehearsal(Record):
    """A run before it is paid for.

    Attributes:
        rows: A strategy of a task each, in the suite's order.
        prices: What it was priced at.
        known_dollars: Of what has a known price.
        spent: What the run has spent already, where it is taken up again.
        limit: The user's cap.
        unpriced: Models without a known price that the user allowed under the cap.
    """

    rows: tuple[Rehearsed, ...]
    prices: tuple[PriceUsed, ...] = ()
    known_dollars: float = 0.0
    spent: float = 0.0
    limit: float | None = None
    unpriced: tuple[str, ...] = ()

    @property
    def dollars(self) -> float | None:
        """At most, of all; None where a part is not known."""
        parts = [row.dollars for row in self.rows]
        known = [part for part in parts if part is not None]
        return math.fsum(known) if len(known) == len(parts) else None


def together(rows: Sequence[Rehearsed]) -> Rehearsed:
    """Trials of one strategy and task as one line."""
    first = rows[0]
    counts = ("trials", "calls", "batched", "cached", "shared", "input_tokens", "output_tokens", "trained_tokens")
    dollars = [row.dollars for row in rows if row.dollars is not None]
    worst = max(rows, key=lambda row: ("machine", "not-applicable", "endpoint", "unknown").index(row.where))
    return first.model_copy(
        update={
            **{name: sum(getattr(row, name) for row in rows) for name in counts},
            "where": worst.where,
            "dollars": math.fsum(dollars) if len(dollars) == len(rows) else None,
            "notes": tuple(dict.fromkeys(note for row in rows for note in row.notes)),
        }
    )
