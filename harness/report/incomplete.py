"""What is said first: of runs that are not whole, and of what is not compared.

Not every trial has ended with a result; the figures are of what there is. `harness run RUN --resume` goes on.
tweets/knn/0-0: finished, with 150 of 300 test rows in its record
tweets/lora/0-0: not begun, or its record is gone
Task 'mails' is only in 2026-11-21-0915-sentiment: not compared
"""

from __future__ import annotations

from harness.comparison import Compared
from harness.running.forgotten import when

SAID = "Not every trial has ended with a result."
MOST = 8  # named; the others are counted


def incomplete(compared: Compared) -> list[str]:
    """A sentence, and the trials that it is about; nothing where all is there."""
    if compared.complete:
        return []
    unended = ", ".join(run.id for run in compared.runs if run.finished is None)
    head = f"{SAID} The figures are of what there is; `harness run RUN --resume` goes on."
    if not compared.gaps:
        return [f"{head} Not ended: {unended}"] if unended else [head]
    several = len(compared.runs) > 1
    told = [f"{gap.run}: {gap}" if several else str(gap) for gap in compared.gaps]
    more = len(told) - MOST
    return [head, *told[:MOST], *([f"and {more} more"] if more > 0 else [])]


def unshared(compared: Compared) -> list[str]:
    """Tasks that are not compared because one of the runs lacks them, and runs without texts, a sentence each."""
    where: dict[str, list[str]] = {}
    for run, tasks in compared.unshared.items():
        for task in tasks:
            where.setdefault(task, []).append(run)
    lone = [f"Task {task!r} is only in {' and '.join(runs)}: not compared" for task, runs in where.items()]
    gone = [run for run in compared.runs if run.forgotten is not None]
    return [
        *lone,
        *(f"The texts and prompts of {run.id} were forgotten on {when(run)}: figures stay" for run in gone),
    ]
