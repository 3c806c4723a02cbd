"""What a source gave, before it is checked."""

from __future__ import annotations

import re
from typing import NamedTuple

from harness.trainingfiles import Finding, Line
from harness.trainingfiles.findings import Problem

_NUMBER = re.compile(r"(\d+)$")


class Gathered(NamedTuple):
    """Examples of a source.

    Attributes:
        train: Those to train on.
        validation: Those to validate on; None where they are yet to be taken out of `train`.
        findings: Rows that became no example, and why.
        told: How the source was read, a sentence each.
        free: Whether the answers are free texts; None where the source does not say.
    """

    train: list[Line]
    validation: list[Line] | None
    findings: list[Finding]
    told: tuple[str, ...]
    free: bool | None = None


def number_of(place: str) -> int:
    """The number that a place ends with, such as 4 of ``reviews.csv line 4``; 0 for none."""
    found = _NUMBER.search(place)
    return int(found.group()) if found else 0


def no_example(kind: Problem, place: str, what: str) -> Finding:
    """A row that cannot be an example: a provider would refuse it."""
    number = number_of(place)
    return Finding(kind=kind, places=(place,), numbers=(number,), what=what, fix="leave it out", refused=True)
