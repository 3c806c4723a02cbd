"""How far a run has come: a gate judges nothing that has not ended.

tweets/lora/0-0   failed    incomplete
tweets/lora/1-0   stopped   BudgetError: budget
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.comparison import Compared, TaskComparison
from harness.errors import BudgetError
from harness.gating.records import Check, Outcome

if TYPE_CHECKING:
    from harness.comparing.evidence import Contender, Trial

_ENDED = ("finished", "not-applicable", "candidate")


def unended(compared: Compared, task: TaskComparison, strategy: str | None) -> Iterator[Check]:
    """What of a task has not ended with a result, a check each; nothing where all has.

    Args:
        compared: The run.
        task: Which task.
        strategy: Only its trials; all without it, for then they all have a part in what is recommended.
    """
    evidence = compared.evidence[task.task]
    found = False
    for contender in evidence.contenders:
        if strategy is not None and strategy not in (contender.name, contender.strategy):
            continue
        for trial in contender.trials:
            if trial.header.status not in _ENDED:
                found = True
                yield Check(
                    task=task.task,
                    strategy=contender.name,
                    asked=f"seed {trial.header.key.seed} has ended",
                    outcome=_outcome(trial),
                    words=_why(trial),
                )
        missing = _missing(compared, contender)
        if missing > 0:
            found = True
            told = "1 of its trials was" if missing == 1 else f"{missing} of its trials were"
            yield _begun(task, contender.name, f"{told} not begun")
    if found or compared.complete:
        return
    if strategy is None:
        yield _begun(task, "", "the run has trials that were not begun, or has not come to its end")
    elif not any(strategy in (contender.name, contender.strategy) for contender in evidence.contenders):
        yield _begun(task, strategy, "none of its trials was begun")


def _missing(compared: Compared, contender: Contender) -> int:
    """Trials of a strategy that were asked for and have no record; those of a learning curve are not counted."""
    header, trials = compared.runs[0], contender.trials
    if contender.train_size is not None or any(trial.header.status == "not-applicable" for trial in trials):
        return 0
    return len(header.seeds) * header.repeats - len(trials)


def _begun(task: TaskComparison, strategy: str, words: str) -> Check:
    return Check(
        task=task.task, strategy=strategy, asked="all trials have ended", outcome="incomplete", words=words
    )


def _outcome(trial: Trial) -> Outcome:
    problem = trial.header.problem
    return "budget" if problem is not None and problem.kind == BudgetError.__name__ else "incomplete"


def _why(trial: Trial) -> str:
    problem = trial.header.problem
    status = trial.header.status
    return f"{status}: {problem.message.splitlines()[0]}" if problem and problem.message else status
