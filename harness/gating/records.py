"""What a gate found.

passed         accuracy at least 0.85      0.880 at the lower end of 0.917 (0.880 to 0.943), n = 300
inconclusive   no regression of accuracy   -0.003 (-0.031 to 0.024) against features of the baseline, 300 rows
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from harness.records import Record

Outcome = Literal["passed", "failed", "inconclusive", "incomplete", "budget"]

EXIT_CODES: Mapping[Outcome, int] = {
    "passed": 0,
    "failed": 10,
    "inconclusive": 11,
    "incomplete": 12,
    "budget": 13,
}

LIMIT_RULE = (
    "A lower limit is judged on the lower end of the 95 % interval, an upper limit on its upper end: passed where"
    " that end meets it; failed where the figure itself does not; inconclusive where the figure meets it and the"
    " end does not. A figure without an interval is judged itself."
)


class Wanted(Record):
    """What a gate asks for.

    Attributes:
        minimum: Figure to the least that passes.
        maximum: Figure to the most that passes.
        no_regression: Whether it must not be worse than the baseline.
        strategy: Which one is judged; the recommended one of each task without it.
        baseline_strategy: Which one of the baseline it is held against.
        task: Only this task.
        margin: A difference that does not matter; the baseline's without it.
    """

    minimum: Mapping[str, float] = {}
    maximum: Mapping[str, float] = {}
    no_regression: bool = False
    strategy: str | None = None
    baseline_strategy: str | None = None
    task: str | None = None
    margin: float | None = None


class Check(Record):
    """One thing that was asked, and what came of it.

    Attributes:
        task: Of which task.
        strategy: Of which strategy; empty where there is none.
        asked: Such as ``accuracy at least 0.85``.
        outcome: What came of it.
        words: The numbers that it comes from, or why there are none.
    """

    task: str
    strategy: str
    asked: str
    outcome: Outcome
    words: str


class Gate(Record):
    """What a gate came to.

    Attributes:
        outcome: `budget` or `incomplete` before all else, then `failed`, then `inconclusive`.
        run: The run judged.
        baseline: The run that it is held against; None for none.
        checks: One for each thing asked, task by task.
        rules: How each kind of check is judged, a sentence or two each.
        notes: What a reader must know.
    """

    outcome: Outcome
    run: str
    baseline: str | None = None
    checks: tuple[Check, ...]
    rules: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.outcome]


def worst(outcomes: list[Outcome]) -> Outcome:
    """What they come to together; where nothing was judged, nothing passed."""
    for outcome in ("budget", "incomplete", "failed", "inconclusive"):
        if outcome in outcomes:
            return outcome
    return "passed" if outcomes else "incomplete"
