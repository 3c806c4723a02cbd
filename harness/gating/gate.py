"""A gate: passes a run on, or not, by a rule that it says.

harness gate results/X --baseline baseline.json --min accuracy=0.85 --max p95_seconds=0.5 --no-regression
  passed        accuracy at least 0.85
  passed        p95_seconds at most 0.5
  inconclusive  no regression of accuracy against features
inconclusive, exit code 11
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.comparing.records import StrategyFigures
from harness.comparison import Compared, TaskComparison
from harness.errors import SuiteError, suggest
from harness.gating.baseline import Baseline, Kept, KeptTask
from harness.gating.limits import known, limit_check, surely_unmet
from harness.gating.records import LIMIT_RULE, Check, Gate, Outcome, Wanted, worst
from harness.gating.regression import no_regression, rule
from harness.gating.standing import concerns, unended
from harness.suite.figures import impossible


def gate(compared: Compared, wanted: Wanted, baseline: Baseline | None = None) -> Gate:
    """Judges a run.

    Args:
        compared: The run.
        wanted: What is asked for.
        baseline: What it is held against, for `no_regression`.

    Raises:
        SuiteError: Nothing is asked for, or something that there is not.
        StoreError: The baseline lacks the task.
    """
    _check(compared, wanted, baseline)
    tasks = _tasks(compared, wanted)
    _check_names(compared, tasks, wanted)
    checks: list[Check] = []
    rules = [LIMIT_RULE] if wanted.minimum or wanted.maximum else []
    notes: list[str] = []
    for task in tasks:
        waited = list(unended(compared, task, wanted.strategy))
        checks += waited
        figures = _candidate(task, wanted)
        if isinstance(figures, Check):
            if figures.outcome != "incomplete" or not waited:  # else it is said already, and why
                checks.append(figures)
            continue
        checks += _limits(compared, task, figures, wanted)
        if wanted.no_regression and baseline is not None:
            old = baseline.task(task.task)
            margin = old.margin if wanted.margin is None else wanted.margin
            against = _against(old, figures, wanted)
            checks.append(no_regression(compared.evidence[task.task], figures, old, against, margin))
            rules.append(rule(margin))
            if wanted.margin is None and task.decide.margin != old.margin:
                notes.append(
                    f"{task.task}: the margin is the baseline's {old.margin:g}; the suite now says"
                    f" {task.decide.margin:g}, which --margin or a new baseline would bring in"
                )
    return Gate(
        outcome=worst([check.outcome for check in checks]),
        run=compared.runs[0].id,
        baseline=baseline.run if baseline is not None and wanted.no_regression else None,
        checks=tuple(checks),
        rules=tuple(dict.fromkeys(rules)),
        notes=tuple(notes),
    )


def _check(compared: Compared, wanted: Wanted, baseline: Baseline | None) -> None:
    if len(compared.runs) != 1:
        raise SuiteError(f"a gate judges one run, not {len(compared.runs)}")
    if not (wanted.minimum or wanted.maximum or wanted.no_regression):
        raise SuiteError("nothing to judge: give --min, --max or --no-regression")
    if wanted.no_regression and baseline is None:
        raise SuiteError("--no-regression needs --baseline FILE; `harness baseline RUN -o FILE` writes one")
    if wanted.margin is not None and not 0 < wanted.margin < 1:
        raise SuiteError(f"--margin must be above 0 and below 1, such as 0.02, not {wanted.margin!r}")


def _tasks(compared: Compared, wanted: Wanted) -> list[TaskComparison]:
    """The tasks asked for that have the strategy asked for."""
    names = [task.task for task in compared.tasks]
    if wanted.task is not None and wanted.task not in names:
        raise SuiteError(f"no task {wanted.task!r} in this run; {suggest(wanted.task, names)}")
    tasks = [task for task in compared.tasks if wanted.task in (None, task.task)]
    if wanted.strategy is None:
        return tasks
    waited = {gap.key.task for gap in compared.gaps if concerns(gap, wanted.strategy)}
    able = [task for task in tasks if task.task in waited or _named(task, wanted.strategy)]
    if not able:
        known = {figures.name for task in tasks for figures in task.strategies}
        raise SuiteError(f"no strategy {wanted.strategy!r} in this run; {suggest(wanted.strategy, known)}")
    return able


def _named(task: TaskComparison, strategy: str) -> StrategyFigures | None:
    for figures in task.strategies:
        if figures.status == "not-applicable" or strategy not in (figures.name, figures.strategy):
            continue
        if figures.train_size is None or strategy == figures.name:
            return figures
    return None


def _candidate(task: TaskComparison, wanted: Wanted) -> StrategyFigures | Check:
    """Who is judged: a strategy's figures; a check where there are none to judge."""
    name = wanted.strategy or task.recommendation.strategy
    if name is None:
        return _none_recommended(task)
    figures = _named(task, name)
    if figures is not None and figures.value is not None:
        return figures
    return Check(
        task=task.task, strategy=name, asked="it has a result", outcome="incomplete", words="it has no figure"
    )


def _none_recommended(task: TaskComparison) -> Check:
    """Failed where each strategy surely misses some limit of the suite; else more rows or a price may find one."""
    limits = task.recommendation.limits
    unmet = {check.strategy for check in limits if surely_unmet(check)}
    surely = bool(unmet) and unmet == {check.strategy for check in limits}
    words = task.recommendation.sentence or task.recommendation.outcome
    if limits and not surely:
        words += " Some may: of these no limit is missed by the figure itself: "
        words += ", ".join(sorted({check.strategy for check in limits} - unmet))
    outcome: Outcome = "failed" if surely else "inconclusive"
    return Check(task=task.task, strategy="", asked="a strategy is recommended", outcome=outcome, words=words)


def _limits(compared: Compared, task: TaskComparison, figures: StrategyFigures, wanted: Wanted) -> Iterator[Check]:
    """A limit on a figure that only other tasks have is none of this one's."""
    evidence = compared.evidence[task.task]
    names = known(evidence)
    for name, limit in wanted.minimum.items():
        if name in names:
            yield limit_check(evidence, figures, name, "minimum", limit)
    for name, limit in wanted.maximum.items():
        if name in names:
            yield limit_check(evidence, figures, name, "maximum", limit)


def _check_names(compared: Compared, tasks: Sequence[TaskComparison], wanted: Wanted) -> None:
    names = {name for task in tasks for name in known(compared.evidence[task.task])}
    for option, limits in (("--min", wanted.minimum), ("--max", wanted.maximum)):
        for name in limits:
            if name not in names:
                told = ", ".join(task.task for task in tasks)
                raise SuiteError(f"{option} {name!r} is no figure of {told}; {suggest(name, names)}")
    for limit in impossible(wanted.minimum, wanted.maximum):
        raise SuiteError(limit.message, where="--min" if limit.bound == "minimum" else "--max")


def _against(old: KeptTask, figures: StrategyFigures, wanted: Wanted) -> Kept:
    """The one asked for; else the one of the same name where one was asked for; else the one recommended then."""
    names = [wanted.baseline_strategy] if wanted.baseline_strategy else [old.recommended, figures.strategy]
    if wanted.strategy and not wanted.baseline_strategy:
        names.reverse()
    for name in names:
        found = old.strategy(name) if name else None
        if found is not None:
            return found
    known = [each.name for each in old.strategies]
    name = names[0] or figures.strategy
    raise SuiteError(
        f"the baseline has no strategy {name!r} of task {old.task!r}; {suggest(name, known)}. Say which with"
        " --baseline-strategy"
    )
