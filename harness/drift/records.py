"""canary.json: which recorded prompts an endpoint was asked again before a run, and what moved.

{"asked": 20, "at": "2026-11-21T09:15:02Z", "found": [{"model": "mini", "prompts": 20, "same": 18, "low": 0.7, …}]}
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from harness import journal
from harness.errors import StoreError
from harness.records import Record

FILE = "canary.json"
LEDGER = "canary.jsonl"


class Change(Record):
    """A prompt that was answered otherwise.

    Attributes:
        prompt: The end of its last turn; untrusted wherever it is shown.
        before: The start of the recorded answer.
        now: The start of the new one.
    """

    prompt: str
    before: str
    now: str


class Names(Record):
    """What an endpoint said of what answers; empty where it says nothing.

    Attributes:
        served: Names of the model that answered.
        fingerprints: Its marks (`system_fingerprint`).
    """

    served: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()


class Canary(Record):
    """One endpoint.

    Attributes:
        model: Its name in the suite.
        identity: Its own; what caches and records go by.
        runs: The earlier runs that the prompts come from, newest first.
        prompts: Prompts that were answered again.
        failed: Prompts that brought no answer this time.
        same: Prompts with the very same answer.
        low: Of the share of them, 95 % (Wilson).
        high: Of the share of them, 95 % (Wilson).
        changes: The others.
        before: What answered then, as far as it was recorded.
        now: What answers now.
        timed: Prompts that were asked alone both times.
        seconds_before: Their median seconds at work then.
        seconds_now: The same now.
        told: Prompts with probabilities of their choices both times.
        shift: Of those, the mean change of the earlier answer's probability, without its sign.
        problem: Why nothing was asked.
    """

    model: str
    identity: str = ""
    runs: tuple[str, ...] = ()
    prompts: int = 0
    failed: int = 0
    same: int = 0
    low: float = 0.0
    high: float = 1.0
    changes: tuple[Change, ...] = ()
    before: Names = Names()
    now: Names = Names()
    timed: int = 0
    seconds_before: float | None = None
    seconds_now: float | None = None
    told: int = 0
    shift: float | None = None
    problem: str | None = None

    @property
    def moved(self) -> bool:
        """Whether any answer is another, or something else answers."""
        other = (
            bool(then) and bool(here) and set(then) != set(here)
            for then, here in (
                (self.before.served, self.now.served),
                (self.before.fingerprints, self.now.fingerprints),
            )
        )
        return self.same < self.prompts or any(other)

    def without_texts(self) -> Canary:
        problem = None if self.problem is None else "left out: it may quote a text"
        return self.model_copy(update={"changes": (), "problem": problem})


class Canaries(Record):
    """The file: what was found before a run began.

    Attributes:
        asked: Prompts asked for, of each endpoint.
        at: When; older answers of what moved are not used again, unless the run was told to.
        old_cache: Whether it was told to.
        found: By endpoint.
    """

    asked: int
    at: datetime
    old_cache: bool = False
    found: tuple[Canary, ...] = ()


def without_texts(found: Canaries) -> Canaries:
    """The same figures without what was asked and answered."""
    return found.model_copy(update={"found": tuple(each.without_texts() for each in found.found)})


def load(run: Path) -> Canaries | None:
    """What a run found before it began; None where it did not ask.

    Raises:
        StoreError: The file was changed.
    """
    path = run / FILE
    try:
        return Canaries.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise StoreError("this was changed, or written by another version", where=str(path)) from error


def keep(run: Path, found: Canaries) -> None:
    journal.replace(run / FILE, found.model_dump_json(indent=1))
