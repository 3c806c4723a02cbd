"""Which cached answers of endpoints are used again: a model behind a name changes, so that they age.

cache_days: 7, a run begun on the 20th, taken up on the 30th
    of the 12th     too old, asked again, and replaced in the cache
    of the 21st     this very run's, or of its time: used
    of the 24th     young enough: used

Answers of local models do not age: their weights stand in the key.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock

from harness import numbers


class Ages:
    """Says what is too old, and counts it.

    Args:
        days: After which an answer is too old; None for never.
        began: When the run was first begun: what it has asked since stays good, however long it takes.
        now: When this process began with it.
        old: Whether the user allows old ones.
    """

    def __init__(self, days: float | None, began: datetime, now: datetime, *, old: bool = False) -> None:
        self._days = days
        self._old = old
        self._since = None if days is None else min(began, _before(now, days))
        self._seen: dict[str, datetime] = {}
        self._lock = Lock()

    @property
    def replaced_before(self) -> datetime | None:
        """Answers from before then give way to those that are asked again; None where none does."""
        return None if self._old else self._since

    def used(self, key: str, at: datetime) -> bool:
        """Whether an answer of that time is used."""
        if self._since is None or at >= self._since:
            return True
        with self._lock:
            self._seen[key] = at
        return self._old

    def told(self) -> str | None:
        """What the run says of old answers at its end; None where it met none."""
        if not self._seen or self._days is None:
            return None
        answers = numbers.plural(len(self._seen), "cached answer")
        age = f"older than {self._days:g} {'day' if self._days == 1 else 'days'}"
        oldest = f"(cache_days; the oldest of {min(self._seen.values()):%Y-%m-%d})"
        if self._old:
            return f"{answers} {age} {oldest} stood for new ones, as --old-cache says"
        return f"{answers} {age} {oldest} left aside and asked again; --old-cache uses such answers"


def _before(now: datetime, days: float) -> datetime:
    try:
        return now - timedelta(days=days)
    except OverflowError:  # longer ago than there are dates
        return datetime.min.replace(tzinfo=now.tzinfo)
