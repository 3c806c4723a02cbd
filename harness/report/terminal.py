"""A comparison for the terminal: 80 columns, plain where it is piped.

  strategy   accuracy  .40            1.0    p50  p95 ≤  prepare  $/month
* features      0.917               ──●─   11 ms  19 ms      4 s       <1
? lora          0.893               ──●─   38 ms  61 ms    152 s       <1
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from harness import numbers
from harness.comparing.labelled import labelled, most
from harness.comparing.pairs import verdict_on
from harness.comparing.reading import letters
from harness.comparing.records import StrategyFigures
from harness.comparison import Compared, TaskComparison
from harness.drift.saying import lines
from harness.records import RunHeader
from harness.report import prices
from harness.report.curve_table import curve_table
from harness.report.field_table import field_table
from harness.report.incomplete import incomplete, unshared
from harness.report.labels import of_labels
from harness.report.recommending import recommendation
from harness.report.strategy_table import StrategyTable
from harness.report.wrapped import Wrapped

# Metrics whose rows are right or wrong.
_SHARES = (
    "accuracy",
    "exact_match",
    "normalised_match",
    "numeric_match",
    "exact_set",
    "exact_object",
    "schema_valid",
)
_MARKS = {
    "*": "recommended",
    "=": "tied with it",
    "?": "too few rows to tell from it",
    "!": "no verdict: rows failed",
    "x": "not shown to be within your limits",
}


def table(compared: Compared) -> RenderableType:
    """All tasks of a comparison, each with its table, its recommendation and what to look at."""
    parts: list[RenderableType] = []
    if first := [*incomplete(compared), *unshared(compared)]:
        parts += [Wrapped(numbers.plain("\n".join(first), newlines=True), style="bold"), Text()]
    for task in compared.tasks:
        parts += [*_task(compared, task), Text()]
    parts += [Wrapped(line, style="dim") for line in prices.lines(prices.prices_of(compared))]
    canaries = [line for asked in compared.canaries.values() for line in lines(asked)]
    if canaries:
        parts.append(Wrapped("\n".join(canaries), style="dim"))
    if not any(task.strategies for task in compared.tasks):
        parts.append(Text("No trial of this run has begun, or no record of any is left."))
    return Group(*parts)


def _task(compared: Compared, task: TaskComparison) -> Iterator[RenderableType]:
    yield _heading(compared, task)
    yield Text()
    if not task.strategies:
        return
    if any(each.train_size is not None for each in task.strategies):
        yield from curve_table(task.diagnosis.curves)
    # A learning curve's smaller sizes stand in its own table.
    largest = most(each for each in task.strategies if each.value) or most(task.strategies)
    task = task.model_copy(
        update={"strategies": tuple(each for each in task.strategies if labelled(each) >= largest)}
    )
    marks = {each.name: _mark(task, each.name) for each in task.strategies}
    yield StrategyTable(task, marks)
    yield from (Wrapped(line, style="dim") for line in _notes(task, set(marks.values())))
    yield from field_table(task)
    yield Text()
    yield from recommendation(task)


def _heading(compared: Compared, task: TaskComparison) -> Wrapped:
    header = compared.runs[-1]
    seeds = ", ".join(map(str, task.seeds))
    counted = [numbers.count(task.rows[name]) for name in ("test", "train", "validation")]
    named = letters(len(compared.runs))
    lines = [
        f"{header.name} / {task.task} · {counted[0]} test rows, {counted[1]} train, {counted[2]} validation"
        f" · seed {seeds}",
        *(_run(run, letter, len(compared.runs)) for run, letter in zip(compared.runs, named, strict=True)),
    ]
    if len(compared.runs) == 1:
        lines[1] += f" · test rows looked at {_looks(task.looks)}"
    return Wrapped("\n".join([*lines, *_pairing(task)]))


def _run(run: RunHeader, letter: str, runs: int) -> str:
    machine = "; ".join((*run.hardware.gpus, f"{run.hardware.cores} cores"))
    return machine if runs == 1 else f"{letter} is {run.id}, on {machine}"


def _looks(looked: int) -> str:
    return "for the first time" if looked == 0 else f"in {numbers.plural(looked, 'earlier run')} already"


def _pairing(task: TaskComparison) -> Iterator[str]:
    found = task.pairing
    for run, ids in found.unpaired.items():
        yield f"{numbers.plural(len(ids), 'test row')} only in {run}: not compared ({_some(ids)})"
    if found.changed:
        rows = numbers.plural(len(found.changed), "row")
        yield f"{rows} of another text under the same id: not compared ({_some(found.changed)})"
    if found.relabelled:
        rows = numbers.plural(len(found.relabelled), "row")
        yield f"{rows} with another target now: all are scored under the last run's ({_some(found.relabelled)})"


def _some(ids: Sequence[str]) -> str:
    return ", ".join(numbers.plain(each) for each in ids[:3]) + (", …" if len(ids) > 3 else "")


def _mark(task: TaskComparison, name: str) -> str:
    chosen = task.recommendation.strategy
    if name == chosen:
        return "*"
    if name in task.recommendation.outside:
        return "x"
    verdict = verdict_on(task.pairs, name, chosen) if chosen else None
    return {"tied": "=", "too few to tell": "?", "no verdict": "!"}.get(str(verdict), " ")


def _notes(task: TaskComparison, marks: set[str]) -> Iterator[str]:
    """What the table cannot say: n, intervals, marks, choices, failures, warnings."""
    answered = [each for each in task.strategies if each.value is not None]
    yield _intervals(task, answered)
    shown = [f"{mark} {word}" for mark, word in _MARKS.items() if mark in marks]
    if shown:
        yield " · ".join(shown)
    mode = task.decide.serving.mode.replace("_", " ")
    if any(each.cost.per_month is not None for each in answered):
        answers = numbers.plural(task.decide.answers_per_month, "answer")
        yield f"$/month: {answers}, served {mode}; preparing is not in it."
    elif answered:
        yield "$/1,000: metered, for 1,000 answers; `answers_per_month` gives money a month."
    spreads = [
        f"{numbers.plain(each.name)} {numbers.proportion(each.spread)}"
        for each in answered
        if each.spread is not None
    ]
    if spreads:
        yield f"Standard deviation between seeds: {', '.join(spreads)}"
    for each in task.strategies:
        yield from _of_strategy(each)
    yield from map(numbers.plain, of_labels(task))


def _intervals(task: TaskComparison, answered: Sequence[StrategyFigures]) -> str:
    n = sorted({each.value.n for each in answered if each.value})
    counts = " to ".join(numbers.count(c) for c in (n[:1] + n[-1:] if len(n) > 1 else n)) or "0"
    binary = task.metric in _SHARES
    seeds = max((len(each.by_trial) for each in answered), default=1)
    how = "Wilson" if binary else "Bootstrap (BCa)"
    if seeds > 1:
        how = f"Bootstrap over rows and {seeds} trials,"
    timed = max((each.latency.timed for each in answered if each.latency), default=0)
    rows = f"{numbers.plural(timed, 'row')} asked one at a time"
    latency = f"; latency: {rows}, p95 as its upper bound" if timed else ""
    if timed and not any(each.latency and each.latency.p95 for each in answered):
        latency = f"; latency: {rows} (p95 needs 72)"
    return f"{how} intervals at 95 %, n = {counts}{latency}"


def _of_strategy(each: StrategyFigures) -> Iterator[str]:
    name = numbers.plain(each.name)
    if each.chosen:
        yield f"{name}: {numbers.plain(', '.join(each.chosen))}, chosen on validation"
    if each.failed:
        kinds = ", ".join(f"{numbers.count(c)} {numbers.plain(k)}" for k, c in each.failures.items())
        asked = each.n * max(1, len(each.by_trial))
        yield f"{name}: {each.failed} of {asked} answers failed ({kinds}); the interval counts them both ways"
    if each.problem:
        yield f"{name}: {each.status}: {numbers.plain(each.problem)}"
    for warning in each.warnings:
        yield f"{name}: {numbers.plain(warning)}"
