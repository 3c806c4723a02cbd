"""How far a run has come: a gate judges nothing that has not ended.

tweets/knn/0-0    missing   incomplete
tweets/shots/0-0  rows      incomplete   finished, with 150 of 300 test rows in its record
tweets/lora/0-0   failed    incomplete
tweets/lora/1-0   stopped   BudgetError: budget
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.comparison import Compared, TaskComparison
from harness.errors import BudgetError
from harness.gating.records import Check
from harness.records import Problem
from harness.running.gaps import Gap


def unended(compared: Compared, task: TaskComparison, strategy: str | None) -> Iterator[Check]:
    """What of a task has not ended with a result, a check each; nothing where all has.

    Args:
        compared: The run.
        task: Which task.
        strategy: Only its trials; all without it, for then they all have a part in what is recommended.
    """
    missing = [gap for gap in compared.gaps if gap.key.task == task.task and concerns(gap, strategy)]
    for gap in missing:
        problem = _problem(compared, gap)
        spent = problem is not None and problem.kind == BudgetError.__name__
        told = problem.message.splitlines()[0] if problem is not None and problem.message else ""
        yield Check(
            task=task.task,
            strategy=gap.key.contender,
            asked=f"seed {gap.key.seed} has ended" + (f", repeat {gap.key.repeat}" if gap.key.repeat else ""),
            outcome="budget" if spent else "incomplete",
            words=f"{gap.what}: {told}" if told else gap.words,
        )
    if not missing and strategy is None and not compared.complete and not compared.gaps:
        words = "the run has not come to its end"
        yield Check(task=task.task, strategy="", asked="the run has ended", outcome="incomplete", words=words)


def concerns(gap: Gap, strategy: str | None) -> bool:
    """Whether a trial that is not whole has a part in what is judged."""
    return strategy is None or strategy in (gap.key.strategy, gap.key.contender)


def _problem(compared: Compared, gap: Gap) -> Problem | None:
    for contender in compared.evidence[gap.key.task].contenders:
        for trial in contender.trials:
            if trial.header.key == gap.key:
                return trial.header.problem
    return None
