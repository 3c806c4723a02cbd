"""A ratio from alternating runs, and the table of them.

    | work | against | goal | measured | answers |
    | 8-shot scoring, 300 tweets | lm-eval 0.4.13, float32, batch 16 | >= 30 | 52 (50 to 55, n = 3) | 300 of 300 |

No absolute number is shown: both sides of a ratio ran in turns on one machine, which the table's caption names.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from harness.running.machine import hardware, versions

FOUND = Path(__file__).parent / "found"  # what each benchmark last found, one file each; in the repository


@dataclass(frozen=True)
class Ratio:
    """How many times: the median over pairs of runs, with the lowest and the highest pair."""

    middle: float
    low: float
    high: float
    pairs: int

    def __str__(self) -> str:
        return f"{told(self.middle)} ({told(self.low)} to {told(self.high)}, n = {self.pairs})"


def told(times: float) -> str:
    """A figure of two digits, and whole from 10 on: 0.052, 1.2, 30, 120."""
    return f"{times:.0f}" if times >= 10 else f"{times:.2g}"


@dataclass(frozen=True)
class Line:
    """A row of the table.

    Attributes:
        work: What was done, with its size.
        against: The peer, with its version and settings; or which of our own works.
        sense: Whether the ratio must be at least or at most the goal.
        goal: The ratio aimed at.
        ratio: What was measured. At least: the peer's seconds by ours. At most: ours by the other's.
        same: How the answers of both sides compare, in words with counts; "" where there are none.
    """

    work: str
    against: str
    sense: Literal["least", "most"]
    goal: float
    ratio: Ratio
    same: str = ""

    @property
    def met(self) -> bool:
        return self.ratio.middle >= self.goal if self.sense == "least" else self.ratio.middle <= self.goal


def paired(upper: Sequence[float], lower: Sequence[float]) -> Ratio:
    """The ratio of two runs' figures, pair by pair as they ran."""
    each = [a / b for a, b in zip(upper, lower, strict=True)]
    return Ratio(statistics.median(each), min(each), max(each), len(each))


def alternating(sides: Sequence[Callable[[], float]], rounds: int = 3) -> list[list[float]]:
    """What each side gives, round by round: each runs once a round, and the order turns from round to round.

    Args:
        sides: Each does its work once and gives seconds (or another figure).
        rounds: How often.
    """
    found: list[list[float]] = [[] for _ in sides]
    for number in range(rounds):
        order = range(len(sides)) if number % 2 == 0 else reversed(range(len(sides)))
        for i in order:
            found[i].append(sides[i]())
    return found


def keep(name: str, lines: Sequence[Line]) -> None:
    """Prints the lines and keeps them for the table, with the machine and the versions that they are of."""
    for line in lines:
        bound = "at least" if line.sense == "least" else "at most"
        mark = "" if line.met else "   NOT MET"
        print(
            f"{line.work} | {line.against} | {bound} {line.goal:g} | {line.ratio} | {line.same}{mark}", flush=True
        )
    FOUND.mkdir(exist_ok=True)
    held = {
        "machine": hardware().model_dump(),
        "versions": dict(versions()),
        "lines": [asdict(line) for line in lines],
    }
    (FOUND / f"{name}.json").write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def kept(name: str) -> list[Line]:
    """What `keep` kept of a benchmark; nothing where it never ran."""
    file = FOUND / f"{name}.json"
    if not file.exists():
        return []
    lines = json.loads(file.read_text(encoding="utf-8"))["lines"]
    return [Line(**{**line, "ratio": Ratio(**line["ratio"])}) for line in lines]
