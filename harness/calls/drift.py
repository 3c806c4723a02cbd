"""What answered under a name: endpoints change the model behind one, and say so in `served` and `fingerprint`.

gpt-4o   served gpt-4o-2024-08-06   fingerprint fp_04751d0b65
"""

from __future__ import annotations

from collections import defaultdict
from threading import Lock

from harness import numbers
from harness.calls.cache import Cache
from harness.models import Completion


class Drift:
    """Notices that something else answers than before.

    Args:
        cache: Remembers what each model was served as.
    """

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._before: dict[str, str | None] = {}  # by identity, as it was before this process asked
        self._now: dict[str, str] = {}
        self._seen: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        self._lock = Lock()

    def noticed(self, trial: str, identity: str, name: str, completion: Completion) -> list[str]:
        """What a reader of a trial must know of who answered it; each is said at its first sign.

        Args:
            trial: Which trial.
            identity: The model's.
            name: The model's, for people.
            completion: What it answered now, or replayed.
        """
        said = []
        with self._lock:
            for what, value in (("served", completion.served), ("fingerprint", completion.fingerprint)):
                seen = self._seen[trial, identity, what]
                if value is not None and value not in seen:
                    seen.add(value)
                    if len(seen) == 2:
                        said.append(_several(name, what, sorted(seen)))
            if completion.served is not None and not completion.replayed:
                before = self._earlier(identity, completion.served)
                changed = self._seen[trial, identity, "changed"]
                if before not in (None, completion.served) and not changed:
                    changed.add(completion.served)
                    said.append(
                        f"{name} is now served as {_told(completion.served)}, and was as {_told(str(before))} when"
                        " earlier answers were cached: results from before may not hold"
                    )
        return said

    def _earlier(self, identity: str, served: str) -> str | None:
        if identity not in self._before:
            self._before[identity] = self._cache.served(identity)
        if self._now.get(identity, self._before[identity]) != served:
            self._cache.store_served(identity, served)
        self._now[identity] = served
        return self._before[identity]


def _several(name: str, what: str, values: list[str]) -> str:
    which = "models" if what == "served" else "fingerprints"
    told = " and ".join(_told(value) for value in values)
    return f"{name} answered under several {which}, such as {told}: its answers are not all of one model"


def _told(value: str) -> str:
    return repr(numbers.plain(value[:100]))
