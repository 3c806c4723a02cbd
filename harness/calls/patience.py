"""Asks a provider again until it answers: for what changes nothing, however often it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from harness.calls.backoff import pause
from harness.models import CallFailed

T = TypeVar("T")


@dataclass(frozen=True)
class Asker:
    """Who asks a provider, and how waiting is done.

    Attributes:
        trial: Whose files and jobs these are.
        model: The suite's name of the model.
        sleep: Waits; over at once where the run is stopped.
        say: Told what is waited for.
    """

    trial: str
    model: str
    sleep: Callable[[float], None]
    say: Callable[[str], None]

    def patiently(self, do: Callable[[], T], what: str, seconds: float) -> T:
        """Tries until it is done. The waits are not stamina's, because Ctrl-C could not break those off.

        Args:
            do: One attempt.
            what: What it is, for the user.
            seconds: How long to wait in all.

        Raises:
            CallFailed: The last attempt's, where no other may help or the time is over.
        """
        waited, attempt = 0.0, 0
        while True:
            try:
                return do()
            except CallFailed as error:
                wait = pause(attempt, error)
                if error.fatal or not error.retry or waited + wait > seconds:
                    raise
                self.say(f"{what}: {error}; trying again")
                self.sleep(wait)
                waited, attempt = waited + wait, attempt + 1
